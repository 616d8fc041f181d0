package commands

import (
	"context"
	"errors"

	"github.com/oauthpop/oauthpop/internal/capture"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/transport"
)

// ExitCode is one exit code and what it means.
type ExitCode struct {
	Code    int
	Meaning string
}

// ExitCodes are the exit codes of every command. They are a contract.
var ExitCodes = []ExitCode{
	{0, "done; every check that was asked for passed"},
	{1, "a defect of oauthpop or of this machine (disk full)"},
	{2, "the command line, a file or another input is wrong: nothing was sent, nothing was written"},
	{3, "a check said no: not bound as asked, another key, proof invalid, profile not kept"},
	{4, "the server said no, or said what cannot be used: an OAuth error, an HTTP status with --fail, a refusal in the TLS handshake after it asked for a certificate, an answer that is not JSON, too large or without access_token, a wrong issuer"},
	{5, "no answer: name, connection, the server's certificate, timeout"},
	{130, "interrupted (143: terminated); nothing half-written is left behind"},
}

// class is one row of the map from an error to an exit code.
type class struct {
	is   func(error) bool
	code int
	kind string
}

// classes is the one map from an error to an exit code and to the type in the
// error object. The first row that fits counts; an error that fits none is a
// defect, 1.
var classes = []class{
	{machineAtFault, 1, "internal"},
	{isA[*cli.UsageError], 2, "usage"},
	{isA[*profile.Error], 2, "usage"},
	{isA[*cli.InputError], 2, "input"},
	{isA[*material.Error], 2, "input"},
	{isA[*files.ExistsError], 2, "input"},
	{isA[*files.TooLargeError], 2, "input"},
	{isA[*files.PathError], 2, "input"},
	{isA[*token.Error], 2, "input"},
	{isA[*capture.Error], 2, "input"},
	{isA[*dpop.URLError], 2, "input"},
	{isA[*oauth.InputError], 2, "input"},
	{isA[*transport.PlainHTTPError], 2, "input"},
	{isA[*transport.RequestError], 2, "input"},
	{isA[*cli.CheckError], 3, "check"},
	{isA[*cli.StatusError], 4, "server"},
	{isA[*oauth.Error], 4, "server"},
	{isA[*oauth.AnswerError], 4, "server"},
	{isA[*oauth.IssuerError], 4, "server"},
	{isA[*oauth.DiscoveryError], 4, "server"},
	{isA[*oauth.ResourceError], 4, "server"},
	{isA[*oauth.EndpointError], 4, "server"},
	{isA[*transport.RefusedError], 4, "server"},
	{isA[*transport.AnswerTooLargeError], 4, "server"},
	{isA[*transport.RedirectError], 4, "server"},
	{isA[*transport.NetworkError], 5, "network"},
}

// machineAtFault recognises a full or broken disk, which no other input mends.
func machineAtFault(err error) bool {
	var path *files.PathError
	return errors.As(err, &path) && path.Machine()
}

func isA[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

func classify(err error) (code int, kind string) {
	for _, c := range classes {
		if c.is(err) {
			return c.code, c.kind
		}
	}
	return 1, "internal"
}

// report says what ended a command and returns its exit code.
func report(ctx context.Context, env *cli.Env, args []string, err error) int {
	var exit *cli.ExitError
	if errors.As(err, &exit) {
		return exit.Code
	}
	var stop *cli.InterruptedError
	if errors.As(err, &stop) || errors.Is(err, context.Canceled) && errors.As(context.Cause(ctx), &stop) {
		env.Fail(cli.ErrorObject{Code: stop.Code(), Type: "interrupted", Message: stop.Error()})
		return stop.Code()
	}
	code, kind := classify(err)
	if code == 2 && aroundCommand(args) {
		code = serveFailed
	}
	env.Fail(explain(err, cli.ErrorObject{Code: code, Type: kind, Message: err.Error(), Hint: hintOf(err)}))
	return code
}

func hintOf(err error) string {
	var h interface{ HintText() string }
	if errors.As(err, &h) {
		return h.HintText()
	}
	return ""
}
