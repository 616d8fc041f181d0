package tokencmd

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// curl prints the request as a command line, with the proof and the assertion that
// were made for it.
func (o *tokenOptions) curl(ctx context.Context, client *profile.Client, t *transport.Transport, form url.Values) error {
	options, err := o.connection.Curl()
	if err != nil {
		return err
	}
	certificate, literal, err := o.client.Certificate.Curl(o.env, &o.client.Passphrases)
	if err != nil {
		return err
	}
	server, err := find(ctx, o.env, client, t)
	if err != nil {
		return err
	}
	asker, err := server.client(o.env, client)
	if err != nil {
		return err
	}
	if err := learnNonce(ctx, t, *asker, server.endpoint, form); err != nil {
		return err
	}
	req, err := t.Prepare(asker.Request(ctx, server.endpoint, form))
	if err != nil {
		return err
	}
	c := view.Curl{Method: req.Method, URL: req.URL.String(), Options: slices.Concat(options, certificate)}
	remedy, err := o.requestInShell(&c, client, req)
	if err != nil {
		return err
	}
	if literal && remedy == "" {
		remedy = keepOut
	}
	if remedy != "" {
		o.env.WarnBinding("the command holds a secret: whoever sees it has it; " + remedy)
	}
	if len(certificate) > 0 && slices.Contains(certificate, "--pass") && !literal {
		o.env.Say("curl takes the passphrase from where it came from here")
	}
	return o.env.Result(&view.CurlCommand{Command: c.Command()}, nil)
}

const keepOut = "@FILE or a variable of the environment keeps it out"

// requestInShell adds header and body. A secret that came from a variable or a file is
// left there; remedy is what to do where it can't be, "" where it is.
func (o *tokenOptions) requestInShell(c *view.Curl, client *profile.Client, req *http.Request) (remedy string, err error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return "", err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return "", err
	}
	secret, literal := o.client.SecretInShell(o.env, client.Secret.Reveal())
	switch client.Method {
	case wire.AuthBasic:
		// curl encodes neither name nor secret as RFC 6749 section 2.3.1 wants.
		plain := func(s string) bool { return url.QueryEscape(s) == s }
		switch {
		case literal:
			remedy = keepOut
		case !plain(client.ClientID) || !plain(client.Secret.Reveal()):
			remedy = "client_secret_basic has to encode it, which curl does not do: client_secret_post keeps it out, where the client may use that"
		default:
			req.Header.Del("Authorization")
			c.Options = append(c.Options, "--user", ui.Word(client.ClientID+":")+secret)
		}
	case wire.AuthPost:
		if literal {
			remedy = keepOut
		} else {
			form.Del("client_secret")
			c.Body = append(c.Body, "--data-urlencode", "client_secret="+secret)
		}
	}
	c.Body = append([]ui.Shell{"--data-raw", ui.Word(form.Encode())}, c.Body...)
	for _, name := range []string{"Accept", "Authorization", wire.HeaderDPoP} {
		if value := req.Header.Get(name); value != "" {
			c.Header = append(c.Header, name+": "+value)
		}
	}
	return remedy, nil
}

var errAskedOnce = errors.New("asked once")

// learnNonce asks the server for the nonce that it may want, by a request whose proof
// is an hour old, which no server that checks proofs takes: one that does not issues a
// token for it, which is dropped. What it answers else is of no
// interest here.
func learnNonce(ctx context.Context, t *transport.Transport, asker oauth.Client, endpoint string, form url.Values) error {
	if asker.DPoP == nil {
		return nil
	}
	now := asker.Now
	stale := asker
	stale.ProofNow = func() time.Time { return now().Add(-time.Hour) }
	build := stale.Request(ctx, endpoint, form)
	_, err := t.Do(ctx, func(at transport.Attempt) (*http.Request, error) {
		if at.Number > 1 {
			return nil, errAskedOnce
		}
		return build(at)
	}, bounds.Answer)
	var large *transport.AnswerTooLargeError
	if errors.Is(err, errAskedOnce) || errors.As(err, &large) {
		return nil
	}
	return err
}
