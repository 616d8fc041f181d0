// Package dpopcmd holds the verbs of `dpop`: one proof made, one proof judged.
package dpopcmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

// New returns the command.
func New(env *cli.Env) *cobra.Command {
	cmd := cli.Group("dpop", "Make and check DPoP proofs (RFC 9449)",
		newProofCmd(env, (*proofOptions).run),
		newVerifyCmd(env, func(ctx context.Context, o *verifyOptions) error { return o.run(ctx) }),
	)
	cmd.Long = `dpop makes the proof for one request, and says of any proof whether a careful
server would take it for that request: every check of RFC 9449 section 4.3 on its
own. Nothing is sent.`
	cmd.Example = `  oauthpop dpop proof --key key.jwk -X GET -u https://api.example.com/orders > proof.txt
  oauthpop dpop verify @proof.txt -X GET -u https://api.example.com/orders`
	return cmd
}

// target are the flags that name a request.
type target struct{ method, url, htu string }

func (t *target) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&t.method, "method", "X", "", "`METHOD` of the request, in its own case (htm)")
	f.StringVarP(&t.url, "url", "u", "", "`URL` of the request; query and fragment are no part of htu")
	f.StringVar(&t.htu, "htu", "", "`URL` that the server knows instead of --url (behind a rewriting proxy)")
	cli.Complete(cmd, "method", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
}

// checkMethod refuses what cannot be a method.
func checkMethod(env *cli.Env, method string) error {
	// "token = 1*tchar" https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
	for i := range len(method) {
		c := method[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return cli.Usage("--method %q is not an HTTP method", method)
		}
	}
	if upper := strings.ToUpper(method); upper != method && (upper == "GET" || upper == "POST" || upper == "PUT" || upper == "PATCH" || upper == "DELETE") {
		env.Warn(fmt.Sprintf("methods are case-sensitive: %q is not %q", method, upper))
	}
	return nil
}

// given refuses flags that were given without a value.
func given(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if cmd.Flags().Changed(name) && cmd.Flag(name).Value.String() == "" {
			return cli.Usage("--%s is empty", name)
		}
	}
	return nil
}

// accessToken reads the token itself and refuses what no header can carry.
func accessToken(env *cli.Env, value string) (string, error) {
	token, err := env.Value("--token", value)
	if err != nil {
		return "", err
	}
	bad := strings.IndexFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f })
	switch {
	case token == "":
		return "", cli.Input("the token is empty")
	case bad >= 0:
		err := cli.Input("the token holds a character that no header can carry, at byte %d", bad)
		err.Hint = "give the token alone, without scheme and line breaks"
		return "", err
	}
	return token, nil
}

// htuOf is the htu of a URL that a flag gave, or a fault of the command line.
func htuOf(flag, url string) (string, error) {
	htu, err := dpop.HTU(url)
	if err == nil {
		return htu, nil
	}
	fault := cli.Usage("--%s: %v", flag, err)
	if h, ok := err.(interface{ HintText() string }); ok {
		fault.Hint = h.HintText()
	}
	return "", fault
}
