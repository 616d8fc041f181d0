//go:build interop

package interop

import "testing"

const (
	byCA   = "tls_client_auth"
	bySelf = "self_signed_tls_client_auth"
)

func TestTokenBoundToACertificate(t *testing.T) {
	for _, c := range []struct{ client, cert, method string }{
		{"issued-dn", "dn", byCA},
		{"issued-dn", "dn-rsa", byCA},
		{"issued-dn", "dn-ed25519", byCA},
		{"issued-dns", "dns", byCA},
		{"issued-uri", "uri", byCA},
		{"issued-email", "email", byCA},
		{"issued-ip", "ip", byCA},
		{"issued-all", "all", byCA},
		{"issued-self", "self", bySelf},
		{"issued-self", "self-rsa", bySelf},
	} {
		for _, as := range issuers() {
			t.Run(as.name+"/"+c.client+"/"+c.cert, func(t *testing.T) {
				file := at.path(c.cert + ".pem")
				x5t := opensslThumbprint(t, file)
				args := tokenArgs(as.url, []string{"--client-id", c.client, "--auth-method", c.method, "--mtls", "--cert", file})
				got := decode[answer](t, want(t, 0, append(args, "-o", "json")...))
				got.Binding.want(t, "bound-and-matches", "mtls", thumbprints{X5T: x5t})
				useCertificateBoundToken(t, got.AccessToken, file, x5t)
			})
		}
	}
}

func useCertificateBoundToken(t *testing.T, token, cert, x5t string) {
	t.Helper()
	got := decode[called](t, want(t, 0, callArgs("/api", token, "--cert", cert, "-o", "json")...))
	if got.Status != 200 || got.bound(t) != "mtls" || got.TLS.ClientCertificate != "sent" {
		t.Errorf("call with the certificate: %+v", got)
	}
	other := decode[called](t, want(t, 4, callArgs("/api", token, "--cert", "stranger.pem", "-o", "json")...))
	if other.Status != 0 && other.Status != 401 {
		t.Errorf("call with another certificate: %+v", other)
	}
	want(t, 4, callArgs("/api", token, "--cert", "unregistered.pem")...)
	want(t, 4, callArgs("/api", token)...)

	mine := decode[struct{ Binding binding }](t, want(t, 0, "inspect", token, "--cert", cert, "-o", "json"))
	mine.Binding.want(t, "bound-and-matches", "mtls", thumbprints{X5T: x5t})
	others := decode[struct{ Binding binding }](t, want(t, 3, "inspect", token, "--cert", "stranger.pem", "-o", "json"))
	others.Binding.want(t, "bound-to-another-key", "mtls", thumbprints{X5T: x5t})
	if others.Binding.Reason != "certificate-differs" {
		t.Errorf("reason %q", others.Binding.Reason)
	}
}

// The certificates of OpenSSL work like the program's own, keys beside or given.
func TestTokenWithCertificatesOfOpenSSL(t *testing.T) {
	for _, c := range []struct{ client, cert, method string }{
		{"mtls-ca", "mtls-ca", byCA},
		{"mtls-ca", "mtls-ca-rsa", byCA},
		{"mtls-self", "mtls-self", bySelf},
		{"mtls-self", "mtls-self-rsa", bySelf},
	} {
		t.Run(c.cert, func(t *testing.T) {
			args := tokenArgs(at.plain, []string{"--client-id", c.client, "--auth-method", c.method, "--mtls", "--cert", at.pki(c.cert + ".pem")})
			beside := decode[answer](t, want(t, 0, append(args, "-o", "json")...))
			beside.Binding.want(t, "bound-and-matches", "mtls", thumbprints{X5T: opensslThumbprint(t, at.pki(c.cert+".pem"))})
			want(t, 0, append(args, "--cert-key", at.pki(c.cert+".key"))...)
		})
	}
}

// RFC 8705 section 2 authenticates the client; what the token is bound to is another question.
func TestCertificateAuthenticatesAndKeyBinds(t *testing.T) {
	jkt := line(want(t, 0, "key", "thumbprint", "dpop.jwk"))
	for _, as := range issuers() {
		t.Run(as.name, func(t *testing.T) {
			args := tokenArgs(as.url, []string{"--client-id", "issued-dpop", "--auth-method", byCA, "--dpop", "--key", "dpop.jwk", "--cert", "dn.pem", "-o", "json"})
			got := decode[answer](t, want(t, 0, args...))
			got.Binding.want(t, "bound-and-matches", "dpop", thumbprints{JKT: jkt})
			useKeyBoundToken(t, got.AccessToken, jkt)
		})
	}
	openssl := tokenArgs(at.nonce, []string{"--client-id", "mtls-ca-dpop", "--auth-method", byCA, "--dpop", "--key", "dpop.jwk", "--cert", at.pki("mtls-ca.pem")})
	want(t, 0, openssl...)
}

// Both are asked for: the key must be there, the certificate only must not be another.
func TestTokenOfBothMechanisms(t *testing.T) {
	jkt := line(want(t, 0, "key", "thumbprint", "dpop.jwk"))
	args := func(client string) []string {
		return tokenArgs(at.nonce, []string{"--client-id", client, "--auth-method", byCA, "--dpop", "--mtls", "--key", "dpop.jwk", "--cert", "dn.pem", "-o", "json"})
	}
	got := decode[answer](t, want(t, 0, args("issued-dpop")...))
	got.Binding.want(t, "bound-and-matches", "dpop", thumbprints{JKT: jkt})
	// This server binds to one of them only, and says so where the client must be bound to the other.
	want(t, 4, args("issued-dn")...)
}

// An explicit endpoint wins over discovery and its aliases, and needs neither.
func TestTokenEndpointWithoutDiscovery(t *testing.T) {
	want(t, 0, "token", "--token-endpoint", at.plainMTLS+"/token", "--client-id", "issued-dn", "--auth-method", byCA, "--grant", "client_credentials",
		"--scope", "api:read", "--mtls", "--cert", "dn.pem", "--cacert", at.cacert)
	want(t, 0, "token", "--token-endpoint", at.nonce+"/token", "--client-id", "basic-dpop", "--client-secret", secret, "--grant", "client_credentials",
		"--scope", "api:read", "--dpop", "--key", "dpop.jwk", "--cacert", at.cacert)
}
