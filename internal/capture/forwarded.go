package capture

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/certs"
)

// Forwarded is a client certificate that a TLS-terminating proxy passed on in a
// header field.
type Forwarded struct {
	Header, Form string
	X5T          string
	Leaf         *x509.Certificate // nil where the form has only a hash, or with a Fault
	Fault        string
}

// forwarding are the fields that proxies use, in canonical form.
func forwarding() []string {
	return []string{
		"Client-Cert",                 // RFC 9440
		"X-Forwarded-Client-Cert",     // Envoy
		"Ssl-Client-Cert",             // ingress-nginx
		"X-Ssl-Client-Cert",           // nginx and HAProxy by custom
		"X-Client-Cert",               // likewise
		"X-Ssl-Cert",                  // likewise
		"X-Forwarded-Tls-Client-Cert", // Traefik
		"X-Arr-Clientcert",            // Azure
		"X-Amzn-Mtls-Clientcert",      // AWS
		"X-Amzn-Mtls-Clientcert-Leaf", // AWS
		"X-Client-Cert-Leaf",          // Google
		"X-Forwarded-Ssl-Client-Cert", // Apache by custom
		"Ssl_client_cert",             // Apache
	}
}

func forwards(h http.Header) bool {
	return slices.ContainsFunc(forwarding(), func(name string) bool { return h.Get(name) != "" })
}

// Certificates returns the client certificates that proxies put into the header.
func Certificates(h http.Header) []Forwarded {
	const most = 8 // beyond what any chain of proxies writes
	var all []Forwarded
	for _, name := range forwarding() {
		for _, value := range h.Values(name) {
			if value != "" && len(all) < most {
				all = append(all, forwarded(name, value))
			}
		}
	}
	return all
}

func forwarded(name, value string) Forwarded {
	f := Forwarded{Header: name}
	if len(value) > bounds.KeyFile {
		f.Form, f.Fault = "unknown", "it is too long"
		return f
	}
	switch {
	case name == "X-Forwarded-Client-Cert" && strings.Contains(value, "="):
		f.Form = "xfcc"
		f.xfcc(value)
	case strings.HasPrefix(value, ":"):
		// A byte sequence of structured fields: base64 between colons.
		// https://www.rfc-editor.org/rfc/rfc9440#section-2.2
		f.Form = "rfc9440"
		inner, closed := strings.CutSuffix(value[1:], ":")
		if !closed {
			f.Fault = "it is no byte sequence between colons (RFC 8941 section 3.3.5)"
			return f
		}
		f.der(inner)
	case strings.Contains(value, "-----BEGIN") || strings.Contains(value, "-----BEGIN%20") || strings.HasPrefix(value, "%2D"):
		f.Form = "nginx"
		f.pem(value)
	default:
		f.Form = "base64"
		f.der(value)
	}
	return f
}

// xfcc reads the last element, that of the connection to the nearest proxy.
// https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/headers#x-forwarded-client-cert
func (f *Forwarded) xfcc(value string) {
	elements := quotedSplit(value, ',')
	hash := ""
	for _, pair := range quotedSplit(elements[len(elements)-1], ';') {
		key, v, _ := strings.Cut(strings.TrimSpace(pair), "=")
		v = strings.ReplaceAll(strings.Trim(v, `"`), `\"`, `"`)
		switch strings.ToLower(key) {
		case "cert":
			f.pem(v)
		case "hash":
			hash = v
		}
	}
	if f.Leaf != nil || f.Fault != "" {
		return
	}
	// "Hash: The SHA 256 digest of the current client certificate", in hex
	digest, err := hexDigest(hash)
	if err != nil {
		f.Fault = "it has neither Cert nor a SHA-256 Hash"
		return
	}
	f.X5T = base64.RawURLEncoding.EncodeToString(digest)
}

// pem reads PEM as nginx escapes it ($ssl_client_escaped_cert), or with its line
// breaks as spaces or tabs ($ssl_client_cert).
func (f *Forwarded) pem(value string) {
	if strings.Contains(value, "%") {
		plain, err := url.PathUnescape(value) // a + stays: it is of base64
		if err != nil {
			f.Fault = "its percent-encoding is broken"
			return
		}
		value = plain
	}
	const begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
	if block, _ := pem.Decode([]byte(value)); block != nil && block.Type == "CERTIFICATE" {
		f.parse(block.Bytes)
		return
	}
	_, rest, found := strings.Cut(value, begin)
	inner, _, closed := strings.Cut(rest, end)
	if !found || !closed {
		f.Fault = "it is no PEM certificate"
		return
	}
	f.der(inner)
}

func (f *Forwarded) der(text string) {
	text = strings.Join(strings.Fields(text), "")
	if strings.Contains(text, "%") {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
	}
	first, _, _ := strings.Cut(text, ",") // Traefik lists the chain
	der, err := base64.StdEncoding.DecodeString(first)
	if err != nil {
		f.Fault = "it is no base64"
		return
	}
	f.parse(der)
}

func (f *Forwarded) parse(der []byte) {
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		f.Fault = "it holds no certificate"
		return
	}
	f.Leaf, f.X5T = leaf, certs.Thumbprint(leaf)
}

// quotedSplit splits at sep outside quotes.
func quotedSplit(s string, sep byte) []string {
	var parts []string
	quoted, from := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

func hexDigest(s string) ([]byte, error) {
	b, err := hex.DecodeString(s)
	if err == nil && len(b) != 32 {
		err = hex.ErrLength
	}
	return b, err
}
