package commands

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// call is one call, ready to be sent as often as it is asked for.
type call struct {
	method  string
	url     string // as it goes over the wire
	htu     string // of --htu
	htuOf   func(url string) (string, error)
	headers http.Header
	body    *cli.RequestBody
	token   wire.Secret
	scheme  string // of --auth-scheme
	prover  *dpop.Prover
	binding wire.Binding
}

// forms refuses forms of the result, and of the request, that contradict.
func (o *callOptions) forms() error {
	if o.outFile == "-" { // as in curl: standard output
		o.outFile = ""
	}
	switch {
	case o.outFile != "" && o.include:
		return cli.Usage("-i and -O can't be used together: the file holds the body alone")
	case o.outFile != "" && o.env.JSON():
		return cli.Usage("-O and -o json can't be used together: with -o json the body is in the object")
	case o.scheme != "" && o.scheme != "dpop" && o.scheme != "bearer":
		return cli.Usage("--auth-scheme %q is not dpop or bearer", o.scheme)
	case o.htu != "" && o.client.HTUMap.Given():
		return cli.Usage("--htu and --htu-map both say what the proof names: choose")
	case o.printCurl && o.follow:
		return &cli.UsageError{Message: "-L can't stand in a curl command: curl makes no proof for where a redirect leads", Hint: "leave it out, and call that URL next"}
	}
	return nil
}

// request reads what is to be sent from arguments and flags. It comes with an error,
// too, with what is open of it.
func (o *callOptions) request(cmd *cobra.Command, args []string) (*call, error) {
	c := &call{method: o.method, headers: http.Header{}, scheme: o.scheme}
	if len(args) == 2 {
		if o.method != "" && !strings.EqualFold(o.method, args[0]) {
			return c, cli.Usage("the method is said twice: %s and -X %s", args[0], o.method)
		}
		c.method = strings.ToUpper(args[0])
	}
	if err := o.address(c, args[len(args)-1]); err != nil {
		return c, err
	}
	for _, h := range o.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || name == "" || strings.ContainsAny(h, "\r\n") {
			return c, cli.Usage("-H %q is not 'NAME: VALUE'", h)
		}
		if slices.ContainsFunc([]string{"authorization", wire.HeaderDPoP}, func(own string) bool { return strings.EqualFold(own, name) }) {
			return c, cli.Usage("-H %s: that header is made by the call itself", name)
		}
		c.headers.Add(name, strings.TrimSpace(value))
	}
	if err := o.content(cmd, c); err != nil {
		return c, err
	}
	if c.method == "" {
		c.method = http.MethodGet
		if c.body != nil {
			c.method = http.MethodPost
		}
	}
	return c, nil
}

// address takes the URL as it will go over the wire, and what proofs name.
func (o *callOptions) address(c *call, target string) (err error) {
	if c.url, err = dpop.RequestURL(target); err != nil {
		return err
	}
	if _, err := url.Parse(c.url); err != nil {
		return cli.Usage("the URL %q can't be called: %v", c.url, err)
	}
	if err := o.client.HTUMap.Read(); err != nil {
		return err
	}
	c.htuOf = o.client.HTUMap.Of
	if o.htu != "" {
		c.htu, err = dpop.HTU(o.htu)
	}
	return err
}

// content is the body, and what the header says of it unless -H does.
//
// --json is -d "and two headers", Content-Type and Accept, as in curl.
// https://curl.se/docs/manpage.html#--json
func (o *callOptions) content(cmd *cobra.Command, c *call) error {
	flag, value, header := "-d", o.data, map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	switch given := cmd.Flags().Changed; {
	case given("data") && given("json"):
		return cli.Usage("-d and --json can't be used together: a request has one body")
	case given("json"):
		flag, value, header = "--json", o.json, map[string]string{"Content-Type": "application/json", "Accept": "application/json"}
	case !given("data"):
		return nil
	}
	for name, value := range header {
		if len(c.headers.Values(name)) == 0 {
			c.headers.Set(name, value)
		}
	}
	var err error
	if c.body, err = o.env.Body(flag, value); err != nil || !c.body.Piped() {
		return err
	}
	switch {
	case o.repeat > 1:
		return cli.Usage("%s %s and --repeat can't be used together: a pipe can be read once", flag, value)
	case o.printCurl && c.body.From != "-":
		return cli.Usage("%s %s can't stand in a curl command: only this one can read it", flag, value)
	}
	return nil
}

// spent: the body can't be sent once more.
func (c *call) spent() bool { return c.body != nil && c.body.Spent() }

// build makes the request anew for each attempt: a fresh body, a fresh proof with
// the nonce that the server asked for, and for where a redirect leads a proof for
// that URL.
func (c *call) build(now func() time.Time) transport.Build {
	return func(a transport.Attempt) (*http.Request, error) {
		h := c.hop(a.Redirect)
		target, err := url.Parse(h.url)
		if err != nil {
			return nil, err
		}
		req := &http.Request{Method: h.method, URL: target, Header: h.headers, Host: target.Host}
		if host := h.headers.Get("Host"); host != "" {
			req.Host = host
		}
		if h.body != nil {
			if err := carry(req, h.body); err != nil {
				return nil, err
			}
		}
		if a.Redirect != nil && a.Redirect.Foreign {
			return req, nil
		}
		return h.prove(req, a, now())
	}
}

// hop is the call as it goes on where a redirect leads, or the call itself.
func (c *call) hop(r *transport.Redirect) *call {
	h := *c
	h.headers = c.headers.Clone()
	if r == nil {
		return &h
	}
	h.method, h.url, h.htu = r.Method, r.URL, ""
	if r.Foreign {
		h.headers.Del("Host")
	}
	if r.NoBody {
		// "[Removing] content-specific header fields" where the method becomes GET.
		// https://www.rfc-editor.org/rfc/rfc9110#section-15.4
		h.body = nil
		maps.DeleteFunc(h.headers, func(name string, _ []string) bool { return strings.HasPrefix(name, "Content-") })
	}
	return &h
}

func carry(req *http.Request, body *cli.RequestBody) error {
	var err error
	if req.Body, req.ContentLength, err = body.Open(); err != nil {
		return err
	}
	if req.ContentLength == 0 {
		err = req.Body.Close()
		req.Body = http.NoBody // a length of 0 with a body would mean an unknown one
	}
	return err
}

// prove adds the token and what proves it.
func (c *call) prove(req *http.Request, a transport.Attempt, now time.Time) (*http.Request, error) {
	req.Header.Set("Authorization", c.authorization())
	if c.prover == nil {
		return req, nil
	}
	htu := c.htu
	if htu == "" {
		var err error
		if htu, err = c.htuOf(c.url); err != nil {
			return nil, err
		}
	}
	proof, err := c.prover.Proof(dpop.Claims{Method: c.method, HTU: htu, Token: c.token.Reveal(), Nonce: a.Nonce(c.url), Time: now})
	if err != nil {
		return nil, err
	}
	req.Header[wire.HeaderDPoP] = []string{proof}
	return transport.WithProof(req, htu, now), nil
}

func (c *call) authorization() string { return c.schemeWord() + " " + c.token.Reveal() }

// schemeWord is the scheme. A DPoP-bound token is sent as Bearer only where that was asked
// for: a server that checks the binding must refuse it then.
// https://www.rfc-editor.org/rfc/rfc9449#section-7.2
func (c *call) schemeWord() string {
	if c.scheme == "dpop" || c.scheme == "" && c.prover != nil {
		return wire.SchemeDPoP
	}
	return wire.SchemeBearer
}
