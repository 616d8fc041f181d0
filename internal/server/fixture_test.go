package server_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/server"
)

// world is a running server with a CA for its clients.
type world struct {
	t         *testing.T
	now       time.Time
	srv       *server.Server
	main      string
	mtls      string
	roots     *x509.CertPool
	clientCA  *certs.CA
	assertKey *ecdsa.PrivateKey
	// ca is a certificate of clientCA for the client mtls-ca, self is registered for mtls-self.
	ca, self tls.Certificate

	mu     sync.Mutex
	events []server.Event
}

const secret = "s:%+ä cret"

var noSANs certs.SANs

func newWorld(t *testing.T, change ...func(*server.Config)) *world {
	t.Helper()
	w := &world{t: t, now: time.Now().Truncate(time.Second), assertKey: newKey(t), roots: x509.NewCertPool()}
	serverCA := newCA(t, "CN=server CA", w.now)
	w.roots.AddCert(serverCA.Certificate)
	w.clientCA = newCA(t, "CN=client CA", w.now)
	w.ca = w.leaf("CN=mtls-ca,O=oauthpop,C=NO", certs.SANs{DNS: []string{"ca.client.test"}, URI: []string{"urn:client:ca"}, IP: []string{"192.0.2.7"}, Email: []string{"ca@client.test"}})
	w.self = w.selfSigned("CN=mtls-self")

	main, mtls := httptest.NewUnstartedServer(nil), httptest.NewUnstartedServer(nil)
	port := func(s *httptest.Server) string {
		_, p, _ := strings.Cut(s.Listener.Addr().String(), ":")
		return "https://localhost:" + p
	}
	w.main, w.mtls = port(main), port(mtls)
	cas := x509.NewCertPool()
	cas.AddCert(w.clientCA.Certificate)
	cfg := server.Config{
		Issuer: w.main, MTLS: w.mtls, Key: newKey(t), ClientCAs: cas, Clients: w.clients(),
		Nonces: server.NoncesOff, Now: func() time.Time { return w.now },
		Log: func(e server.Event) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, e)
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	srv, err := server.New(cfg)
	must(t, err)
	w.srv = srv
	cert := serverCertificate(t, serverCA, w.now)
	start := func(s *httptest.Server, h http.Handler, c *tls.Config) {
		s.Config.Handler, s.TLS, s.EnableHTTP2 = h, c, true
		s.StartTLS()
		t.Cleanup(s.Close)
	}
	start(main, srv.Handler(), server.TLSConfig(cert))
	start(mtls, srv.MTLSHandler(), server.MTLSConfig(cert))
	return w
}

func (w *world) clients() []server.Client {
	dn := "CN=mtls-ca,O=oauthpop,C=NO"
	return []server.Client{
		{ID: "basic", Secret: secret, AuthMethod: "client_secret_basic"},
		{ID: "post", Secret: secret, AuthMethod: "client_secret_post", Scope: "read write"},
		{ID: "pkjwt", AuthMethod: "private_key_jwt", JWKS: w.jwks(w.assertKey.Public(), nil)},
		{ID: "mtls-ca", AuthMethod: "tls_client_auth", TLSSubjectDN: dn},
		{ID: "mtls-dns", AuthMethod: "tls_client_auth", TLSSANDNS: "ca.client.test"},
		{ID: "mtls-uri", AuthMethod: "tls_client_auth", TLSSANURI: "urn:client:ca"},
		{ID: "mtls-ip", AuthMethod: "tls_client_auth", TLSSANIP: "192.0.2.7"},
		{ID: "mtls-email", AuthMethod: "tls_client_auth", TLSSANEmail: "ca@client.test"},
		{ID: "mtls-self", AuthMethod: "self_signed_tls_client_auth", JWKS: w.jwks(w.self.Leaf.PublicKey, w.self.Leaf)},
		{ID: "mtls-bound", Secret: secret, AuthMethod: "client_secret_basic", CertificateBound: true},
		{ID: "dpop-bound", Secret: secret, AuthMethod: "client_secret_basic", DPoPBound: true},
		{ID: "public", AuthMethod: "none"},
		{ID: "code-only", Secret: secret, GrantTypes: []string{"authorization_code"}},
	}
}

func (w *world) jwks(pub crypto.PublicKey, cert *x509.Certificate) json.RawMessage {
	w.t.Helper()
	jwk, err := jwt.PublicJWK(pub)
	must(w.t, err)
	m := map[string]any{}
	for k, v := range jwk {
		m[k] = v
	}
	if cert != nil {
		m["x5c"] = []string{base64.StdEncoding.EncodeToString(cert.Raw)}
	}
	b, err := json.Marshal(map[string]any{"keys": []any{m}})
	must(w.t, err)
	return b
}

func (w *world) leaf(dn string, sans certs.SANs) tls.Certificate {
	return leafOf(w.t, w.clientCA, certs.Request{Subject: parseDN(w.t, dn), SANs: sans, Usage: certs.UsageClient, NotBefore: w.now.Add(-time.Minute), NotAfter: w.now.Add(time.Hour)}, newKey(w.t))
}

func (w *world) selfSigned(dn string) tls.Certificate {
	w.t.Helper()
	key := newKey(w.t)
	c, err := certs.SelfSigned(certs.Request{Subject: parseDN(w.t, dn), Usage: certs.UsageClient, NotBefore: w.now.Add(-time.Minute), NotAfter: w.now.Add(time.Hour)}, key)
	must(w.t, err)
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

// call is one request; the answer's body is read.
type call struct {
	method, url string
	form        url.Values
	header      http.Header
	basic       string // client id, with the secret of all
	cert        *tls.Certificate
}

type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (a answer) text(member string) string { s, _ := a.body[member].(string); return s }

func (w *world) do(c call) answer {
	w.t.Helper()
	var body io.Reader
	if c.form != nil {
		body = strings.NewReader(c.form.Encode())
	}
	r, err := http.NewRequestWithContext(w.t.Context(), c.method, c.url, body)
	must(w.t, err)
	for k, v := range c.header {
		r.Header[k] = v
	}
	if c.form != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.basic != "" {
		r.SetBasicAuth(url.QueryEscape(c.basic), url.QueryEscape(secret))
	}
	conf := &tls.Config{RootCAs: w.roots}
	if c.cert != nil {
		conf.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.cert, nil }
	}
	transport := &http.Transport{TLSClientConfig: conf, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(r)
	must(w.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(w.t, err)
	a := answer{status: resp.StatusCode, header: resp.Header}
	if len(bytes.TrimSpace(b)) > 0 {
		if err := json.Unmarshal(b, &a.body); err != nil {
			w.t.Fatalf("%s %s: %v in %s", c.method, c.url, err, b)
		}
	}
	return a
}

// token asks for a token as basic, unless the call says otherwise.
func (w *world) token(c call, params ...string) answer {
	w.t.Helper()
	if c.url == "" {
		c.url = w.main
	}
	c.method, c.url = http.MethodPost, c.url+"/token"
	if c.form == nil {
		c.form = url.Values{}
	}
	if c.form["grant_type"] == nil {
		c.form.Set("grant_type", "client_credentials")
	}
	for i := 0; i+1 < len(params); i += 2 {
		c.form.Add(params[i], params[i+1])
	}
	return w.do(c)
}

func (w *world) prover() *dpop.Prover {
	w.t.Helper()
	p, err := dpop.NewProver(newKey(w.t), "ES256")
	must(w.t, err)
	return p
}

func (w *world) proof(p *dpop.Prover, method, target, token, nonce string) http.Header {
	w.t.Helper()
	s, err := p.Proof(dpop.Claims{Method: method, HTU: target, Token: token, Nonce: nonce, Time: w.now})
	must(w.t, err)
	return http.Header{"DPoP": {s}}
}

// get calls a resource.
func (w *world) get(target, authorization string, header http.Header, cert *tls.Certificate) answer {
	w.t.Helper()
	h := http.Header{}
	for k, v := range header {
		h[k] = v
	}
	if authorization != "" {
		h.Set("Authorization", authorization)
	}
	return w.do(call{method: http.MethodGet, url: target, header: h, cert: cert})
}

// claims are those of a token, unverified.
func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	c, err := jwt.Split(token)
	must(t, err)
	m := map[string]any{}
	must(t, json.Unmarshal(c.RawPayload, &m))
	return m
}

func newCA(t *testing.T, dn string, now time.Time) *certs.CA {
	t.Helper()
	ca, err := certs.NewCA(parseDN(t, dn), newKey(t), now.Add(-time.Hour), now.Add(2*time.Hour))
	must(t, err)
	return ca
}

func serverCertificate(t *testing.T, ca *certs.CA, now time.Time) tls.Certificate {
	t.Helper()
	return leafOf(t, ca, certs.Request{Subject: parseDN(t, "CN=localhost"), SANs: certs.SANs{DNS: []string{"localhost"}}, Usage: certs.UsageServer, NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Hour)}, newKey(t))
}

func leafOf(t *testing.T, ca *certs.CA, r certs.Request, key *ecdsa.PrivateKey) tls.Certificate {
	t.Helper()
	r.PublicKey = key.Public()
	c, err := ca.Issue(r)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return k
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func parseDN(t *testing.T, s string) pkix.RDNSequence {
	t.Helper()
	dn, err := certs.ParseDN(s)
	must(t, err)
	return dn
}

func rnd() string { return rand.Text() }

func signerOf(t *testing.T, c tls.Certificate) crypto.Signer {
	t.Helper()
	s, ok := c.PrivateKey.(crypto.Signer)
	if !ok {
		t.Fatal("the key cannot sign")
	}
	return s
}

func leafFrom(t *testing.T, c tls.Certificate) *x509.Certificate {
	t.Helper()
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	must(t, err)
	return leaf
}
