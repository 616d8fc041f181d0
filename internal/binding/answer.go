package binding

import (
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// Asked is what a token request asked for.
type Asked struct {
	// Method is MethodDPoP, MethodMTLS, MethodBoth, or MethodNone where nothing is
	// demanded of the answer.
	Method Method
	// ProofSent: the request carried a DPoP proof.
	ProofSent bool
	// RequireVerified: a binding that cannot be seen is not enough.
	RequireVerified bool
}

// JudgeAnswer judges the token of an answer, and says whether it is bound as it
// was asked to be. Local holds the key of the proof and the certificate that was
// offered.
func JudgeAnswer(a Asked, e Evidence, local Local) (b wire.Binding, asAsked bool) {
	b = Judge(e, local)
	b.Requested = string(a.Method)
	// "If the access token response contains a different token_type value than DPoP,
	// the access token protection provided by DPoP is not given. The client MUST
	// discard the response in this case if this protection is deemed important".
	// https://www.rfc-editor.org/rfc/rfc9449#section-5
	nominal := a.ProofSent && !isDPoP(e.TokenType)
	if nominal {
		a.tokenType(&b, e)
	} else if !a.ProofSent && isDPoP(e.TokenType) && a.Method == MethodMTLS {
		b.Warnings = append(b.Warnings, string(WarnTokenTypeDPoP))
	}
	if a.Method == MethodNone {
		return b, true
	}
	switch v, r := Verdict(b.Verdict), Reason(b.Reason); {
	case v == BoundAndMatches && !a.serves(Method(b.Method)):
		b.Warnings = append(b.Warnings, string(WarnOtherMechanism))
		b.Detail += fmt.Sprintf("; it was asked to be bound by %s, and is bound by %s", a.Method, b.Method)
		return b, false
	case v == BoundAndMatches:
		if a.Method != MethodBoth && Method(b.Method) == MethodBoth {
			b.Warnings = append(b.Warnings, string(WarnOtherMechanism))
		}
		return b, !nominal && (b.Verified || !a.RequireVerified)
	case v == CannotTell && (r == Opaque || r == Encrypted):
		return b, !a.RequireVerified
	}
	return b, false
}

// tokenType judges an answer to a proof whose token_type is not DPoP.
func (a Asked) tokenType(b *wire.Binding, e Evidence) {
	said := fmt.Sprintf("a proof was sent, but token_type is %q, not \"DPoP\"", short(e.TokenType))
	if e.TokenType == "" {
		said = "a proof was sent, but the answer has no token_type"
	}
	if r := Reason(b.Reason); r == Opaque || r == Encrypted {
		b.Verdict, b.Reason = string(NotBound), string(TokenType)
		b.Method, b.Source = string(MethodNone), string(SourceTokenType)
		b.Detail = said + ": the token is not bound to the key of the proof (RFC 9449 section 5)"
		return
	}
	b.Warnings = append(b.Warnings, string(WarnTokenType))
	if Verdict(b.Verdict) == BoundAndMatches {
		b.Detail += "; " + said + ": the answer must be discarded (RFC 9449 section 5)"
	}
}

// serves says whether a token bound by m, all of whose thumbprints match, is what
// was asked for. A mechanism that was not asked for counts against it; one beside
// the one that was asked for does not. Of both, the key is what counts, since
// servers that take both often write only jkt.
func (a Asked) serves(m Method) bool {
	return m == a.Method || m == MethodBoth || a.Method == MethodBoth && m == MethodDPoP
}

// isDPoP compares a token_type, which is "case insensitive".
// https://www.rfc-editor.org/rfc/rfc6749#section-5.1
func isDPoP(tokenType string) bool { return strings.EqualFold(tokenType, wire.SchemeDPoP) }
