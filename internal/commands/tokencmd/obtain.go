// Package tokencmd holds the commands that get and end tokens.
package tokencmd

import (
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/oauth"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Obtained is an answer of the token endpoint and what is to be thought of it.
type Obtained struct {
	Answer   *oauth.Answer
	Exchange *wire.Exchange
	Binding  wire.Binding
	// AsAsked: the token is bound to what it was asked to be bound to.
	AsAsked bool
	// Prover makes the proofs for calls with the token; nil without --dpop.
	Prover *dpop.Prover
}

// Ask is what is asked for, beside who asks.
type Ask struct {
	Form            url.Values
	RequireVerified bool
	// Introspect asks the issuer about a token that does not say what it is bound to;
	// nil: that is not asked.
	Introspect *Introspector
}

// Obtain asks the authorization server for a token and judges the answer.
func Obtain(ctx context.Context, env *cli.Env, c *profile.Client, t *transport.Transport, ask Ask) (*Obtained, error) {
	server, err := find(ctx, env, c, t)
	if err != nil {
		return nil, err
	}
	asker, err := server.client(env, c)
	if err != nil {
		return nil, err
	}
	answer, exchange, err := asker.Token(ctx, t, server.endpoint, ask.Form)
	if exchange != nil {
		exchange.Known.Algs = server.metadata.DPoPSigningAlgs
	}
	if err != nil {
		return nil, err
	}
	o := &Obtained{Answer: answer, Exchange: exchange, Prover: asker.DPoP}
	e := evidence(answer, t.Trusted())
	said, err := ask.Introspect.of(ctx, env, server.metadata, answer.AccessToken, e)
	if err != nil {
		return nil, err
	}
	asked := binding.Asked{Method: c.Requested, ProofSent: asker.DPoP != nil, RequireVerified: ask.RequireVerified}
	o.Binding, o.AsAsked = binding.JudgeAnswer(asked, said.Evidence(e), local(c.Spec, asker.DPoP))
	return o, nil
}

// server is what is known of the authorization server before it is asked.
type server struct {
	endpoint string
	metadata *wire.Metadata // without an issuer it says nothing
}

// client is the client as the token request needs it.
func (s server) client(env *cli.Env, c *profile.Client) (*oauth.Client, error) {
	prover, err := c.Proof(s.metadata.DPoPSigningAlgs)
	if err != nil {
		return nil, err
	}
	algs := oauth.AuthAlgs(s.metadata, oauth.TokenEndpoint)
	asker, err := c.OAuth(s.metadata.Issuer, algs, prover, env.Now)
	if err == nil && asker.Assertion != nil && algs != nil && !slices.Contains(algs, asker.Assertion.Alg) {
		env.Say("note: the metadata of the issuer does not list %s (token_endpoint_auth_signing_alg_values_supported)", asker.Assertion.Alg)
	}
	return asker, err
}

// find reads the metadata, if there is an issuer, and chooses the endpoint: the
// one that was named, else the alias where a certificate is offered, else the
// plain one.
func find(ctx context.Context, env *cli.Env, c *profile.Client, t *transport.Transport) (server, error) {
	if c.Issuer == "" {
		return server{c.TokenEndpoint, &wire.Metadata{}}, nil
	}
	metadata, err := discover(ctx, env, t, c.Issuer)
	if err != nil {
		return server{}, err
	}
	s := server{c.TokenEndpoint, metadata}
	if s.endpoint == "" {
		s.endpoint, _, err = oauth.Endpoint(metadata, oauth.TokenEndpoint, c.Certificate != nil)
	}
	advise(env, c, metadata)
	return s, err
}

func discover(ctx context.Context, env *cli.Env, t *transport.Transport, issuer string) (*wire.Metadata, error) {
	metadata, notes, err := oauth.Discover(ctx, t, issuer)
	for _, note := range notes {
		env.Say("%s", note)
	}
	return metadata, err
}

// advise says where the metadata does not list what will be sent. The lists are
// advice, never a gate: many servers do more than they say.
func advise(env *cli.Env, c *profile.Client, m *wire.Metadata) {
	if c.DPoP && m.DPoPSigningAlgs == nil {
		env.Say("note: the metadata of the issuer does not say that it knows DPoP (dpop_signing_alg_values_supported)")
	}
	if c.MTLS && !m.CertificateBound {
		env.Say("note: the metadata of the issuer does not say that it binds tokens to certificates (tls_client_certificate_bound_access_tokens)")
	}
	if len(m.TokenEndpointAuth) > 0 && !slices.Contains(m.TokenEndpointAuth, c.Method) {
		env.Say("note: the metadata of the issuer does not list %s (token_endpoint_auth_methods_supported)", c.Method)
	}
}

// evidence is what an answer says about its token. Straight from an issuer that was
// authenticated, nobody else need vouch for what can be read in it.
func evidence(a *oauth.Answer, authenticated bool) binding.Evidence {
	e := read(a.AccessToken)
	e.TokenType, e.Verified = a.TokenType, authenticated && e.Source == binding.SourceJWT
	return e
}

// read returns what a token says. One that can't be read is opaque.
func read(t wire.Secret) binding.Evidence {
	r, err := token.Recognise(t.Reveal())
	if err != nil {
		return binding.Evidence{Opaque: true}
	}
	return binding.EvidenceOf(r)
}

// Compare judges a token that was given against the key and the certificate that
// it will be used with.
func Compare(t wire.Secret, s profile.Spec, prover *dpop.Prover) wire.Binding {
	return CompareWith(t, local(s, prover))
}

// CompareWith judges a token that was given against local material.
func CompareWith(t wire.Secret, l binding.Local) wire.Binding { return binding.Judge(read(t), l) }

// local is what the token was asked to be bound to.
func local(c profile.Spec, prover *dpop.Prover) binding.Local {
	var l binding.Local
	if prover != nil {
		l.Keys = append(l.Keys, binding.LocalKey{File: c.KeyFile, JKT: prover.JKT()})
	}
	if c.Certificate != nil {
		l.Certificates = append(l.Certificates, LocalCertificate(c.CertFile, c.Certificate.Leaf))
	}
	return l
}

// LocalCertificate is a certificate as a token is compared with it. The thumbprint
// of its key is there because some servers write it in place of the certificate's.
func LocalCertificate(file string, c *x509.Certificate) binding.LocalCertificate {
	return binding.LocalCertificate{File: file, X5T: certs.Thumbprint(c), KeyJKT: Thumbprint(c.PublicKey), Leaf: c}
}

// Thumbprint is that of RFC 7638, "" for a kind of key that no JWK has.
func Thumbprint(public crypto.PublicKey) string {
	jkt, err := jwt.Thumbprint(public)
	if err != nil {
		return ""
	}
	return jkt
}

// Scheme is the one that the token is sent with. A certificate-bound token is sent as
// Bearer, whatever its token_type (RFC 8705 section 3).
func (o *Obtained) Scheme() string {
	if o.Prover != nil && strings.EqualFold(o.Answer.TokenType, wire.SchemeDPoP) {
		return wire.SchemeDPoP
	}
	return wire.SchemeBearer
}

// Failure says why an answer is not what was asked for.
func (o *Obtained) Failure() error {
	if o.AsAsked {
		return nil
	}
	hint := "its token is not printed; --allow-unbound prints it all the same"
	if r := binding.Reason(o.Binding.Reason); r == binding.Opaque || r == binding.Encrypted {
		hint = "--introspect asks the issuer what it is bound to (RFC 7662); " + hint
	}
	return &cli.CheckError{Message: fmt.Sprintf("the token is not bound as asked: %s", words(o.Binding)), Hint: hint, Exchange: o.Exchange}
}

// Withheld is the answer without its tokens, for the object that an error stands in.
func (o *Obtained) Withheld() *view.Token {
	return view.NewToken(o.Answer.Raw, "", o.Binding, true)
}

func words(b wire.Binding) string {
	if b.Detail == "" {
		return b.Verdict
	}
	return b.Verdict + ": " + b.Detail
}

// Warn says what is to be known of a token that is used all the same: unbound
// because that was allowed, or not to be told.
func (o *Obtained) Warn(env *cli.Env) {
	switch binding.Verdict(o.Binding.Verdict) {
	case binding.BoundAndMatches, binding.Bound:
		if !o.AsAsked {
			env.WarnBinding("the token is not bound as asked: " + words(o.Binding))
		} else {
			env.Say("%s: %s", o.Binding.Verdict, o.Binding.Detail)
		}
	case binding.CannotTell:
		env.WarnBinding("cannot tell whether the token is bound: " + words(o.Binding))
	default:
		if o.Binding.Requested == string(binding.MethodNone) {
			env.WarnBinding("the token is " + words(o.Binding))
		} else {
			env.WarnBinding("the token is not bound as asked: " + words(o.Binding))
		}
	}
	for _, term := range binding.Warnings() {
		if slices.Contains(o.Binding.Warnings, term.Code) {
			env.WarnBinding(term.Means)
		}
	}
}
