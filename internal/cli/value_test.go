package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func testEnv(stdin string, environ map[string]string) *Env {
	return Test(strings.NewReader(stdin), &bytes.Buffer{}, &bytes.Buffer{}, environ, time.Unix(1_700_000_000, 0))
}

func TestValue(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tests := []struct{ name, value, stdin, want string }{
		{"itself", "plain", "", "plain"},
		{"a literal @", "@@x", "", "@x"},
		{"an @ inside", "a@b", "", "a@b"},
		{"a file", "@" + file("a", "value"), "", "value"},
		{"one final LF is cut", "@" + file("b", "value\n"), "", "value"},
		{"one final CRLF is cut", "@" + file("c", "value\r\n"), "", "value"},
		{"a second newline stays", "@" + file("d", "value\n\n"), "", "value\n"},
		{"spaces stay", "@" + file("e", " value "), "", " value "},
		{"a lone CR stays", "@" + file("f", "value\r"), "", "value\r"},
		{"a byte order mark is dropped", "@" + file("g", "\ufeffvalue"), "", "value"},
		{"UTF-16LE", "@" + file("h", "\xff\xfev\x00\n\x00"), "", "v"},
		{"UTF-16BE", "@" + file("i", "\xfe\xff\x00v"), "", "v"},
		{"standard input", "-", "from stdin\n", "from stdin"},
		{"an empty file", "@" + file("j", ""), "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := testEnv(tt.stdin, nil).Value("token", tt.value)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestValueNamesTheFileThatIsMissing(t *testing.T) {
	_, err := testEnv("", nil).Value("token", "@/no/such/file")
	var input *InputError
	if !errors.As(err, &input) || !strings.Contains(err.Error(), "/no/such/file") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyOneValueIsStandardInput(t *testing.T) {
	env := testEnv("x", nil)
	if _, err := env.Value("--token", "-"); err != nil {
		t.Fatal(err)
	}
	_, err := env.Material("--key", "-")
	var usage *UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "--token and --key") {
		t.Errorf("got %v", err)
	}
}

func TestAnEnvironmentValueIsLiteral(t *testing.T) {
	env := testEnv("never read", nil)
	env.origins = map[string]string{"client-secret": FromEnvironment}
	for _, s := range []string{"@file", "-", "@@x"} {
		if got, err := env.Value("client-secret", s); err != nil || got != s {
			t.Errorf("%q became %q, %v", s, got, err)
		}
	}
}

func TestMaterialFromAVariable(t *testing.T) {
	env := testEnv("", map[string]string{"KEY": "{}"})
	if got, err := env.Material("--key", "env:KEY"); err != nil || string(got) != "{}" {
		t.Errorf("got %q, %v", got, err)
	}
	var input *InputError
	if _, err := env.Material("--key", "env:NONE"); !errors.As(err, &input) {
		t.Errorf("got %v", err)
	}
}

func TestStandardInputIsBounded(t *testing.T) {
	_, err := testEnv("123456", nil).ReadStdin("x", 5)
	if err == nil {
		t.Error("six bytes were read where five are the bound")
	}
}
