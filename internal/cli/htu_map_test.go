package cli

import (
	"errors"
	"strings"
	"testing"
)

func TestHTUMap(t *testing.T) {
	m := HTUMap{given: []string{
		"https://api.example.com/v0=https://v0.example.com",
		"https://api.example.com=http://backend:8080",
		"HTTPS://API.example.com:443/v1/=https://v1.example.com/base",
		"https://a.example/x=y=HTTPS://b.example/z",
	}}
	if err := m.Read(); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"https://api.example.com":                  "http://backend:8080/",
		"https://api.example.com/":                 "http://backend:8080/",
		"https://api.example.com/orders?q=1#f":     "http://backend:8080/orders",
		"https://API.example.com:443/a%2Fb/../c":   "http://backend:8080/a%2Fb/../c",
		"https://api.example.com/v0/x":             "https://v0.example.com/x",
		"https://api.example.com/v1":               "https://v1.example.com/base",
		"https://api.example.com/v1/x":             "https://v1.example.com/base/x",
		"https://api.example.com/v12":              "http://backend:8080/v12",
		"https://api.example.com.evil.example/v1":  "https://api.example.com.evil.example/v1",
		"https://api.example.com:8443/v1":          "https://api.example.com:8443/v1",
		"http://api.example.com/v1":                "http://api.example.com/v1",
		"https://a.example/x=y/1":                  "https://b.example/z/1",
		"https://other.example/api.example.com/v1": "https://other.example/api.example.com/v1",
	} {
		if got, err := m.Of(url); err != nil || got != want {
			t.Errorf("%s: %s, %v; want %s", url, got, err, want)
		}
	}
	if _, err := m.Of("no-url"); err == nil {
		t.Error("no URL has an htu")
	}
}

func TestHTUMapIsRefused(t *testing.T) {
	for _, tt := range []struct{ given, says string }{
		{"https://a.example", "FROM=TO"},
		{"https://a.example=", "FROM=TO"},
		{"=https://a.example", "no scheme"},
		{"a.example=https://b.example", "no scheme"},
		{"https://a.example=b.example", "FROM=TO"},
		{"https://a.example?x=https://b.example", "query"},
		{"https://a.example=https://b.example#x", "fragment"},
		{"https://u:p@a.example=https://b.example", "user name"},
		{"https://a.example=https://b.example https://A.example/=https://c.example", "twice"},
	} {
		m := HTUMap{given: strings.Fields(tt.given)}
		err := m.Read()
		var usage *UsageError
		var input *InputError
		if !errors.As(err, &usage) && !errors.As(err, &input) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", tt.given, err)
		}
	}
	m := HTUMap{given: []string{"https://a.example=https://b.example", "https://a.example/=https://b.example/"}}
	if err := m.Read(); err != nil {
		t.Errorf("the same twice: %v", err)
	}
}
