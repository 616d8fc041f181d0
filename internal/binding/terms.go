// Package binding judges what a token says about its key against local keys and
// certificates: the verdict table. It is pure, and careful in one direction: what
// it cannot tell it never calls bound.
package binding

// Verdict is the answer to "is this token bound to my key?".
type Verdict string

// The verdicts. Terms say what each means.
const (
	NotBound          Verdict = "not-bound"
	Bound             Verdict = "bound"
	BoundAndMatches   Verdict = "bound-and-matches"
	BoundToAnotherKey Verdict = "bound-to-another-key"
	CannotTell        Verdict = "cannot-tell"
)

// Reason says why a verdict is not BoundAndMatches.
type Reason string

// The reasons.
const (
	NoCnf              Reason = "no-cnf"
	TokenType          Reason = "token-type"
	NothingLocal       Reason = "nothing-local"
	KeyDiffers         Reason = "key-differs"
	CertificateDiffers Reason = "certificate-differs"
	NotCompared        Reason = "not-compared"
	HalfCompared       Reason = "half-compared"
	MalformedCnf       Reason = "malformed-cnf"
	UnknownCnf         Reason = "unknown-cnf"
	Opaque             Reason = "opaque"
	Encrypted          Reason = "encrypted"
	SignatureInvalid   Reason = "signature-invalid"
	Inactive           Reason = "inactive"
	NotAToken          Reason = "not-a-token"
)

// Warning is something that is said beside the verdict.
type Warning string

// The warnings.
const (
	WarnTokenType        Warning = "token-type"
	WarnTokenTypeDPoP    Warning = "token-type-dpop"
	WarnOtherMechanism   Warning = "other-mechanism"
	WarnIntrospectedType Warning = "introspected-token-type"
)

// Method is the mechanism that a token is, or was asked to be, bound by.
type Method string

// The methods.
const (
	MethodDPoP    Method = "dpop"
	MethodMTLS    Method = "mtls"
	MethodBoth    Method = "dpop+mtls"
	MethodNone    Method = "none"
	MethodUnknown Method = "unknown"
)

// Source is where a verdict was read.
type Source string

// The sources.
const (
	SourceJWT           Source = "jwt"
	SourceIntrospection Source = "introspection"
	SourceTokenType     Source = "token_type"
	SourceNone          Source = "none"
)

// Term is one entry of a closed list, for documents and schemas.
type Term struct{ Code, Means string }

// Verdicts returns the closed list of verdicts.
func Verdicts() []Term {
	return []Term{
		{string(NotBound), "the token names no key: whoever holds it can use it"},
		{string(Bound), "the token names a key, and nothing was given to compare it with"},
		{string(BoundAndMatches), "every key that the token names is one of those given"},
		{string(BoundToAnotherKey), "the token names a key that is none of those given"},
		{string(CannotTell), "what was given does not decide it, or the token cannot be read or trusted; the reason says which"},
	}
}

// Reasons returns the closed list of reasons.
func Reasons() []Term {
	return []Term{
		{string(NoCnf), "the token can be read and has no cnf"},
		{string(TokenType), "a proof was sent, the token cannot be read, and token_type is not DPoP (RFC 9449 section 5)"},
		{string(NothingLocal), "no key and no certificate was given"},
		{string(KeyDiffers), "cnf.jkt is the thumbprint of none of the keys given"},
		{string(CertificateDiffers), "cnf.x5t#S256 is the thumbprint of none of the certificates given"},
		{string(NotCompared), "the token is bound by the other mechanism than the material given is for"},
		{string(HalfCompared), "the token is bound by both mechanisms, and material was given for one only, which fits"},
		{string(MalformedCnf), "a thumbprint in cnf is not the base64url of a SHA-256, or cnf is not what RFC 7800 says"},
		{string(UnknownCnf), "cnf has only members that oauthpop does not know"},
		{string(Opaque), "the token is opaque: only its issuer and its resource servers know what it is bound to"},
		{string(Encrypted), "the token is encrypted for a resource server"},
		{string(SignatureInvalid), "the signature was checked and is not the issuer's"},
		{string(Inactive), "the issuer says that the token is not active"},
		{string(NotAToken), "it is a DPoP proof, an ID token or a client assertion, which are no access tokens and name no key"},
	}
}

// Warnings returns the closed list of warnings.
func Warnings() []Term {
	return []Term{
		{string(WarnTokenType), "a proof was sent and token_type is not DPoP: the answer must be discarded (RFC 9449 section 5)"},
		{string(WarnTokenTypeDPoP), "no proof was sent and token_type is DPoP; RFC 8705 section 3 tokens are presented as Bearer, some vendors document DPoP"},
		{string(WarnOtherMechanism), "the token is bound by a mechanism that was not asked for"},
		{string(WarnIntrospectedType), "the introspection answer names a jkt and a token_type that is not DPoP (RFC 9449 section 6.2)"},
	}
}

// Methods returns the closed list of mechanisms.
func Methods() []Term {
	return []Term{
		{string(MethodDPoP), "bound to a key by cnf.jkt (RFC 9449 section 6)"},
		{string(MethodMTLS), "bound to a certificate by cnf.x5t#S256 (RFC 8705 section 3)"},
		{string(MethodBoth), "bound by both: each must be proven"},
		{string(MethodNone), "not bound"},
		{string(MethodUnknown), "it cannot be seen, or is none that oauthpop knows"},
	}
}

// Sources returns the closed list of sources.
func Sources() []Term {
	return []Term{
		{string(SourceJWT), "the claims of the token"},
		{string(SourceIntrospection), "the answer of the introspection endpoint (RFC 7662)"},
		{string(SourceTokenType), "the token_type of the token response"},
		{string(SourceNone), "nothing that says anything about the binding"},
	}
}
