// Package state is what the test server keeps in a folder: its CA and
// certificate, the CA of its clients, the key that signs access tokens, and the
// built-in clients with their keys. What is missing is made; what is there is used
// again, so that a CA that was trusted once stays trusted.
package state

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/server"
)

// Names of the files in the folder.
const (
	caCert, caKey             = "ca.pem", "ca-key.pem"
	serverCert, serverKey     = "server.pem", "server-key.pem"
	clientCACert, clientCAKey = "client-ca.pem", "client-ca-key.pem"
	signingKeyFile            = "signing.jwk"
	clientsFolder             = "clients"
	lockFile                  = "serve.lock"
)

// State is an open folder. Nobody else has it until Close.
type State struct {
	Dir string // absolute
	// ServerCA issued Certificate; ClientCA is the one that tls_client_auth trusts.
	ServerCA, ClientCA *certs.CA
	Certificate        tls.Certificate
	SigningKey         crypto.Signer
	Clients            []Client

	lock *flock.Flock
}

// Client is a built-in client and the files that it authenticates with, as
// absolute paths; the members of RFC 7591 come first.
type Client struct {
	server.Client
	// Secret is here again to be written as it is.
	Secret string `json:"client_secret,omitempty"`
	// SecretFile holds the secret, KeyFile the key of client assertions.
	SecretFile string `json:"secret_file,omitempty"`
	KeyFile    string `json:"key,omitempty"`
	CertFile   string `json:"cert,omitempty"`
	CertKey    string `json:"cert_key,omitempty"`
	// Certificate is the pair of CertFile and CertKey, Key the key of KeyFile.
	Certificate *tls.Certificate `json:"-"`
	Key         crypto.Signer    `json:"-"`
}

// InUseError says that another server has the folder.
type InUseError struct{ Dir string }

func (e *InUseError) Error() string { return fmt.Sprintf("another serve uses the state in %q", e.Dir) }

// HintText is the second line of the message.
func (e *InUseError) HintText() string { return "give this one a folder of its own with --state" }

// ExpiredError says that a CA of the folder has come to its end.
type ExpiredError struct {
	Path string
	End  time.Time
}

func (e *ExpiredError) Error() string {
	return fmt.Sprintf("the CA in %q ended %s", e.Path, e.End.UTC().Format(time.RFC3339))
}

// HintText is the second line of the message.
func (e *ExpiredError) HintText() string { return "remove the folder: a new state is made" }

// Open makes the folder or reads it. The server's certificate covers hosts, beside
// localhost and the loopback addresses.
func Open(dir string, now time.Time, hosts []string) (s *State, err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := files.MkdirPrivate(filepath.Join(dir, clientsFolder)); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))
	free, err := lock.TryLock()
	if err != nil {
		return nil, &files.PathError{Op: "lock", Path: filepath.Join(dir, lockFile), Err: err}
	}
	if !free {
		return nil, &InUseError{Dir: dir}
	}
	s = &State{Dir: dir, lock: lock}
	if err := s.fill(folder{dir, now}, hosts); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close lets others have the folder.
func (s *State) Close() error { return s.lock.Close() }

func (s *State) fill(f folder, hosts []string) (err error) {
	if s.ServerCA, err = f.authority(caCert, caKey, "CN=oauthpop serve CA"); err != nil {
		return err
	}
	if s.ClientCA, err = f.authority(clientCACert, clientCAKey, "CN=oauthpop serve client CA"); err != nil {
		return err
	}
	if s.Certificate, err = f.serverPair(s.ServerCA, hosts); err != nil {
		return err
	}
	signing, err := f.key(signingKeyFile, "")
	if err != nil {
		return err
	}
	s.SigningKey = signing.Private
	s.Clients, err = f.clients(s.ClientCA)
	return err
}

// CAFile is the certificate that the server's users have to trust.
func (s *State) CAFile() string { return filepath.Join(s.Dir, caCert) }

// ClientCAs are the CAs that certificates for tls_client_auth come from.
func (s *State) ClientCAs() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.ClientCA.Certificate)
	return pool
}

// Registrations are the built-in clients as the server takes them.
func (s *State) Registrations() []server.Client {
	list := make([]server.Client, 0, len(s.Clients))
	for _, c := range s.Clients {
		list = append(list, c.Client)
	}
	return list
}
