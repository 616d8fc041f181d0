//go:build interop

package interop

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

const (
	times      = 100 // in a row, without one that ends otherwise
	concurrent = 4
)

// refusal is a run that must end with exit 4, and the words that must be said.
type refusal struct {
	name string
	args []string
	said string // in small letters
}

// hundredTimes runs each of them that often, some at once. TLS 1.3 reports a
// refused client certificate after the handshake, as an alert, a broken pipe or
// a reset, and which of them it is changes from run to run.
func hundredTimes(t *testing.T, all []refusal) {
	t.Helper()
	work := make(chan refusal)
	var wg sync.WaitGroup
	for range concurrent {
		wg.Go(func() {
			for r := range work {
				if err := refused(t.Context(), r); err != nil {
					t.Errorf("%s: %v", r.name, err)
				}
			}
		})
	}
	for range times {
		for _, r := range all {
			work <- r
		}
	}
	close(work)
	wg.Wait()
}

func refused(ctx context.Context, r refusal) error {
	got, err := at.run(ctx, "", r.args...)
	switch {
	case err != nil:
		return err
	case got.code != 4:
		return fmt.Errorf("exit %d, want 4\n%s", got.code, got)
	case got.stdout != "":
		return fmt.Errorf("standard output is not empty\n%s", got)
	case !strings.Contains(strings.ToLower(got.stderr), r.said):
		return fmt.Errorf("no word of %q\n%s", r.said, got)
	}
	return nil
}

func TestWrongCertificatesAreRefused(t *testing.T) {
	with := func(client, method, cert string) []string {
		return tokenArgs(at.plain, []string{"--client-id", client, "--auth-method", method, "--mtls", "--cert", cert})
	}
	none := []string{
		"token", "--token-endpoint", at.plainMTLS + "/token", "--grant", "client_credentials", "--client-id", "mtls-ca",
		"--auth-method", "none", "--bearer", "--cacert", at.cacert,
	}
	hundredTimes(t, []refusal{
		{"another subject of the right CA", with("mtls-ca", byCA, at.pki("mtls-other.pem")), "invalid_client"},
		{"the right subject of another CA", with("mtls-ca", byCA, at.pki("mtls-rogue.pem")), "invalid_client"},
		{"an unregistered self-signed one", with("mtls-self", bySelf, at.pki("mtls-unregistered.pem")), "invalid_client"},
		{"none", none, "invalid_client"},
		{"another of cert issue", with("issued-dn", byCA, "stranger.pem"), "invalid_client"},
		{"an unregistered one of cert issue", with("issued-self", bySelf, "unregistered.pem"), "invalid_client"},
	})
}

// The servers above take any certificate and refuse it over HTTP. These refuse it
// in TLS: node by dropping the connection, OpenSSL with an alert.
func TestRefusalsInTheHandshake(t *testing.T) {
	servers := map[string]string{"openssl, TLS 1.3": startOpenSSL(t)}
	for _, version := range []string{"TLSv1.2", "TLSv1.3"} {
		env := []string{"PKI_DIR=" + at.path("pki"), "CLIENT_CA=" + at.path("ca/ca.pem"), "MAX_VERSION=" + version}
		servers["node, "+version] = "https://localhost:" + startPeer(t, env, "node", "refuse.mjs")
	}
	if err := os.WriteFile(at.path("body"), []byte(strings.Repeat("x", 1<<20)), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, url := range servers {
		t.Run(name, func(t *testing.T) {
			call := []string{"call", "GET", url + "/", "--token", "t", "--cacert", at.cacert, "--fail"}
			post := []string{"call", "POST", url + "/", "-d", "@body", "--token", "t", "--cacert", at.cacert, "--fail"}
			token := []string{
				"token", "--token-endpoint", url + "/token", "--grant", "client_credentials", "--client-id", "x", "--auth-method", byCA,
				"--mtls", "--cacert", at.cacert,
			}
			with := func(args []string, cert string) []string { return append(args[:len(args):len(args)], "--cert", cert) }
			want(t, 0, with(call, "dn.pem")...)
			hundredTimes(t, []refusal{
				{"call without a certificate", call, "certificate"},
				{"call with another CA's", with(call, at.pki("mtls-rogue.pem")), "certificate"},
				{"call with a large body and another CA's", with(post, at.pki("mtls-rogue.pem")), "certificate"},
				{"token with a self-signed one", with(token, "unregistered.pem"), "certificate"},
			})
			want(t, 0, with(call, "dn-rsa.pem")...)
		})
	}
}

// startOpenSSL starts a server that sends a TLS alert to a client whose
// certificate it does not trust. It has no port 0: a free one is chosen here.
func startOpenSSL(t *testing.T) string {
	t.Helper()
	ports, err := freePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "openssl", "s_server", "-www", "-quiet", "-accept", fmt.Sprintf("127.0.0.1:%d", ports[0]), "-tls1_3",
		"-cert", at.pki("server-chain.pem"), "-key", at.pki("server.key"), "-CAfile", at.path("ca/ca.pem"), "-Verify", "3", "-verify_return_error")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	url := fmt.Sprintf("https://localhost:%d", ports[0])
	awaitPort(t, ports[0])
	return url
}
