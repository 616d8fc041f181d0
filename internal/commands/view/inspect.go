package view

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/ui"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// Inspect is what a token says, what its signature and its times are worth, and
// whether it is bound to the local material. A token that cannot be read has no
// claims and no times.
type Inspect struct {
	Kind      string          `json:"kind"`
	TokenType string          `json:"token_type,omitempty"`
	Header    json.RawMessage `json:"header,omitempty"`
	Nested    *Nested         `json:"nested,omitempty"`
	Claims    json.RawMessage `json:"claims,omitempty"`
	Signature Signature       `json:"signature"`
	Times     *Times          `json:"times,omitempty"`
	Binding   wire.Binding    `json:"binding"`
	// Introspection is the issuer's answer as it came.
	Introspection json.RawMessage `json:"introspection,omitempty"`
	// Vouched: an authenticated issuer has said that the token is active.
	Vouched bool `json:"-"`
}

// Nested is what was found in an encrypted token. Claims alone have no header, and
// nobody signed them.
type Nested struct {
	Kind   string          `json:"kind" jsonschema:"enum=jwt,enum=dpop-proof,enum=id-token,enum=client-assertion,enum=claims"`
	Header json.RawMessage `json:"header,omitempty"`
}

// kindClaims is the kind of what is encrypted and not signed.
const kindClaims = "claims"

// NewNested returns the view of what was decrypted.
func NewNested(r token.Reading) *Nested {
	if r.Header == nil {
		return &Nested{Kind: kindClaims}
	}
	return &Nested{Kind: string(r.Kind), Header: r.RawHeader}
}

// kind is that of the token itself, encrypted or not.
func (v *Inspect) kind() string {
	if v.Nested != nil {
		return v.Nested.Kind
	}
	return v.Kind
}

// NoToken says that it is an ID token or a client assertion.
func (v *Inspect) NoToken() bool {
	return v.kind() == string(token.IDToken) || v.kind() == string(token.ClientAssertion)
}

// Signature says whether the issuer vouches for a token.
type Signature struct {
	Verdict string `json:"verdict" jsonschema:"enum=valid,enum=invalid,enum=not-checked"`
	KID     string `json:"kid,omitempty"`
	Alg     string `json:"alg,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// The verdicts of a signature.
const (
	SignatureValid      = "valid"
	SignatureInvalid    = "invalid"
	SignatureNotChecked = "not-checked"
)

// Times are the times of a token. ExpiresIn is in seconds, negative when expired.
type Times struct {
	IssuedAt    *time.Time `json:"issued_at,omitempty"`
	NotBefore   *time.Time `json:"not_before,omitempty"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
	ExpiresIn   *int64     `json:"expires_in,omitempty"`
	Expired     bool       `json:"expired"`
	NotYetValid bool       `json:"not_yet_valid"`
	Faults      []string   `json:"faults,omitempty"`
	now         time.Time
}

// NewTimes returns the view of a token's times.
func NewTimes(t token.Times, now time.Time) *Times {
	v := &Times{Expired: t.Expired, NotYetValid: t.NotYetValid, Faults: t.Faults, now: now}
	for _, at := range []struct {
		from time.Time
		to   **time.Time
	}{{t.IssuedAt, &v.IssuedAt}, {t.NotBefore, &v.NotBefore}, {t.ExpiresAt, &v.ExpiresAt}} {
		if !at.from.IsZero() {
			*at.to = &at.from
		}
	}
	if v.ExpiresAt != nil {
		left := int64(v.ExpiresAt.Sub(now) / time.Second)
		v.ExpiresIn = &left
	}
	return v
}

// Draw writes the verdict first, then what it rests on.
func (v *Inspect) Draw(p *ui.Printer) {
	drawVerdict(p, v.Binding)
	p.Line("")
	p.Fields(append(append(bindingFields(v.Binding), v.says()...), v.worth()...)...)
}

// says is what the token says about itself.
func (v *Inspect) says() []ui.Field {
	fields := []ui.Field{{Label: "token", Value: v.form()}, {Label: "token_type", Value: clip(v.TokenType)}}
	source := v.Claims
	if v.Claims == nil {
		source = v.Header // some issuers repeat iss and aud there
	}
	o, err := jwt.ParseObject(source)
	if err != nil {
		return fields
	}
	for _, name := range []string{"iss", "sub", "aud", "azp", "client_id", "scope", "htm", "htu", "jti"} {
		fields = append(fields, ui.Field{Label: name, Value: clip(claimText(o, name))})
	}
	return fields
}

// form is what the token is, with what its header says.
func (v *Inspect) form() string {
	s := formOf(v.Kind, v.Header)
	if v.Nested != nil {
		s += "; in it " + formOf(v.Nested.Kind, v.Nested.Header)
	}
	return s
}

func formOf(kind string, header json.RawMessage) string {
	words := map[string]string{
		string(token.JWT): "a JWT", string(token.JWE): "an encrypted JWT (JWE)", string(token.Opaque): "opaque", string(token.DPoPProof): "a DPoP proof",
		string(token.IDToken): "an ID token", string(token.ClientAssertion): "a client assertion", kindClaims: "claims without a signature",
	}
	s := words[kind]
	o, err := jwt.ParseObject(header)
	if err != nil {
		return s
	}
	for _, name := range []string{"typ", "alg", "enc", "kid"} {
		if text := claimText(o, name); text != "" {
			s += ", " + name + " " + clip(text)
		}
	}
	return s
}

// claimText is a string as it is, and anything else as its JSON.
func claimText(o *jwt.Object, name string) string {
	if s, ok := o.String(name); ok {
		return s
	}
	raw, _ := o.Get(name)
	return string(raw)
}

// worth is whether the token is still good, and who vouches for it.
func (v *Inspect) worth() []ui.Field {
	var fields []ui.Field
	if t := v.Times; t != nil {
		expires := t.text(t.ExpiresAt)
		if t.Expired {
			expires += ": expired"
		}
		notBefore := t.text(t.NotBefore)
		if t.NotYetValid {
			notBefore += ": not valid yet"
		}
		fields = append(fields, ui.Field{Label: "issued", Value: t.text(t.IssuedAt)}, ui.Field{Label: "not before", Value: notBefore},
			ui.Field{Label: "expires", Value: expires}, ui.Field{Label: "times", Value: strings.Join(t.Faults, "; ")})
	}
	signature := v.Signature.Verdict
	if v.Signature.Detail != "" {
		signature += ": " + clip(v.Signature.Detail)
	}
	return append(fields, ui.Field{Label: "signature", Value: signature}, ui.Field{Label: "issuer says", Value: v.introspected()})
}

// introspected is what the issuer said of the token, in a few words.
func (v *Inspect) introspected() string {
	o, err := jwt.ParseObject(v.Introspection)
	if err != nil {
		return ""
	}
	s := "not active"
	if active, _ := o.Get("active"); string(active) == "true" {
		s = "active"
	}
	for _, name := range []string{"token_type", "client_id", "sub", "scope"} {
		if text := claimText(o, name); text != "" {
			s += ", " + name + " " + clip(text)
		}
	}
	return s
}

func (t *Times) text(at *time.Time) string {
	if at == nil {
		return ""
	}
	s := at.Format(time.RFC3339)
	switch d := at.Sub(t.now); {
	case d >= time.Second:
		return s + ", in " + about(d)
	case d <= -time.Second:
		return s + ", " + about(-d) + " ago"
	}
	return s + ", now"
}

// about is a duration in the largest unit that still says something.
func about(d time.Duration) string {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{year, "years"}, {day, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if d >= 2*unit.size {
			return fmt.Sprintf("%d %s", d/unit.size, unit.name)
		}
	}
	if d < 2*time.Second {
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", d/time.Second)
}
