package commands

import (
	"maps"
	"net/http"
	"slices"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// curl prints the call as a command line, with a proof that is made for it. The API is
// not asked for anything, nor for a nonce: it would have to be sent the request.
func (o *callOptions) curl(t *transport.Transport, c *call, s *source) error {
	if c.method == http.MethodHead && (o.data != "" || o.json != "") {
		return cli.Usage("--print-curl has no command for HEAD with a body: curl sends none")
	}
	options, err := o.connection.Curl()
	if err != nil {
		return err
	}
	certificate, secret, err := o.client.Certificate.Curl(o.env, &o.client.Passphrases)
	if err != nil {
		return err
	}
	head := *c
	head.body = nil // it is curl that reads it
	req, err := t.Prepare(head.build(o.env.Now))
	if err != nil {
		return err
	}
	authorization, literal := o.authorizationInShell(c, s)
	line := view.Curl{
		Method: req.Method, URL: req.URL.String(), Body: bodyInShell(c),
		Options: slices.Concat(options, certificate, o.answerInShell(), []ui.Shell{"-H", authorization}),
	}
	req.Header.Del("Authorization")
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		for _, value := range req.Header[name] {
			line.Header = append(line.Header, name+": "+value)
			if name == wire.HeaderDPoP {
				o.sayOfProof(value)
			}
		}
	}
	if literal || secret {
		o.env.WarnBinding("the command holds a secret: whoever sees it has it; @FILE or a variable of the environment keeps it out")
	}
	return o.env.Result(&view.CurlCommand{Command: line.Command()}, nil)
}

// authorizationInShell is the line with the token, which is left where it came from;
// literal says that it stands in it.
func (o *callOptions) authorizationInShell(c *call, s *source) (line ui.Shell, literal bool) {
	if s.client == nil { // a token that was got now is nowhere else, whatever the environment has
		if token, literal := o.env.InShell("token", o.token, c.token.Reveal()); !literal {
			return ui.Word("Authorization: "+c.schemeWord()+" ") + token, false
		}
	}
	return ui.Word("Authorization: " + c.authorization()), true
}

// answerInShell are the options that make of the answer what was asked for.
func (o *callOptions) answerInShell() []ui.Shell {
	var words []ui.Shell
	if o.include {
		words = append(words, "--include")
	}
	if o.fail {
		words = append(words, "--fail")
	}
	if o.outFile != "" {
		words = append(words, "--output", ui.Word(o.outFile))
	}
	return words
}

// bodyInShell are the options that send the body, byte for byte.
func bodyInShell(c *call) []ui.Shell {
	switch {
	case c.body == nil:
		return nil
	case c.body.From == "-":
		return ui.Words("--data-binary", "@-")
	case c.body.From != "":
		return ui.Words("--data-binary", c.body.From)
	}
	return ui.Words("--data-raw", c.body.Text)
}

// sayOfProof says what the proof in the command is good for.
func (o *callOptions) sayOfProof(proof string) {
	if p, err := jwt.Split(proof); err == nil {
		if _, known := p.Payload.String("nonce"); known {
			o.env.Say("the proof is for this request alone, fresh for about a minute, and has the nonce that the server gave last")
			return
		}
	}
	o.env.Say("the proof is for this request alone, fresh for about a minute, and has no nonce: where the API asks for one, " +
		"'oauthpop dpop proof --nonce NONCE -o curl' makes the command with it")
}
