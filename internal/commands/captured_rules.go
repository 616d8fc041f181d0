package commands

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// rules judges how token, proof and certificate go together.
func (c *captured) rules() {
	if c.fields > 1 {
		c.fail("single-authorization", "RFC 9110 §5.3", "one Authorization field", fmt.Sprint(c.fields), "the other checks judge the first; servers take the first, the last, or refuse")
	}
	if c.hasToken {
		c.schemeRule()
		c.certificateRule()
	}
	for _, f := range c.certs {
		if f.Fault != "" {
			c.fail("forwarded-certificate", "RFC 9440 §2.2", "a certificate in "+f.Header, f.Fault, "a server that cannot read it takes the request for one without certificate")
		}
	}
}

const section71 = "RFC 9449 §7.1"

func (c *captured) schemeRule() {
	bound := c.cnf.JKT.Present
	readable := c.token.Kind == token.JWT
	switch dpop := strings.EqualFold(c.scheme, wire.SchemeDPoP); {
	// "A DPoP-bound access token is sent using the Authorization request header field
	// [...] using an authentication scheme of DPoP", and with a proof beside it.
	// https://www.rfc-editor.org/rfc/rfc9449#section-7.1
	case dpop && len(c.proofs) == 0:
		c.fail("scheme", section71, "a DPoP field beside the scheme DPoP", "none", "send a fresh proof with each request, or was the field left out when the request was copied?")
	case dpop && readable && !bound:
		c.fail("scheme", section71, "an access token with cnf.jkt", "one that is not bound to a key", "the token was got without a proof, or the server bound nothing: 'oauthpop inspect' says what it is bound to")
	case !dpop && bound:
		// "such a protected resource MUST reject a DPoP-bound access token received
		// as a bearer token" https://www.rfc-editor.org/rfc/rfc9449#section-7.2
		c.fail("scheme", "RFC 9449 §7.2", `the scheme "DPoP" for a token that is bound to a key`, strconv.Quote(c.scheme), "a token with cnf.jkt goes with 'Authorization: DPoP', never with 'Bearer'")
	case !readable && !dpop && len(c.proofs) > 0:
		c.open("scheme", section71, "a proof beside the scheme Bearer: if the token is bound to the key, the scheme must be DPoP")
	default:
		c.pass("scheme", section71)
	}
}

// "the protected resource MUST obtain, from its TLS implementation layer, the
// client certificate used for mutual TLS and MUST verify that the certificate
// matches the certificate associated with the access token"
// https://www.rfc-editor.org/rfc/rfc8705#section-3
func (c *captured) certificateRule() {
	const section = "RFC 8705 §3"
	want := c.cnf.X5T
	if !want.Present {
		return
	}
	expected := "a certificate with the x5t#S256 " + strconv.Quote(want.Value)
	var found []string
	for _, f := range c.certs {
		if f.X5T == want.Value {
			c.pass("certificate", section)
			return
		}
		if f.X5T != "" {
			found = append(found, strconv.Quote(f.X5T)+" in "+f.Header)
		}
	}
	if len(found) == 0 {
		c.open("certificate", section, "the text does not show the client certificate: it travels in the TLS handshake")
		return
	}
	c.fail("certificate", section, expected, strings.Join(found, ", "), "another certificate, a renewed one, or that of a proxy in between: the token has to be got anew with this one")
}

// answered judges the token that a token endpoint gave.
//
// "If the access token response contains a different token_type value than DPoP,
// the access token protection provided by DPoP is not given."
// https://www.rfc-editor.org/rfc/rfc9449#section-5
func (c *captured) answered() {
	answer, err := jwt.ParseObject(c.x.Response.Body)
	if err != nil {
		return
	}
	text, _ := answer.String("access_token")
	if text == "" {
		return
	}
	const id, section = "answer-binding", "RFC 9449 §5"
	for _, name := range []string{"access_token", "token_type"} {
		if slices.Contains(answer.Duplicates(), name) {
			c.fail(id, section, "each member once", name+" twice", "which of the two a client takes can't be told: the answer is of no use")
			return
		}
	}
	r, err := token.Recognise(text)
	if err != nil {
		r = token.Reading{Kind: token.Opaque, Token: text}
	}
	e := binding.EvidenceOf(r)
	e.TokenType, _ = answer.String("token_type")
	asked := binding.Asked{Method: binding.MethodNone, ProofSent: len(c.proofs) > 0}
	if asked.ProofSent {
		asked.Method = binding.MethodDPoP
	}
	b, right := binding.JudgeAnswer(asked, e, c.local)
	c.view.Binding = &b
	switch {
	case !asked.ProofSent:
	case !right:
		c.fail(id, section, "a token that is bound to the key of the proof", b.Verdict+": "+b.Detail, "the server ignores proofs, or binds no token for this client: look at its metadata and at the client's registration")
	case b.Verdict == string(binding.CannotTell):
		c.open(id, section, b.Detail)
	default:
		c.pass(id, section)
	}
}
