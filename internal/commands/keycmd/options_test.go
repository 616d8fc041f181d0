package keycmd

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
)

func testEnv() (env *cli.Env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	env = cli.Test(strings.NewReader(""), stdout, stderr, nil, time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
	env.Global.Output = "text"
	return env, stdout, stderr
}

// parse runs cmd with a command line; what it would do is replaced by the caller.
func parse(cmd *cobra.Command, line string) error {
	cmd.SetArgs(strings.Fields(line))
	cmd.SetOut(io.Discard)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	return cmd.Execute()
}

func TestGenerateFlags(t *testing.T) {
	env, _, _ := testEnv()
	var got *generateOptions
	run := func(o *generateOptions) error { got = o; return nil }
	if err := parse(newGenerateCmd(env, run), ""); err != nil {
		t.Fatal(err)
	}
	if got.alg != "ES256" || got.bits != 0 || got.format != "jwk" || got.out != "" || got.force {
		t.Errorf("defaults %+v", got)
	}
	if err := parse(newGenerateCmd(env, run), "--alg PS256 --bits 3072 --format pem --out k --force"); err != nil {
		t.Fatal(err)
	}
	if got.alg != "PS256" || got.bits != 3072 || got.format != "pem" || got.out != "k" || !got.force {
		t.Errorf("options %+v", got)
	}
}

func TestReadingVerbsTakeTheirFlags(t *testing.T) {
	env, _, _ := testEnv()
	var show *showOptions
	if err := parse(newShowCmd(env, func(o *showOptions) error { show = o; return nil }), "k.pem --passphrase a --passphrase b,c"); err != nil {
		t.Fatal(err)
	}
	if list, err := show.passphrases.Read(env); err != nil || show.file != "k.pem" || !slices.Equal(list, []string{"a", "b,c"}) {
		t.Errorf("show: %+v, %v", show, err)
	}
	var print *thumbprintOptions
	if err := parse(newThumbprintCmd(env, func(o *thumbprintOptions) error { print = o; return nil }), "--uri --of-certificate -"); err != nil {
		t.Fatal(err)
	}
	if !print.uri || !print.ofCertificate || print.file != "-" {
		t.Errorf("thumbprint: %+v", print)
	}
	var convert *convertOptions
	if err := parse(newConvertCmd(env, func(o *convertOptions) error { convert = o; return nil }), "k --format der --public --out x"); err != nil {
		t.Fatal(err)
	}
	if convert.file != "k" || convert.format != "der" || !convert.public || convert.out != "x" {
		t.Errorf("convert: %+v", convert)
	}
	var jwks *jwksOptions
	if err := parse(newJWKSCmd(env, func(o *jwksOptions) error { jwks = o; return nil }), "a b --passphrase p c"); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(jwks.files, []string{"a", "b", "c"}) {
		t.Errorf("jwks: %+v", jwks)
	}
}

func TestFaultsOfTheCommandLineAreNamed(t *testing.T) {
	for line, want := range map[string]string{
		"generate --bits 0":                       "--bits 0",
		"generate --bits -5":                      "--bits -5",
		"generate --bits 256":                     "ES256",
		"generate --alg RS256 --bits 1024":        "1024",
		"generate --alg HS256":                    `"HS256"`,
		"generate --format der":                   `--format "der"`,
		"generate --force":                        "--out",
		"generate --out=":                         "--out is empty",
		"generate --out -":                        `--out "-"`,
		"generate extra":                          "extra",
		"convert k":                               "needs --format",
		"convert k --format p12":                  `--format "p12"`,
		"convert --format pem":                    "a key file",
		"convert k --format pem --out ./k":        "would replace the key",
		"convert k --format pem --out k --force":  "would replace the key",
		"convert k --format pem --public --force": "--force",
		"show":       "a key file",
		"show a b":   `"b"`,
		"thumbprint": "a key file",
		"jwks":       "key or certificate files",
	} {
		env, stdout, _ := testEnv()
		err := parse(New(env), line)
		var usage *cli.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want a *cli.UsageError with %s", line, err, want)
		}
		if stdout.Len() > 0 {
			t.Errorf("%s printed %s", line, stdout)
		}
	}
}

func TestBinaryIsNotWrittenToATerminal(t *testing.T) {
	env, stdout, _ := testEnv()
	env.StdoutTerminal = true
	path := filepath.Join(t.TempDir(), "k")
	if err := parse(New(env), "generate --out "+path); err != nil {
		t.Fatal(err)
	}
	var usage *cli.UsageError
	if err := parse(New(env), "convert --format der "+path); !errors.As(err, &usage) || stdout.Len() > 0 {
		t.Errorf("error %v, printed %q", err, stdout)
	}
	env.StdoutTerminal = false
	if err := parse(New(env), "convert --format der "+path); err != nil || stdout.Len() == 0 || stdout.Bytes()[0] != 0x30 {
		t.Errorf("error %v, printed %q", err, stdout)
	}
}

func TestFilesAreMadeForTheirOwner(t *testing.T) {
	dir := t.TempDir()
	key, public := filepath.Join(dir, "k"), filepath.Join(dir, "p")
	env, stdout, stderr := testEnv()
	if err := parse(New(env), "generate --out "+key); err != nil {
		t.Fatal(err)
	}
	if stdout.Len() > 0 || !strings.Contains(stderr.String(), key) || !strings.Contains(stderr.String(), "jkt ") {
		t.Errorf("stdout %q, stderr %q", stdout, stderr)
	}
	if err := parse(New(env), "convert "+key+" --format jwk --public --out "+public); err != nil {
		t.Fatal(err)
	}
	// What others make here may be read as far as the umask lets it.
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if os.PathSeparator == '/' && (mode(t, key) != 0o600 || mode(t, public) != mode(t, other)) {
		t.Errorf("the modes are %o and %o", mode(t, key), mode(t, public))
	}
	if b, err := os.ReadFile(public); err != nil || bytes.Contains(b, []byte(`"d"`)) {
		t.Errorf("the public key is %s, %v", b, err)
	}
}

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Perm()
}
