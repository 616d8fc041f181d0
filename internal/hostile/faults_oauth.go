package hostile

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// tokenFaults are answers of a token endpoint from which no token can be taken.
func tokenFaults() []Fault {
	answering := func(name, does, cause, body string) Fault {
		return Fault{Name: name, Does: does, Want: map[Place]Outcome{Token: useless(cause).after(1)}, answer: object(200, body)}
	}
	return []Fault{
		answering("no access_token", "leaves access_token out", "without access_token", `{"token_type":"DPoP"}`),
		answering("empty access_token", "sends an empty access_token", "empty access_token", `{"access_token":"","token_type":"DPoP"}`),
		answering("access_token a number", "sends access_token as a number", "not a string", `{"access_token":7,"token_type":"DPoP"}`),
		answering("access_token null", "sends access_token as null", "not a string", `{"access_token":null,"token_type":"DPoP"}`),
		answering("access_token with line breaks", "sends an access_token that no header may carry", "no header may carry", `{"access_token":"a\r\nX: y","token_type":"DPoP"}`),
		answering("access_token twice", "sends access_token twice", "stands twice", `{"access_token":"x","access_token":"y","token_type":"DPoP"}`),
		answering("access_token twice, once escaped", "sends access_token twice, once in escapes", "stands twice", `{"access_token":"x","\u0061ccess_token":"y","token_type":"DPoP"}`),
		answering("token_type twice", "sends token_type twice", "stands twice", `{"access_token":"x","token_type":"DPoP","token_type":"Bearer"}`),
		answering("token_type a number", "sends token_type as a number", "not a string", `{"access_token":"x","token_type":1}`),
		answering("error with 200", "sends an error with the status 200", "invalid_client", `{"error":"invalid_client"}`),
		answering("access_token of half a megabyte", "sends an access_token that fits into no header", "fits into no header", `{"access_token":"`+strings.Repeat("x", 512<<10)+`","token_type":"DPoP"}`),
		answering("error without end", "sends an error of half a megabyte", "xxxx", `{"error":"`+strings.Repeat("x", 512<<10)+`"}`),
		{
			Name: "fifty thousand members", Does: "sends fifty thousand members beside the right ones", Want: map[Place]Outcome{Token: right()},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				object(200, s.with(r, func(i int) string { return fmt.Sprintf(`"a%d":%d`, i, i) }))(s, w, r)
			},
		},
		{
			Name: "one member fifty thousand times", Does: "repeats a member that is of no use", Want: map[Place]Outcome{Token: right()},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				object(200, s.with(r, func(int) string { return `"a":[{}]` }))(s, w, r)
			},
		},
		{
			Name: "token_type without end", Does: "sends a token_type of half a megabyte",
			Want:   map[Place]Outcome{Token: {Code: 3, Type: "check", Cause: "not-bound"}},
			answer: object(200, `{"access_token":"x","token_type":"`+strings.Repeat("x", 512<<10)+`"}`),
		},
		{
			Name: "token_type that steers a terminal", Does: "sends a token_type with escapes",
			Want:   map[Place]Outcome{Token: {Code: 3, Type: "check", Cause: "not-bound"}},
			answer: object(200, `{"access_token":"x","token_type":"\u001b[2J\u202e"}`),
		},
		{
			Name: "bearer", Does: "sends an unbound token, as Bearer, though there was a proof",
			Want:   map[Place]Outcome{Token: {Code: 3, Type: "check", Cause: "not-bound"}},
			answer: object(200, `{"access_token":"x","token_type":"Bearer"}`),
		},
		{
			Name: "bound to another key", Does: "sends a token that is bound to another key",
			Want: map[Place]Outcome{Token: {Code: 3, Type: "check", Cause: "bound-to-another-key"}},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				object(200, fmt.Sprintf(`{"access_token":%q,"token_type":"DPoP"}`, s.AccessToken(strings.Repeat("A", 43))))(s, w, r)
			},
		},
	}
}

// refusalFaults are refusals that say little, or too much.
func refusalFaults() []Fault {
	refusing := func(name, does, cause string, status int, body string) Fault {
		return Fault{
			Name: name, Does: does, answer: object(status, body),
			Want: map[Place]Outcome{Token: useless(cause).after(1), Resource: useless(fmt.Sprint(status)).by("--fail").after(1)},
		}
	}
	return []Fault{
		refusing("error an object", "sends an error that is no string", "without an error", 400, `{"error":{"code":1}}`),
		refusing("error twice", "sends two errors", "the server", 400, `{"error":"invalid_client","error":"use_dpop_nonce"}`),
		refusing("words that steer a terminal", "sends escapes in its description", "invalid_request", 400, `{"error":"invalid_request","error_description":"\u001b[2J\u001b]0;x\u0007\u202e"}`),
		refusing("words without end", "sends a description of half a megabyte", "invalid_request", 400, `{"error":"invalid_request","error_description":"`+strings.Repeat("x", 512<<10)+`"}`),
		{
			Name: "a clock of its own", Does: "refuses, at a time of its own",
			Want: map[Place]Outcome{Token: useless("clock"), Resource: useless("clock").by("--fail")},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
				w.Header().Set("WWW-Authenticate", `DPoP error="invalid_dpop_proof"`)
				object(400, `{"error":"invalid_dpop_proof"}`)(s, w, r)
			},
		},
		{
			Name: "challenges that turn the text round", Does: "sends marks of direction in its challenge and in Retry-After",
			Want: map[Place]Outcome{Token: useless("401"), Resource: useless("401").by("--fail")},
			bytes: func(_ *Server, c *tls.Conn, _ *http.Request) {
				_, _ = io.WriteString(c, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nWWW-Authenticate: DPoP error=\"\u202e\"\r\nRetry-After: \u202e1\r\n\r\n{}")
			},
		},
		{
			Name: "challenge without end", Does: "refuses with one challenge that is hard to read",
			Want: map[Place]Outcome{Token: useless("401"), Resource: useless("401").by("--fail")},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				w.Header().Add("WWW-Authenticate", strings.Repeat(`DPoP a="\\\"`, 10_000)+strings.Repeat(",", 50_000)+strings.Repeat("a=", 10_000))
				object(401, `{}`)(s, w, r)
			},
		},
		{
			Name: "a thousand challenges", Does: "refuses with a thousand challenges",
			Want: map[Place]Outcome{Token: useless("401"), Resource: useless("401").by("--fail")},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				for range 1000 {
					w.Header().Add("WWW-Authenticate", `Bearer realm="a, \"b", DPoP algs="ES256"`)
				}
				object(401, `{}`)(s, w, r)
			},
		},
	}
}

// nonceFaults ask for nonces that cannot be right.
func nonceFaults() []Fault {
	asking := func(name, does, cause string, requests int, nonces func(count int) []string) Fault {
		o := useless(cause).after(requests)
		return Fault{
			Name: name, Does: does, Want: map[Place]Outcome{Token: o, Resource: o.by("--fail")},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				s.askForNonce(w, r, nonces(len(s.Requests(placeOf(r.URL.Path)))))
			},
		}
	}
	always := func(nonces ...string) func(int) []string { return func(int) []string { return nonces } }
	// Long enough for the first request, which is answered.
	hangs := nothing("--timeout").by("--timeout", "1s").after(2)
	return []Fault{
		{
			Name: "right nonce", Does: "asks for a nonce of its own, and answers who has it",
			Want: map[Place]Outcome{Token: right().after(2), Resource: right().after(2)},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				if nonceOf(r) == s.Nonce() {
					s.right(w, r)
					return
				}
				s.askForNonce(w, r, []string{s.Nonce()})
			},
		},
		asking("nonce dance", "asks for another nonce each time", "and asks for", 2, func(count int) []string { return []string{fmt.Sprint("n-", count)} }),
		asking("same nonce", "asks for the same nonce each time", "that is the one it was sent", 2, always("n-same")),
		asking("no nonce", "asks for a nonce and gives none", "gives none", 1, always()),
		asking("two nonces", "gives two nonces at once", "2 DPoP-Nonce fields, where one is allowed", 1, always("n-1", "n-2")),
		asking("one nonce twice", "gives one nonce in two fields", "2 DPoP-Nonce fields, where one is allowed", 1, always("n-1", "n-1")),
		asking("empty nonce", "gives an empty nonce", "its DPoP-Nonce cannot be used", 1, always("")),
		asking("nonce with a quote", "gives a nonce with a character that nonces do not have", "its DPoP-Nonce cannot be used", 1, always(`n"1`)),
		asking("nonce with a space", "gives two nonces in one", "its DPoP-Nonce cannot be used", 1, always("n-1 n-2")),
		asking("nonce outside ASCII", "gives a nonce that is not ASCII", "its DPoP-Nonce cannot be used", 1, always("n-\xe4")),
		asking("long nonce", "gives a nonce that is too long to be sent back", "its DPoP-Nonce cannot be used", 1, always(strings.Repeat("n", 8<<10))),
		asking("nonce of a megabyte", "gives a nonce of a megabyte", "the header of the answer", 1, always(strings.Repeat("n", 1<<20))),
		{
			Name: "nonce, then silence", Does: "asks for a nonce and never answers the retry", Hangs: true,
			Want: map[Place]Outcome{Token: hangs, Resource: hangs},
			answer: func(s *Server, w http.ResponseWriter, r *http.Request) {
				if nonceOf(r) != "" {
					s.wait(r)
					return
				}
				s.askForNonce(w, r, []string{"n-1"})
			},
		},
	}
}

// Nonce is the one that the server asks for where it asks rightly. No other server has it.
func (s *Server) Nonce() string { return "n-" + s.http.Listener.Addr().String() }

// askForNonce refuses as an authorization server does, or as an API.
func (s *Server) askForNonce(w http.ResponseWriter, r *http.Request, nonces []string) {
	w.Header()["Dpop-Nonce"] = nonces
	if placeOf(r.URL.Path) == Token {
		object(http.StatusBadRequest, `{"error":"use_dpop_nonce"}`)(s, w, r)
		return
	}
	w.Header().Set("WWW-Authenticate", `DPoP error="use_dpop_nonce", algs="ES256"`)
	object(http.StatusUnauthorized, `{}`)(s, w, r)
}

// with is the right answer with fifty thousand members more.
func (s *Server) with(r *http.Request, member func(int) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"access_token":%q,"token_type":"DPoP"`, s.AccessToken(proofKey(r)))
	for i := range 50_000 {
		b.WriteString("," + member(i))
	}
	return b.String() + "}"
}
