package commands_test

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands/view"
)

// wellKnownOf answers with the metadata of a test at each place, and with a page
// everywhere else.
func wellKnownOf(t *testing.T, documents map[string]string) *fakeIssuer {
	t.Helper()
	return newFakeIssuer(t, func(f *fakeIssuer, w http.ResponseWriter, r *http.Request) {
		d, ok := documents[r.URL.EscapedPath()]
		if !ok {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!doctype html><title>App</title>"))
			return
		}
		_, _ = w.Write([]byte(strings.ReplaceAll(d, "ME", f.URL)))
	})
}

const (
	openIDPlace   = "/.well-known/openid-configuration"
	oauthPlace    = "/.well-known/oauth-authorization-server"
	resourcePlace = "/.well-known/oauth-protected-resource"
)

func discoverRuns(f *fakeIssuer, environ map[string]string, args ...string) (code int, stdout, stderr string) {
	return runMain(environ, append([]string{"discover", "--cacert", f.cacert}, args...)...)
}

func TestDiscoverRefusesContradictionsBeforeItSends(t *testing.T) {
	f := wellKnownOf(t, map[string]string{openIDPlace: `{"issuer":"ME"}`})
	for _, args := range [][]string{
		{},
		{""},
		{f.URL, "b"},
		{f.URL, "--issuer", "https://other.example"},
		{f.URL, "--protected-resource", f.URL},
		{"--issuer", f.URL, "--protected-resource", f.URL},
		{"--protected-resource", ""},
		{f.URL, "--check", "fapi1"},
		{f.URL, "--cert-key", f.key},
		{f.URL, "--cert", "no-such-file"},
		{f.URL + "?x"},
		{"as.example"},
		{"http://as.example"},
		{"--protected-resource", "api.example"},
		{f.URL, "-o", "yaml"},
	} {
		if code, stdout, stderr := discoverRuns(f, nil, args...); code != 2 || stdout != "" || len(f.seen) > 0 {
			t.Errorf("%q: exit %d, %d requests: %s%s", args, code, len(f.seen), stdout, stderr)
		}
	}
}

func TestDiscoverTakesTheIssuerOfTheNearestLayer(t *testing.T) {
	f := wellKnownOf(t, map[string]string{
		"/a" + openIDPlace: `{"issuer":"ME/a"}`, "/b" + openIDPlace: `{"issuer":"ME/b"}`, resourcePlace: `{"resource":"ME"}`,
	})
	environ := map[string]string{"OAUTHPOP_ISSUER": f.URL + "/a"}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"/a", nil},
		{"/b", []string{f.URL + "/b"}},
		{"/b", []string{"--issuer", f.URL + "/b"}},
		{"/b", []string{f.URL + "/b", "--issuer", f.URL + "/b"}},
		{"", []string{"--protected-resource", f.URL}},
	} {
		code, stdout, stderr := discoverRuns(f, environ, c.args...)
		if first, _, _ := strings.Cut(stdout, "\n"); code != 0 || first != f.URL+c.want {
			t.Errorf("%q: exit %d, %q: %s", c.args, code, first, stderr)
		}
	}
}

func TestDiscoverKeepsTheMetadataAsItCame(t *testing.T) {
	f := wellKnownOf(t, map[string]string{oauthPlace: `{"z":1.50,"issuer":"ME","support":"mine","a":[1e400,18446744073709551616],"check":{},"token_endpoint":"ME/token","error":"none"}`})
	code, stdout, stderr := discoverRuns(f, nil, f.URL, "-o", "json")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	order := []string{`"z": 1.50`, `"issuer": "` + f.URL + `"`, "1e400", "18446744073709551616", `"token_endpoint": "` + f.URL + "/token", `"support": [`}
	at := 0
	for _, part := range order {
		i := strings.Index(stdout[at:], part)
		if i < 0 {
			t.Fatalf("%s does not follow:\n%s", part, stdout)
		}
		at += i
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(stdout), &members); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stdout, "mine") || members["check"] != nil || members["error"] != nil {
		t.Errorf("a member of the server's stands where ours does:\n%s", stdout)
	}
	conforms(t, "discover", stdout)
}

func TestDiscoverChecksAProfile(t *testing.T) {
	kept := `{"resource":"ME","bearer_methods_supported":["header"],"dpop_signing_alg_values_supported":["ES256"]}`
	f := wellKnownOf(t, map[string]string{
		openIDPlace: `{"issuer":"ME","token_endpoint":"ME/t","token_endpoint_auth_methods_supported":["none"],"dpop_signing_alg_values_supported":["ES256"]}`, resourcePlace: kept,
	})
	code, stdout, stderr := discoverRuns(f, nil, f.URL, "--check", "fapi2", "-o", "json")
	var got struct {
		Issuer string
		view.Discover
		Error struct {
			Code          int
			Type, Message string
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	if code != 3 || got.Error.Code != 3 || got.Error.Type != "check" || got.Issuer != f.URL || got.Check.Verdict != "failed" ||
		got.Check.Failed() != "confidential, client-authentication" || !strings.Contains(got.Error.Message, got.Check.Failed()) {
		t.Errorf("exit %d, %s", code, stdout)
	}
	code, stdout, stderr = discoverRuns(f, nil, f.URL, "--check", "fapi2")
	if code != 3 || !strings.Contains(stdout, "failed") || !strings.Contains(stderr, "confidential, client-authentication") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = discoverRuns(f, nil, "--protected-resource", f.URL, "--check", "fapi2")
	if code != 0 || !strings.Contains(stdout, "\npassed  FAPI 2.0") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// What is to be known of an answer is said, and not with -q.
func TestDiscoverSaysHowTheIssuerWritesItself(t *testing.T) {
	f := wellKnownOf(t, map[string]string{openIDPlace: `{"issuer":"ME/"}`, resourcePlace: `{"resource":"ME/"}`})
	for _, args := range [][]string{{f.URL}, {"--protected-resource", f.URL}} {
		code, stdout, stderr := discoverRuns(f, nil, args...)
		if code != 0 || !strings.HasPrefix(stdout, f.URL+"/\n") || !strings.Contains(stderr, "writes itself") {
			t.Errorf("%q: exit %d: %s%s", args, code, stdout, stderr)
		}
		if _, _, stderr := discoverRuns(f, nil, append(args, "-q")...); stderr != "" {
			t.Errorf("%q -q says %q", args, stderr)
		}
	}
}

func TestDiscoverOfWhatIsNoMetadata(t *testing.T) {
	f := wellKnownOf(t, map[string]string{
		"/foreign" + openIDPlace: `{"issuer":"https://other.example"}`, "/twice" + openIDPlace: `{"issuer":"ME/twice","issuer":"ME/twice"}`,
		resourcePlace + "/foreign": `{"resource":"https://other.example"}`,
	})
	for _, c := range []struct {
		code int
		said string
		args []string
	}{
		{4, "HTML page", []string{f.URL + "/nothing"}},
		{4, "https://other.example", []string{f.URL + "/foreign"}},
		{4, "issuer stands twice", []string{f.URL + "/twice"}},
		{4, "HTML page", []string{"--protected-resource", f.URL}},
		{4, "https://other.example", []string{"--protected-resource", f.URL + "/foreign"}},
		{5, "", []string{"https://127.0.0.1:1"}},
		{5, "", []string{"--protected-resource", "https://127.0.0.1:1"}},
	} {
		code, stdout, stderr := discoverRuns(f, nil, c.args...)
		if code != c.code || stdout != "" || !strings.Contains(stderr, c.said) || !strings.Contains(stderr, "\nhint:") {
			t.Errorf("%q: exit %d, want %d with %q: %s%s", c.args, code, c.code, c.said, stdout, stderr)
		}
	}
}

// A server may want a certificate of whoever asks, at its metadata, too.
func TestDiscoverPresentsTheClientCertificate(t *testing.T) {
	f := newFakeIssuer(t, func(*fakeIssuer, http.ResponseWriter, *http.Request) {})
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) > 0 {
			_, _ = w.Write([]byte(`{"issuer":"https://` + r.Host + `","resource":"https://` + r.Host + `"}`))
		}
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	mustRun(t, 0, "cert", "issue", "--cn", "app", "--self-signed", "--out", filepath.Join(f.dir, "app"))
	for _, args := range [][]string{{server.URL}, {"--protected-resource", server.URL}} {
		if code, _, stderr := discoverRuns(f, nil, args...); code != 4 {
			t.Errorf("%q: exit %d: %s", args, code, stderr)
		}
		if code, _, stderr := discoverRuns(f, nil, append(args, "--cert", filepath.Join(f.dir, "app.pem"))...); code != 0 {
			t.Errorf("%q with a certificate: exit %d: %s", args, code, stderr)
		}
	}
}

func TestCompletionKnowsTheProfiles(t *testing.T) {
	if out := mustRun(t, 0, "__complete", "discover", "--check", ""); !strings.HasPrefix(out, "fapi2\n") {
		t.Errorf("%q", out)
	}
}
