package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/ui"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A secret is left where it came from only if a shell reads there what was read here.
func TestASecretAsAShellFindsIt(t *testing.T) {
	for _, tt := range []struct{ name, text, secret string }{
		{"plain", "s3cret", "s3cret"},
		{"with a line end", "s3cret\n", "s3cret"},
		{"with odd characters", "a'b \"$c`d\n", "a'b \"$c`d"},
		{"with a line break inside", "a\nb\n", "a\nb"},
	} {
		file := writeFile(t, "it's one", tt.text)
		e := Test(strings.NewReader(""), nil, nil, nil, time.Unix(0, 0))
		value, err := e.Value("client-secret", "@"+file)
		if err != nil || value != tt.secret {
			t.Fatal(value, err)
		}
		i := Identity{secret: "@" + file}
		if word, literal := i.SecretInShell(e, value); literal || word != ui.ContentOf(file) {
			t.Errorf("%s: %s, literal %v", tt.name, word, literal)
		}
	}
	for name, text := range map[string]string{
		"with two line ends": "s3cret\n\n", "with CRLF": "s3cret\r\n", "with a mark": "\ufeffs3cret", "in UTF-16": "\xff\xfes\x003\x00",
	} {
		file := writeFile(t, "secret", text)
		e := Test(strings.NewReader(""), nil, nil, nil, time.Unix(0, 0))
		value, err := e.Value("client-secret", "@"+file)
		if err != nil {
			t.Fatal(err)
		}
		i := Identity{secret: "@" + file}
		if word, literal := i.SecretInShell(e, value); !literal || word != ui.Word(value) {
			t.Errorf("%s: %s, literal %v", name, word, literal)
		}
	}
	e := Test(strings.NewReader(""), nil, nil, nil, time.Unix(0, 0))
	for _, given := range []string{"s3cret", "@@s3cret", "-"} {
		i := Identity{secret: given}
		if word, literal := i.SecretInShell(e, "s3cret"); !literal || word != "s3cret" {
			t.Errorf("%s: %s, literal %v", given, word, literal)
		}
	}
	e.origins = map[string]string{"client-secret": FromEnvironment}
	i := Identity{secret: "@literal"}
	if word, literal := i.SecretInShell(e, "@literal"); literal || word != `"$OAUTHPOP_CLIENT_SECRET"` {
		t.Errorf("from the environment: %s, literal %v", word, literal)
	}
}

func TestAConnectionAsCurlMakesIt(t *testing.T) {
	c := Connection{cacert: "a b.pem", insecure: true, resolve: []string{"a:443:127.0.0.1", "b:1:[::1]"}, maxTime: 1500 * time.Millisecond, timeout: time.Second}
	got, err := c.Curl()
	want := []ui.Shell{"--cacert", "'a b.pem'", "--insecure", "--resolve", "a:443:127.0.0.1", "--resolve", "'b:1:[::1]'", "--max-time", "1.5"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for _, file := range []string{"-", "env:CA", "/dev/fd/63"} {
		c.cacert = file
		if got, err := c.Curl(); err == nil {
			t.Errorf("%s became %q", file, got)
		}
	}
}

func TestWhatCanBeHandedOn(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("keys.jwks", []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	e := Test(strings.NewReader(""), nil, nil, map[string]string{"OAUTHPOP_CERT": "old.pem", "OAUTHPOP_CERT_KEY": "old-key.pem"}, time.Unix(0, 0))
	for given, want := range map[string]string{
		"key.jwk": filepath.Join(here, "key.jwk"), "../x/key.jwk": filepath.Join(filepath.Dir(here), "x", "key.jwk"),
		"keys.jwks#a/../b": filepath.Join(here, "keys.jwks") + "#a/../b", "env:KEY": "env:KEY",
		"-": "", "gen:ES256": "", "/dev/fd/63": "", "/proc/self/fd/3": "",
	} {
		c := Client{ProofKey: given}
		got, err := c.Handover(e, true, false)
		switch {
		case want == "" && err == nil:
			t.Errorf("%s is handed on as %v", given, got)
		// What the environment has of the other mechanism must not stay.
		case want != "" && !slices.Equal(got, [][2]string{{"OAUTHPOP_KEY", want}, {"OAUTHPOP_CERT", ""}, {"OAUTHPOP_CERT_KEY", ""}}):
			t.Errorf("%s is handed on as %v, %v", given, got, err)
		}
	}
}
