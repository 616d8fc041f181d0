package transport

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestTraceTellsWhatHappenedAndNoSecret(t *testing.T) {
	const mark = "s3cr3t-m4rk-that-is-long-enough-to-be-shortened-and-not-replaced-as-a-whole-0123456789"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Set-Cookie", "sid="+mark)
		w.Header().Set("DPoP-Nonce", "nonce-1")
		w.Header().Set("Location", "https://app.example/cb?code="+mark+"&state=open#access_token="+mark)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"access_token":"`+mark+`"}`)
	})
	form := url.Values{"grant_type": {"client_credentials"}, "scope": {"api:read"}, "client_id": {"app"}}
	for _, name := range []string{
		"client_secret", "client_assertion", "assertion", "subject_token", "actor_token", "refresh_token", "token", "password",
		"code", "code_verifier", "device_code", "auth_req_id", "request", "id_token_hint", "api_key", "x_secret_thing",
	} {
		form.Set(name, mark)
	}
	var trace record
	tr := newTransport(t, Config{Trace: trace.add}, s)
	_, err := tr.Do(t.Context(), func(Attempt) (*http.Request, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/token?p=open&access_token="+mark, strings.NewReader(form.Encode()))
		if err != nil {
			return nil, err
		}
		req.Header = http.Header{
			"Content-Type":  {"application/x-www-form-urlencoded; charset=utf-8"},
			"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(mark))},
			"X-Api-Key":     {mark}, "Cookie": {"a=" + mark}, "DPoP": {mark}, "Proxy-Authorization": {mark}, "X-Auth-Token": {mark},
			"Ocp-Apim-Subscription-Key": {mark}, "Accept": {"application/json"},
		}
		return req, nil
	}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%+v", trace.events)
	if strings.Contains(all, mark[:20]) || strings.Contains(all, base64.StdEncoding.EncodeToString([]byte(mark))[:20]) {
		t.Errorf("the trace shows a secret: %s", all)
	}
	for _, want := range []string{
		"grant_type", "client_credentials", "api:read", "application/json", "Basic ", "nonce-1", "p=open", "state=open", "400 Bad Request",
		"HTTP/1.1", s.Listener.Addr().String(), "secret, 86 bytes",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("the trace does not show %q: %s", want, all)
		}
	}
	if n := len(trace.of(TraceRequest)[0].Form); n != len(form) {
		t.Errorf("%d form values, want %d", n, len(form))
	}
}

func TestTraceLeavesOtherBodiesAlone(t *testing.T) {
	s := serve(t, ok)
	var trace record
	tr := newTransport(t, Config{Trace: trace.add}, s)
	for name, body := range map[string]io.Reader{"known": strings.NewReader(`{"a":1}`), "unknown": io.MultiReader(strings.NewReader("a=b"))} {
		trace.events = nil
		_, err := tr.Do(t.Context(), func(Attempt) (*http.Request, error) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, body)
			req.Header.Set("Content-Type", map[string]string{"known": "application/json", "unknown": "application/x-www-form-urlencoded"}[name])
			return req, err
		}, 100)
		if err != nil {
			t.Fatal(err)
		}
		e := trace.of(TraceRequest)[0]
		if e.Form != nil || e.BodySize != map[string]int64{"known": 7, "unknown": -1}[name] {
			t.Errorf("%s: %+v", name, e)
		}
	}
}

func TestSecretNames(t *testing.T) {
	for name, want := range map[string]bool{
		"client_secret": true, "X-Client-Secret": true, "Session-Id": true, "Set-Cookie": true, "cname-api-key": true, "code": true, "DPoP": true,
		"token_type": false, "subject_token_type": false, "client_assertion_type": false, "code_challenge_method": false, "code_challenge": false,
		"DPoP-Nonce": false, "WWW-Authenticate": false, "Content-Encoding": false, "state": false, "scope": false, "resource": false, "postcode": false,
	} {
		if got := isSecret(name); got != want {
			t.Errorf("%s is secret: %v", name, got)
		}
	}
}
