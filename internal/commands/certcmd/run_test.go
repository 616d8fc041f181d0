package certcmd

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
)

// runCert runs a command line in a world with its own output.
func runCert(t *testing.T, line string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	env := testEnv()
	env.Stdout, env.Stderr = &out, &errs
	root := New(env)
	env.AddGlobal(root)
	root.PersistentPreRunE = env.Prepare
	err = parse(root, line)
	return out.String(), errs.String(), err
}

func mustRun(t *testing.T, line string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, err := runCert(t, line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return stdout, stderr
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, path string, parts ...[]byte) {
	t.Helper()
	if err := os.WriteFile(path, slices.Concat(parts...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// below makes a folder with a CA that the CA in another folder has signed. What
// stands above it comes first in its ca.pem.
func below(t *testing.T, name, parent string) string {
	t.Helper()
	above := read(t, filepath.Join(parent, caCertFile))
	pair, err := material.Pair("ca.pem", above, "ca-key.pem", read(t, filepath.Join(parent, caKeyFile)), nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Generate("ES384", 0)
	if err != nil {
		t.Fatal(err)
	}
	now := testEnv().Now()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, NotBefore: now, NotAfter: now.AddDate(0, 0, 30),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}, pair.Leaf, key.Public, pair.PrivateKey.(crypto.Signer))
	if err != nil {
		t.Fatal(err)
	}
	keyPEM, err := keys.MarshalPEM(key, false)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, caCertFile), above, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(t, filepath.Join(dir, caKeyFile), keyPEM)
	return dir
}

func TestTheChainEndsBelowTheRoot(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	mustRun(t, "ca --cn Root --out "+root)
	ca := below(t, "Lower", below(t, "Middle", root))
	_, stderr := mustRun(t, "issue --cn leaf --ca "+ca+" --out "+filepath.Join(dir, "leaf"))
	if want := "warning: the certificate ends with its CA at 2026-06-03T03:02:01Z, not at 2027-05-04T02:57:01Z\n"; stderr != want {
		t.Errorf("standard error is %q, want %q", stderr, want)
	}
	contents, err := material.Parse("leaf.pem", read(t, filepath.Join(dir, "leaf.pem")), nil)
	if err != nil {
		t.Fatal(err)
	}
	var subjects []string
	for _, c := range contents.Certificates {
		subjects = append(subjects, certs.SubjectDN(c))
	}
	if want := []string{"CN=leaf", "CN=Lower", "CN=Middle"}; !slices.Equal(subjects, want) {
		t.Errorf("the file holds %v, want %v", subjects, want)
	}
}

func TestACABeginsFiveMinutesAgo(t *testing.T) {
	stdout, _ := mustRun(t, "ca --cn CA --days 2 -o json --out "+filepath.Join(t.TempDir(), "ca"))
	for _, want := range []string{`"not_before": "2026-05-04T02:57:01Z"`, `"not_after": "2026-05-06T02:57:01Z"`} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the result lacks %s: %s", want, stdout)
		}
	}
}

func TestTheRecordGrowsByOneLineACertificate(t *testing.T) {
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca")
	mustRun(t, "ca --cn CA --out "+ca)
	path := filepath.Join(ca, caRecordFile)
	if got := read(t, path); len(got) != 0 {
		t.Errorf("a new record holds %q", got)
	}
	write(t, path, []byte(`{"serial":"01"}`)) // edited by hand, without a newline at its end
	stdout, _ := mustRun(t, "issue --cn a --ca "+ca+" -o json")
	var shown, recorded struct {
		Serial string `json:"serial"`
		X5T    string `json:"x5t#S256"`
	}
	if err := json.Unmarshal([]byte(stdout), &shown); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(read(t, path)), "\n")
	if len(lines) != 3 || lines[0] != `{"serial":"01"}` || lines[2] != "" {
		t.Fatalf("the record is %q", lines)
	}
	if err := json.Unmarshal([]byte(lines[1]), &recorded); err != nil {
		t.Fatal(err)
	}
	if shown != recorded || shown.Serial == "" || shown.X5T == "" {
		t.Errorf("shown %+v, recorded %+v", shown, recorded)
	}
}

func TestEveryAlgorithmMakesAPairThatFits(t *testing.T) {
	dir := t.TempDir()
	for _, alg := range keys.Algs() {
		prefix := filepath.Join(dir, alg)
		stdout, _ := mustRun(t, "issue --cn a --self-signed --alg "+alg+" --out "+prefix)
		pair, err := material.Pair("a.pem", read(t, prefix+".pem"), "a-key.pem", read(t, prefix+"-key.pem"), nil)
		if err != nil {
			t.Errorf("%s: %v", alg, err)
			continue
		}
		if !strings.Contains(stdout, certs.Thumbprint(pair.Leaf)) {
			t.Errorf("%s: the thumbprint is not in %q", alg, stdout)
		}
	}
	if _, _, err := runCert(t, "issue --cn a --self-signed --alg HS256"); err == nil || !strings.Contains(err.Error(), "ES256") {
		t.Errorf("error %v, want the list of algorithms", err)
	}
}

func TestAnExistingKeyIsReadInWhateverForm(t *testing.T) {
	dir := t.TempDir()
	key, err := keys.Generate("ES256", 0)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key.Private)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "k.der")
	write(t, path, der)
	stdout, _ := mustRun(t, "issue --cn a --self-signed --key "+path)
	chain, err := material.Chain("-", []byte(stdout), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !material.Same(chain[0].PublicKey, key.Public) {
		t.Error("the certificate holds another key")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, stderr := mustRun(t, "issue --cn a --self-signed --key "+path); !strings.Contains(stderr, "can be read by others") {
		t.Errorf("standard error is %q", stderr)
	}
}

func TestTheKeyOfAnotherCAIsRefused(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "one"), filepath.Join(dir, "two")
	mustRun(t, "ca --cn One --out "+one)
	mustRun(t, "ca --cn Two --out "+two)
	write(t, filepath.Join(one, caKeyFile), read(t, filepath.Join(two, caKeyFile)))
	if _, _, err := runCert(t, "issue --cn a --ca "+one); err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("error %v", err)
	}
	if got := read(t, filepath.Join(one, caRecordFile)); len(got) != 0 {
		t.Errorf("the record holds %q", got)
	}
}

func TestALeafIssuesNothing(t *testing.T) {
	dir := t.TempDir()
	mustRun(t, "issue --cn leaf --self-signed --out "+filepath.Join(dir, "ca"))
	_, _, err := runCert(t, "issue --cn a --ca "+dir)
	var usage *cli.UsageError
	if !errors.As(err, &usage) || !strings.Contains(err.Error(), "not the certificate of a CA") {
		t.Errorf("error %v", err)
	}
}
