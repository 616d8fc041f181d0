package commands

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"strconv"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/server/state"
)

func quoted(s string) string { return strconv.Quote(s) }

// checkReadyFile refuses a name that is taken, but for what an earlier serve left
// behind when it was killed: that would tell a script that waits a lie.
func (o *serveOptions) checkReadyFile() error {
	if o.readyFile == "" || !files.Exists(o.readyFile) {
		return nil
	}
	b, err := files.Read(o.readyFile, bounds.ValueFile)
	if err != nil {
		return err
	}
	var old map[string]any
	if json.Unmarshal(b, &old) != nil || old["issuer"] == nil || old["serve_clients"] == nil {
		return &cli.InputError{
			Message: "--ready-file " + quoted(o.readyFile) + " exists and is not a ready file",
			Hint:    "name a file that is not there",
		}
	}
	return o.env.Remove(o.readyFile)
}

// announce writes what the server's users need into files, the ready file last.
func (o *serveOptions) announce(s *standing) error {
	r, dir := &s.ready, s.state.Dir
	r.State, r.CACert = dir, s.state.CAFile()
	r.CABundle, r.ServeClients = filepath.Join(dir, "ca-bundle.pem"), filepath.Join(dir, "clients.json")
	for _, c := range s.state.Clients {
		if c.ID == state.Basic {
			r.ClientID, r.ClientSecret, r.SecretFile = c.ID, c.Secret, c.SecretFile
		}
	}
	bundle, err := o.bundle(r.CACert)
	if err != nil {
		return err
	}
	if err := files.Write(r.CABundle, bundle, 0o644, true); err != nil {
		return err
	}
	list, err := state.ClientList(s.state.Clients)
	if err != nil {
		return err
	}
	if err := files.Write(r.ServeClients, list, 0o600, true); err != nil {
		return err
	}
	if o.readyFile == "" {
		return nil
	}
	ready, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := files.Write(o.readyFile, append(ready, '\n'), 0o600, false); err != nil {
		return err
	}
	s.undo = append(s.undo, func() { _ = o.env.Remove(o.readyFile) })
	return nil
}

// bundles are where systems keep their CA certificates.
// https://go.dev/src/crypto/x509/root_linux.go
var bundles = []string{
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
	"/etc/pki/tls/cacert.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	"/etc/ssl/cert.pem",
}

// bundleVariables name the file of CA certificates to OpenSSL and Go, Node.js,
// curl, and Python's requests.
var bundleVariables = []string{"SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}

// bundle is what the command trusted before, and the server's own CA.
func (o *serveOptions) bundle(caFile string) ([]byte, error) {
	var parts [][]byte
	add := func(path string) bool {
		b, err := files.Read(path, bounds.Bundle)
		if err != nil {
			return false
		}
		for _, p := range parts {
			if bytes.Equal(p, b) {
				return true
			}
		}
		parts = append(parts, b)
		return true
	}
	if own := o.env.Getenv("SSL_CERT_FILE"); own == "" || !add(own) {
		for _, path := range bundles {
			if add(path) {
				break
			}
		}
	}
	for _, name := range bundleVariables {
		if path := o.env.Getenv(name); path != "" {
			add(path)
		}
	}
	ca, err := files.Read(caFile, bounds.KeyFile)
	if err != nil {
		return nil, err
	}
	return bytes.Join(append(parts, ca), []byte("\n")), nil
}

// strangers are variables of the client that the user works with otherwise: beside
// those of the test server they would make a client that is neither.
var strangers = []string{"TOKEN_ENDPOINT", "CLIENT_KEY", "AUTH_METHOD", "AUDIENCE", "SESSION", "TOKEN", "PROFILE"}

// environ is the environment of the command.
func (s *standing) environ(own map[string]string) map[string]string {
	m := maps.Clone(own)
	if m == nil {
		m = map[string]string{}
	}
	for _, name := range strangers {
		delete(m, cli.Prefix+name)
	}
	for name, value := range map[string]string{
		"ISSUER": s.ready.Issuer, "RESOURCE": s.ready.Resource, "MTLS_RESOURCE": s.ready.MTLSResource,
		"CACERT": s.ready.CACert, "CLIENT_ID": s.ready.ClientID, "CLIENT_SECRET": s.ready.ClientSecret,
		"SERVE_CLIENTS": s.ready.ServeClients,
	} {
		m[cli.Prefix+name] = value
	}
	for _, name := range bundleVariables {
		m[name] = s.ready.CABundle
	}
	return m
}
