package state_test

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/server"
	"github.com/oauthpop/oauthpop/internal/server/state"
)

func now() time.Time { return time.Unix(1_800_000_000, 0) }

func open(t *testing.T, dir string, at time.Time, hosts ...string) *state.State {
	t.Helper()
	s, err := state.Open(dir, at, hosts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// contents are all files of a folder, by path.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestStateIsMadeOnceAndUsedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "state")
	s := open(t, dir, now())
	before := contents(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, now().Add(time.Hour))
	after := contents(t, dir)
	for path, text := range before {
		if after[path] != text {
			t.Errorf("%s was changed", path)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d files, before %d", len(after), len(before))
	}
}

func TestPrivateFilesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // mode bits say nothing there
	}
	dir := filepath.Join(t.TempDir(), "state")
	open(t, dir, now())
	for path := range contents(t, dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		certificate := filepath.Ext(path) == ".pem" && !strings.HasSuffix(path, "-key.pem")
		if info.Mode().Perm()&0o077 != 0 && !certificate {
			t.Errorf("%s is %v", path, info.Mode())
		}
	}
	for _, folder := range []string{dir, filepath.Join(dir, "clients")} {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s is %v", folder, info.Mode())
		}
	}
}

func TestSecondOpeningIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, now())
	_, err := state.Open(dir, now(), nil)
	var used *state.InUseError
	if !errors.As(err, &used) {
		t.Fatalf("got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, now())
}

// Whatever is missing is made, from what is there: a start that was cut short
// leaves nothing that the next cannot use.
func TestMissingFilesAreCompleted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, now())
	before := contents(t, dir)
	_ = s.Close()
	for path, text := range before {
		if filepath.Base(path) == "serve.lock" {
			continue
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		s, err := state.Open(dir, now(), nil)
		key := filepath.Ext(path) == ".pem" && strings.HasSuffix(path, "-key.pem")
		switch {
		case key && err == nil:
			t.Errorf("without %s: a certificate has no key, and nobody says so", path)
		case key && !strings.Contains(err.Error(), path):
			t.Errorf("without %s: %v", path, err)
		case !key && err != nil:
			t.Errorf("without %s: %v", path, err)
		}
		if err == nil {
			_ = s.Close()
		}
		_ = os.Remove(path)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestServerCertificate(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, now())
	covers := func(s *state.State, at time.Time, host string) error {
		roots := x509.NewCertPool()
		roots.AddCert(s.ServerCA.Certificate)
		_, err := s.Certificate.Leaf.Verify(x509.VerifyOptions{DNSName: host, Roots: roots, CurrentTime: at})
		return err
	}
	for _, host := range []string{"localhost", "127.0.0.1", "::1"} {
		if err := covers(s, now(), host); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
	ca := s.ServerCA.Certificate.Raw
	_ = s.Close()
	for _, c := range []struct {
		name, host string
		at         time.Time
	}{
		{"another host", "test.example", now()},
		{"another address", "192.0.2.1", now()},
		{"it ends soon", "localhost", now().Add(340 * 24 * time.Hour)},
		{"it ended", "localhost", now().Add(800 * 24 * time.Hour)},
	} {
		s := open(t, dir, c.at, c.host)
		if err := covers(s, c.at.Add(24*time.Hour), c.host); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if !slices.Equal(ca, s.ServerCA.Certificate.Raw) {
			t.Errorf("%s: there is a new CA", c.name)
		}
		_ = s.Close()
	}
	_, err := state.Open(dir, now().Add(20*365*24*time.Hour), nil)
	var end *state.ExpiredError
	if !errors.As(err, &end) {
		t.Errorf("after twenty years: %v", err)
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ca-key.pem"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := state.Open(dir, now(), nil)
	var wrong *material.Error
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), "ca-key.pem") {
		t.Errorf("got %v", err)
	}
	// The lock is free again.
	if err := os.Remove(filepath.Join(dir, "ca-key.pem")); err != nil {
		t.Fatal(err)
	}
	open(t, dir, now())
}

func TestEveryBuiltInClientCanBeRegistered(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, now())
	_, err := server.New(server.Config{
		Issuer: "https://localhost:1", MTLS: "https://localhost:2", Key: s.SigningKey,
		ClientCAs: s.ClientCAs(), Clients: s.Registrations(), Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := state.ClientList(append(s.Clients, state.WithoutFiles(server.Client{ID: "mine", Secret: "mine-secret"})))
	if err != nil {
		t.Fatal(err)
	}
	var clients []map[string]any
	if err := json.Unmarshal(list, &clients); err != nil {
		t.Fatal(err)
	}
	methods := map[any]bool{}
	for _, c := range clients {
		methods[c["token_endpoint_auth_method"]] = true
		for _, member := range []string{"key", "cert", "cert_key", "secret_file"} {
			path, ok := c[member].(string)
			if !ok {
				continue
			}
			if _, err := os.Stat(path); err != nil || !filepath.IsAbs(path) {
				t.Errorf("%s of %s: %v", member, c["client_id"], err)
			}
		}
	}
	if len(methods) != 6 || clients[5]["client_secret"] != "mine-secret" {
		t.Errorf("got %v", clients)
	}
	secret, err := os.ReadFile(filepath.Join(dir, "clients", "basic.secret"))
	if err != nil || strings.TrimSpace(string(secret)) != clients[0]["client_secret"] {
		t.Errorf("basic has the secret %v, its file %q", clients[0]["client_secret"], secret)
	}
}
