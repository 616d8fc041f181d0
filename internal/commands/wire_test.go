package commands_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/oauthpop/oauthpop/internal/hostile"
)

// world is a key, and a server that is trusted.
type wireWorld struct {
	*hostile.Server
	dir, ca, key, jkt, port string
}

func newWireWorld(t *testing.T, fault string, at hostile.Place) *wireWorld {
	t.Helper()
	w := &wireWorld{Server: hostile.Start(t, hostile.Named(fault), at), dir: t.TempDir()}
	w.ca, w.key = filepath.Join(w.dir, "ca.pem"), filepath.Join(w.dir, "key.jwk")
	if err := os.WriteFile(w.ca, w.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	mustRun(t, 0, "key", "generate", "--out", w.key)
	w.jkt = strings.TrimSpace(mustRun(t, 0, "key", "thumbprint", w.key))
	u, err := url.Parse(w.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.port = u.Port()
	return w
}

func (w *wireWorld) call(environ map[string]string, target string, more ...string) (int, string) {
	args := append([]string{"call", target, "--token", w.AccessToken(w.jkt), "--key", w.key, "--cacert", w.ca}, more...)
	code, stdout, stderr := runMain(environ, args...)
	return code, stdout + stderr
}

// htu is that of the last request of a place.
func (w *wireWorld) last(t *testing.T, at hostile.Place) (r *http.Request, htu any) {
	t.Helper()
	all := w.Requests(at)
	if len(all) == 0 {
		t.Fatal("no request came")
	}
	r = all[len(all)-1]
	return r, claimsOf(t, r)["htu"]
}

// "The HTTP target URI [...] without query and fragment parts": that of the request as
// it is sent, however its host was written.
// https://www.rfc-editor.org/rfc/rfc9449#section-4.2
func TestHostsThatAreWrittenInOtherWays(t *testing.T) {
	for _, protocol := range []string{"none", "none in HTTP/2"} {
		for _, c := range []struct{ host, resolve, sent string }{
			{"127.0.0.1", "", "127.0.0.1"},
			{"[::1]", "[::1]", "[::1]"},
			{"[0:0:0:0:0:0:0:1]", "[::1]", "[::1]"},
			{"[2001:DB8::1]", "[2001:DB8::1]", "[2001:db8::1]"},
			{"API.Example", "api.example", "api.example"},
			{"bücher.example", "bücher.example", "xn--bcher-kva.example"},
			{"BÜCHER.example", "bücher.example", "xn--bcher-kva.example"},
			{"bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example"},
			{"xn--bcher-kva.example", "bücher.example", "xn--bcher-kva.example"},
		} {
			t.Run(c.host+" "+c.resolve+" "+protocol, func(t *testing.T) {
				w := newWireWorld(t, protocol, hostile.Resource)
				var resolve []string
				if c.resolve != "" {
					resolve = []string{"--resolve", c.resolve + ":" + w.port + ":127.0.0.1"}
				}
				sent := "https://" + c.sent + ":" + w.port
				code, said := w.call(nil, "https://"+c.host+":"+w.port+"/api?q=1", resolve...)
				if code != 0 {
					t.Fatalf("call: exit %d: %s", code, said)
				}
				if r, htu := w.last(t, hostile.Resource); "https://"+r.Host != sent || htu != sent+"/api" || r.RequestURI != "/api?q=1" {
					t.Errorf("call: sent to %s %s, signed %v", r.Host, r.RequestURI, htu)
				}
				code, _, stderr := runMain(nil, append([]string{
					"token", "--token-endpoint", "https://" + c.host + ":" + w.port + "/token", "--client-id", "app", "--grant", "client_credentials",
					"--auth-method", "none", "--dpop", "--key", w.key, "--cacert", w.ca,
				}, resolve...)...)
				if code != 0 {
					t.Fatalf("token: exit %d: %s", code, stderr)
				}
				if r, htu := w.last(t, hostile.Token); "https://"+r.Host != sent || htu != sent+"/token" {
					t.Errorf("token: sent to %s, signed %v", r.Host, htu)
				}
			})
		}
	}
}

// tunnel is a proxy that leads every tunnel to one server.
type tunnel struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string // what CONNECT named
	login  []string
	to     string
	refuse bool
}

func newTunnel(t *testing.T, to string) *tunnel {
	t.Helper()
	p := &tunnel{to: to}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked, p.login = append(p.asked, r.Method+" "+r.Host), append(p.login, r.Header.Get("Proxy-Authorization"))
	p.mu.Unlock()
	if p.refuse {
		w.Header().Set("Proxy-Authenticate", `DPoP error="use_dpop_nonce"`)
		w.Header().Set("DPoP-Nonce", "n-1")
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
	_, _ = io.Copy(here, there)
	_ = here.Close()
}

// The proof is for the server; a proxy carries it in a tunnel and sees none of it, nor
// does anybody see the password of the proxy.
func TestProxyOfTheEnvironment(t *testing.T) {
	w := newWireWorld(t, "none", hostile.Resource)
	p := newTunnel(t, strings.TrimPrefix(w.URL, "https://"))
	address := strings.Replace(p.URL, "http://", "http://me:hush-hush@", 1)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		p.asked, p.login = nil, nil
		code, said := w.call(map[string]string{name: address}, "https://api.example/api?q=1", "-v")
		r, htu := w.last(t, hostile.Resource)
		if code != 0 || htu != "https://api.example/api" || r.Host != "api.example" || len(p.asked) != 1 || p.asked[0] != "CONNECT api.example:443" {
			t.Errorf("%s: exit %d, proxy asked for %v, htu %v, host %s: %s", name, code, p.asked, htu, r.Host, said)
		}
		login := base64.StdEncoding.EncodeToString([]byte("me:hush-hush"))
		if p.login[0] != "Basic "+login || r.Header.Get("Proxy-Authorization") != "" || strings.Contains(said, "hush") || strings.Contains(said, login) {
			t.Errorf("%s: login %q at the proxy, %q at the server: %s", name, p.login, r.Header.Get("Proxy-Authorization"), said)
		}
	}
	for name, environ := range map[string]map[string]string{
		"a host that has no proxy": {"HTTPS_PROXY": address, "NO_PROXY": "127.0.0.1"},
		"a host of this machine":   {"HTTPS_PROXY": address},
	} {
		p.asked = nil
		if code, said := w.call(environ, w.URL+"/api"); code != 0 || len(p.asked) > 0 {
			t.Errorf("%s: exit %d, proxy asked for %v: %s", name, code, p.asked, said)
		}
	}
	// An address that is named on the command line is connected to.
	p.asked = nil
	code, said := w.call(map[string]string{"HTTPS_PROXY": address}, "https://api.example:"+w.port+"/api", "--resolve", "api.example:"+w.port+":127.0.0.1")
	if code != 0 || len(p.asked) > 0 {
		t.Errorf("--resolve: exit %d, proxy asked for %v: %s", code, p.asked, said)
	}
}

// The scheme DPoP is not for proxies: one gets no proof, whatever it asks for.
// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
func TestProxyThatFails(t *testing.T) {
	w := newWireWorld(t, "none", hostile.Resource)
	p := newTunnel(t, "127.0.0.1:1")
	address := strings.Replace(p.URL, "http://", "http://me:hush-hush@", 1)
	for _, refuse := range []bool{true, false} {
		p.refuse, p.asked = refuse, nil
		code, said := w.call(map[string]string{"HTTPS_PROXY": address}, "https://api.example/api", "-v")
		if code != 5 || len(p.asked) != 1 || strings.Contains(said, "hush") || !strings.Contains(said, "HTTPS_PROXY") {
			t.Errorf("refuses %v: exit %d, asked %v: %s", refuse, code, p.asked, said)
		}
	}
	p.Close()
	for _, address := range []string{address, "http://me:hush-hush@127.0.0.1:x", "::hush-hush"} {
		code, said := w.call(map[string]string{"HTTPS_PROXY": address}, "https://api.example/api", "-v")
		if code != 5 && code != 2 || strings.Contains(said, "hush") {
			t.Errorf("%s: exit %d: %s", address, code, said)
		}
	}
}

// Whoever has the keys can read what was sent: that is said, also with -q.
func TestKeyLogIsAnnounced(t *testing.T) {
	w := newWireWorld(t, "none", hostile.Resource)
	log := filepath.Join(w.dir, "keys.log")
	code, said := w.call(map[string]string{"SSLKEYLOGFILE": log}, w.URL+"/api", "-q")
	content, err := os.ReadFile(log)
	if code != 0 || !strings.Contains(said, log) || err != nil || !strings.Contains(string(content), "CLIENT_TRAFFIC_SECRET_0") {
		t.Errorf("exit %d, %v, %q: %s", code, err, content, said)
	}
	if info, err := os.Stat(log); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if code, said := w.call(map[string]string{"SSLKEYLOGFILE": w.dir}, w.URL+"/api"); code != 2 || !strings.Contains(said, "SSLKEYLOGFILE") {
		t.Errorf("a folder: exit %d: %s", code, said)
	}
}

// An authorization server and an API each give a nonce, and each gets its own: a
// request with another would be refused. Each attempt has a proof and an assertion of
// its own.
// https://www.rfc-editor.org/rfc/rfc9449#section-9
func TestEachServerGetsItsOwnNonce(t *testing.T) {
	as, api := newWireWorld(t, "right nonce", hostile.Token), newWireWorld(t, "right nonce", hostile.Resource)
	both := filepath.Join(as.dir, "both.pem")
	if err := os.WriteFile(both, append(append([]byte(nil), as.CA...), api.CA...), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := runMain(nil, "call", api.URL+"/api", "--token-endpoint", as.URL+"/token", "--client-id", "app", "--client-key", as.key,
		"--assertion-aud", as.URL, "--dpop", "--key", api.key, "--cacert", both)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	once := map[any]bool{}
	for _, s := range []struct {
		w  *wireWorld
		at hostile.Place
	}{{as, hostile.Token}, {api, hostile.Resource}} {
		requests := s.w.Requests(s.at)
		if len(requests) != 2 {
			t.Fatalf("%s: %d requests", s.at, len(requests))
		}
		for i, want := range []any{nil, s.w.Nonce()} {
			claims := claimsOf(t, requests[i])
			if claims["nonce"] != want || once[claims["jti"]] {
				t.Errorf("%s, request %d: %v", s.at, i+1, claims)
			}
			once[claims["jti"]] = true
			if assertion := requests[i].PostFormValue("client_assertion"); s.at == hostile.Token {
				raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(assertion+"..", ".")[1])
				var claims map[string]any
				if err := json.Unmarshal(raw, &claims); err != nil || claims["jti"] == nil || once[claims["jti"]] {
					t.Errorf("assertion %d: %s %v", i+1, raw, err)
				}
				once[claims["jti"]] = true
			}
		}
	}
}
