// Package forge makes proofs that are wrong, each in one named way, for those who
// test a server. It writes its own bytes: what makes right proofs has no way to
// make wrong ones.
//
// Nothing here gives a private key away. Where a defect puts one into a proof, or
// needs a key of another kind than the one given, the key is made for it and
// thrown away.
package forge

import (
	"crypto"
	"fmt"
	"time"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// Request is what a right proof would say.
type Request struct {
	Key crypto.Signer
	Alg string
	// Disposable says that Key was made to be thrown away: only then may a defect
	// show its private members.
	Disposable bool

	Method string
	HTU    string // as it would be written
	Token  string // "": no ath
	Nonce  string
	Time   time.Time
	JTI    string // "": random

	// Header and Claims replace members of the right proof, or are added to it.
	Header, Claims []Member
}

// Member is a member of a JSON object; Value is its JSON text.
type Member struct{ Name, Value string }

// Proof is what was made.
type Proof struct {
	Value string
	// JKT is the thumbprint of the key that stands behind it.
	JKT string
	// ThrownAway says that this is not the key of the request.
	ThrownAway bool
}

// Strengths of the rule that a defect breaks.
const (
	Must   = "MUST"
	Should = "SHOULD"
)

// Case is one way in which a proof is wrong, or odd.
type Case struct {
	ID, Title string
	// Section is where the rule stands that it breaks, and Strength its word.
	Section, Strength string
	// Fails are the checks that a careful server fails it by, in their order: one,
	// or Why says why by nature there are more. An oddity fails none.
	Fails []string
	Why   string
	// Unreadable says that no server can take it, whatever it leaves unchecked: there
	// is no JWT, or no key to verify it with.
	Unreadable bool
	// Unlisted is an algorithm: this is wrong only for a server that does not list it.
	Unlisted string

	kind   string // of key that it needs; "" for any
	show   bool   // it shows private members of the key
	change func(*draft) error
}

// Error says that a case cannot be made of a request.
type Error struct{ Case, Reason string }

// Error names the case and the reason.
func (e *Error) Error() string {
	return fmt.Sprintf("the case %q cannot be made: %s", e.Case, e.Reason)
}

// Defects are the proofs that a careful server refuses.
func Defects() []Case {
	var all []Case
	for _, list := range [][]Case{lines(), types(), algorithms(), signatures(), keys(), extensions(), claims(), targets(), times(), doubles(), sizes()} {
		all = append(all, list...)
	}
	return all
}

// Oddities are proofs that look strange and that a careful server accepts.
func Oddities() []Case { return oddities() }

// Find returns the defect or oddity of that name.
func Find(id string) (Case, bool) {
	for _, list := range [][]Case{Defects(), Oddities()} {
		for _, c := range list {
			if c.ID == id {
				return c, true
			}
		}
	}
	return Case{}, false
}

// Make makes a proof for r that is wrong in this way.
func (c Case) Make(r Request) (*Proof, error) {
	d := &draft{request: r, key: r.Key, alg: r.Alg}
	if !fits(c.kind, r.Key) || c.show && !r.Disposable {
		var err error
		if d.key, d.alg, err = newKey(c.kind); err != nil {
			return nil, err
		}
		d.thrownAway = true
	}
	if err := d.fill(); err != nil {
		return nil, err
	}
	if c.change != nil {
		if err := c.change(d); err != nil {
			return nil, &Error{Case: c.ID, Reason: err.Error()}
		}
	}
	return d.seal()
}

// Plain makes a proof with the members of r and no defect beside them.
func Plain(r Request) (*Proof, error) { return Case{}.Make(r) }

func thumbprint(key crypto.Signer) (string, error) {
	jkt, err := jwt.Thumbprint(key.Public())
	if err != nil {
		return "", fmt.Errorf("the thumbprint of the key: %w", err)
	}
	return jkt, nil
}
