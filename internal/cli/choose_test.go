package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/cli"
)

const twoKeys = `{"keys":[{"kty":"oct","kid":"a"},{"kty":"oct","kid":"x#y"}]}`

func TestBehindAHashStandsTheKeyThatIsMeant(t *testing.T) {
	dir := t.TempDir()
	file, odd := filepath.Join(dir, "keys.json"), filepath.Join(dir, "odd#a")
	for _, name := range []string{file, odd} {
		if err := os.WriteFile(name, []byte(twoKeys), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		file:              twoKeys,
		file + "#a":       `{"kty":"oct","kid":"a"}`,
		file + "#x#y":     `{"kty":"oct","kid":"x#y"}`,
		odd:               twoKeys,
		odd + "#a":        `{"kty":"oct","kid":"a"}`,
		"env:KEYS#a":      `{"kty":"oct","kid":"a"}`,
		"-#a":             `{"kty":"oct","kid":"a"}`,
		file + "#z":       `no key with the kid "z"`,
		file + "#":        `no key with the kid ""`,
		dir + "/none#a":   "none#a",
		"env:NONE#a":      "no variable NONE",
		"env:KEYS#a#more": `no key with the kid "a#more"`,
	} {
		env := cli.Test(strings.NewReader(twoKeys), &bytes.Buffer{}, &bytes.Buffer{}, map[string]string{"KEYS": twoKeys}, time.Time{})
		got, err := env.Material("--key", name)
		text := string(got)
		if err != nil {
			text = err.Error()
		}
		if text != want && (err == nil || !strings.Contains(text, want)) {
			t.Errorf("%s: %s, want %s", name, text, want)
		}
	}
	var stderr bytes.Buffer
	env := cli.Test(nil, &bytes.Buffer{}, &stderr, nil, time.Time{})
	env.WarnReadable(file + "#a")
	if os.PathSeparator == '/' && !strings.Contains(stderr.String(), "can be read by others; chmod 600 "+file+"\n") {
		t.Errorf("no warning about %s: %q", file, &stderr)
	}
}
