package binding

import (
	"fmt"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/wire"
)

// detail is the sentence for a person. Values from the token are shortened:
// nobody reads more of them.
func (j *judgement) detail(v Verdict, r Reason) string {
	switch r {
	case Inactive:
		return "the issuer says that the token is not active"
	case SignatureInvalid:
		return "the signature is not the issuer's: what the token says about its key is worth nothing"
	case NotAToken:
		if j.Instead != "" {
			return "this is " + j.Instead
		}
		return "this is a DPoP proof, not an access token: it proves the key of a request, and is bound to nothing itself"
	case Encrypted:
		if j.Locked != "" {
			return "the token is encrypted, and stays so: " + j.Locked
		}
		return "the token is encrypted for its resource server: only that server and the issuer see what it is bound to"
	case Opaque:
		return "an opaque token does not show what it is bound to: ask the issuer's introspection endpoint"
	case NoCnf:
		return `the token has no "cnf": whoever holds it can use it`
	case MalformedCnf:
		return j.malformed()
	case UnknownCnf:
		return j.unknown()
	case NothingLocal:
		return fmt.Sprintf("the token is bound to %s; nothing was given to compare it with", j.holders())
	case NotCompared, HalfCompared:
		return j.uncompared(r)
	case KeyDiffers, CertificateDiffers:
		return strings.Join(j.differences(), "; ")
	}
	if v == BoundAndMatches {
		return j.match()
	}
	return ""
}

// holders says in words what the token asks for.
func (j *judgement) holders() string {
	switch {
	case j.cnf.JKT.Present && j.cnf.X5T.Present:
		return "a key (jkt) and to a certificate (x5t#S256)"
	case j.cnf.JKT.Present:
		return "a key (jkt)"
	}
	return "a certificate (x5t#S256)"
}

func (j *judgement) match() string {
	var parts []string
	for _, k := range j.local.Keys {
		if same(j.cnf.JKT, k.JKT) {
			parts = append(parts, fmt.Sprintf("jkt is the thumbprint of %q", k.File))
			break
		}
	}
	for _, c := range j.local.Certificates {
		if same(j.cnf.X5T, c.X5T) {
			parts = append(parts, fmt.Sprintf("x5t#S256 is the thumbprint of %q", c.File))
			break
		}
	}
	return strings.Join(parts, " and ")
}

func (j *judgement) differences() []string {
	var parts []string
	if j.jkt == differs {
		given := fmt.Sprintf("which none of the %d keys given has", len(j.local.Keys))
		if k := j.local.Keys; len(k) == 1 {
			given = fmt.Sprintf("and that of %q is %q", k[0].File, k[0].JKT)
		}
		parts = append(parts, j.difference(wire.CnfJKT, j.cnf.JKT.Value, given))
	}
	if j.x5t == differs {
		given := fmt.Sprintf("which none of the %d certificates given has", len(j.local.Certificates))
		if c := j.local.Certificates; len(c) == 1 {
			given = fmt.Sprintf("and that of %q is %q", c[0].File, c[0].X5T)
		}
		parts = append(parts, j.difference(wire.CnfX5T, j.cnf.X5T.Value, given))
	}
	return parts
}

func (j *judgement) difference(member, value, given string) string {
	s := fmt.Sprintf("the token's %s is %q, %s", member, short(value), given)
	if kind := MalformedKind(member, value, j.local); kind != "" {
		s += "; it is " + kind
	}
	return s
}

func (j *judgement) uncompared(r Reason) string {
	member, value, want := wire.CnfJKT, j.cnf.JKT.Value, "a key"
	if j.jkt != notGiven {
		member, value, want = wire.CnfX5T, j.cnf.X5T.Value, "a certificate"
	}
	s := fmt.Sprintf("the token is bound to %s; %s was not compared, since %s was not given", j.holders(), member, want)
	if r == HalfCompared {
		s += ", and both must match"
	}
	if kind := MalformedKind(member, value, j.local); kind != "" {
		s += "; it is " + kind
	}
	return s
}

func (j *judgement) malformed() string {
	if j.cnf.Fault != "" {
		return "cnf " + j.cnf.Fault
	}
	var parts []string
	for _, m := range []struct {
		name string
		Member
	}{{wire.CnfJKT, j.cnf.JKT}, {wire.CnfX5T, j.cnf.X5T}} {
		switch {
		case m.Fault != "":
			parts = append(parts, m.name+" "+m.Fault)
		case m.Malformed:
			parts = append(parts, fmt.Sprintf("%s is %q: %s", m.name, short(m.Value), MalformedKind(m.name, m.Value, j.local)))
		}
	}
	return strings.Join(parts, "; ")
}

func (j *judgement) unknown() string {
	names := slices.Clone(j.cnf.Unknown)
	for i := range names {
		names[i] = fmt.Sprintf("%q", short(names[i]))
	}
	s := "cnf has no jkt and no x5t#S256, only " + strings.Join(names[:min(len(names), 5)], ", ")
	if name, meant := lookalike(j.cnf.Unknown); name != "" {
		s += fmt.Sprintf("; %q may be meant as %q", short(name), meant)
	}
	return s
}

// short keeps the beginning of a value that is longer than any thumbprint.
func short(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
