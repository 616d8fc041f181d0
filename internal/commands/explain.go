package commands

import (
	"encoding/json"
	"errors"

	"github.com/oauthpop/oauthpop/internal/challenge"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// explain adds the server's own words and the likely causes to the error object
// of a failed exchange.
func explain(err error, o cli.ErrorObject) cli.ErrorObject {
	var (
		said    *oauth.Error
		useless *oauth.AnswerError
		large   *transport.AnswerTooLargeError
		status  *cli.StatusError
		check   *cli.CheckError
	)
	var x *wire.Exchange
	code := ""
	switch {
	case errors.As(err, &said):
		o.OAuth = &cli.OAuthError{Error: said.Code, Description: said.Description, URI: said.URI}
		o.HTTPStatus, x, code = said.Status, said.Exchange, said.Code
	case errors.As(err, &useless):
		o.HTTPStatus = useless.Status
		if useless.Status/100 != 2 {
			x = useless.Exchange // otherwise it says itself what is wrong with the answer
		}
	case errors.As(err, &status):
		x = status.Exchange
		o.HTTPStatus, o.OAuth = x.Response.Status, oauthError(x)
		code = errorCode(x)
	case errors.As(err, &large):
		o.HTTPStatus = large.Status
	case errors.As(err, &check) && check.Exchange != nil:
		if hint := whatToTry(check.Exchange, ""); hint != "" {
			o.Hint = hint + "; " + o.Hint
		}
		return o
	}
	if hint := whatToTry(x, code); hint != "" {
		o.Hint = hint
	}
	return o
}

// oauthError returns what a resource server said: the error of the challenge, or
// of a JSON body.
func oauthError(x *wire.Exchange) *cli.OAuthError {
	for _, c := range challenge.ParseChallenges(x.Response.Header.Values("WWW-Authenticate")) {
		if c.Params["error"] != "" {
			return &cli.OAuthError{Error: c.Params["error"], Description: c.Params["error_description"], URI: c.Params["error_uri"]}
		}
	}
	var body cli.OAuthError
	if json.Unmarshal(x.Response.Body, &body) != nil || body.Error == "" {
		return nil
	}
	return &body
}

func errorCode(x *wire.Exchange) string {
	if e := oauthError(x); e != nil {
		return e.Error
	}
	return ""
}
