package capture

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func certificate(t *testing.T) (der []byte, pemText, x5t string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app, \"x\""}}
	der, err = x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return der, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), base64.RawURLEncoding.EncodeToString(sum[:])
}

func TestForwardedCertificatesInTheFormsOfProxies(t *testing.T) {
	der, text, x5t := certificate(t)
	sum := sha256.Sum256(der)
	b64 := base64.StdEncoding.EncodeToString(der)
	escaped := strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
	aws := strings.NewReplacer("\n", "%0A", " ", "%20").Replace(text) // + / = stay
	for _, c := range []struct{ name, field, value, form string }{
		{"rfc 9440", "Client-Cert", ":" + b64 + ":", "rfc9440"},
		{"envoy", "X-Forwarded-Client-Cert", `By=spiffe://a/b;Hash=` + hex.EncodeToString(sum[:]) + `;Subject="CN=\"a,b;c\"";Cert="` + escaped + `";URI=`, "xfcc"},
		{"envoy, hash alone", "X-Forwarded-Client-Cert", `Hash=` + strings.ToUpper(hex.EncodeToString(sum[:])), "xfcc"},
		{"envoy, the nearest of several", "X-Forwarded-Client-Cert", `Hash=00,By=x;Cert="` + escaped + `"`, "xfcc"},
		{"ingress-nginx", "Ssl-Client-Cert", escaped, "nginx"},
		{"nginx, breaks as tabs", "X-SSL-Client-Cert", strings.ReplaceAll(text, "\n", "\t"), "nginx"},
		{"nginx, breaks as spaces", "X-SSL-CERT", strings.ReplaceAll(text, "\n", " "), "nginx"},
		{"aws", "X-Amzn-Mtls-Clientcert-Leaf", aws, "nginx"},
		{"traefik", "X-Forwarded-Tls-Client-Cert", url.QueryEscape(b64) + "," + url.QueryEscape(b64), "base64"},
		{"azure", "X-ARR-ClientCert", b64, "base64"},
	} {
		h := http.Header{}
		h.Set(c.field, c.value)
		all := Certificates(h)
		if len(all) != 1 || all[0].X5T != x5t || all[0].Form != c.form || all[0].Fault != "" {
			t.Errorf("%s: %+v, want %s", c.name, all, x5t)
		}
		if !forwards(h) {
			t.Errorf("%s: not noticed", c.name)
		}
	}
}

func TestForwardedCertificatesThatCannotBeRead(t *testing.T) {
	der, text, _ := certificate(t)
	b64 := base64.StdEncoding.EncodeToString(der)
	for _, c := range []struct{ field, value, says string }{
		{"Client-Cert", ":" + b64, "between colons"},
		{"Client-Cert", ":" + b64[:len(b64)-8] + ":", "no certificate"},
		{"Client-Cert", ":***:", "no base64"},
		{"X-Forwarded-Client-Cert", "By=x;URI=y", "neither Cert nor"},
		{"X-Forwarded-Client-Cert", "Hash=00", "neither Cert nor"},
		{"X-SSL-Client-Cert", "%2D%2D%zz", "percent-encoding"},
		{"X-SSL-Client-Cert", text[:60], "no PEM"},
		{"X-SSL-Client-Cert", strings.Repeat("A", 2<<20), "too long"},
		{"X-SSL-Client-Cert", "(null)", "no base64"},
	} {
		h := http.Header{}
		h.Set(c.field, c.value)
		all := Certificates(h)
		if len(all) != 1 || all[0].X5T != "" || !strings.Contains(all[0].Fault, c.says) {
			t.Errorf("%s: %.30q: %+v, want %q", c.field, c.value, all, c.says)
		}
	}
}

func FuzzForwarded(f *testing.F) {
	for _, seed := range []string{":AA==:", `Hash=00;Cert="%2D",By="\"`, "-----BEGIN CERTIFICATE----- AA -----END CERTIFICATE-----", "%2D%0A", "QUJD,QUJD", ","} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range []string{"Client-Cert", "X-Forwarded-Client-Cert"} {
			if c := forwarded(name, value); (c.X5T == "") != (c.Fault != "") {
				t.Errorf("%q: %+v", value, c)
			}
		}
	})
}
