//go:build interop

package interop

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A difference is where one of two verifiers is stricter, and why that is no mistake
// of either. Where this program is the stricter one, check is the check that fails and
// found what it says; otherwise said is what the other one says, and of what.
type difference struct {
	name        string
	peer        string // "" for both
	check       string
	found, said string // regular expressions
	why         string
}

// differences are all that there are between `dpop verify` and its peers. What none of
// them explains fails the test, and so does one that no proof shows any more.
func differences() []difference {
	return []difference{
		{"window", oauth4webapi, "fresh", ` ahead$`, "", "it takes 300 s both ways; RFC 9449 section 11.1 leaves the window to the server"},
		{"empty jti", oauth4webapi, "claims", `^an empty jti$`, "", "it asks for a string; an empty one is no unique identifier (RFC 9449 section 4.2)"},
		{"long jti", oauth4webapi, "claims", `^a jti of \d+ bytes$`, "", "it stores none; RFC 9449 section 11.1 lets a server reject large ones"},
		{"long proof", "", "well-formed", `^\d{5,} bytes$`, "", "neither bounds a proof"},
		{"type without regard to case", "", "typ", `(?i)^"(application/)?dpop(\+|\\u002b)jwt"$`, "", "they compare as media types (RFC 7515 section 4.1.9); RFC 9449 section 4.3 gives one value"},
		{"white space in base64url", "", "well-formed", `not base64url`, "", "the decoder of the platform passes over white space, padding and the other alphabet; RFC 7515 section 2 has none"},
		{"unused bits", "", "strict", `base64url with unused bits`, "", "RFC 4648 section 3.5 lets a decoder refuse them"},
		{"a member twice", "", "strict", `member twice`, "", "JSON.parse takes the last; RFC 7515 section 4 and RFC 7519 section 4 want names to be unique"},
		{"padding in a key", "", "signature", `not canonical base64url`, "", "the platform's import of keys is lax; RFC 7518 section 6 has base64url"},
		{"padding in a key, again", "", "strict", `not canonical base64url`, "", "as above"},
		{"a coordinate without its zeros", "", "signature", `has \d+ bytes, not \d+`, "", "WebCrypto takes x and y for numbers; RFC 7518 section 6.2.1.2 has the full size"},
		{"a coordinate without its zeros, again", "", "strict", `has \d+ bytes, not \d+`, "", "as above"},
		{"URLs as browsers read them", oauth4webapi, "htu", `^" | "$`, "", "WHATWG's parser cuts off white space; RFC 3986 knows none in a URI"},
		{"nonce of another kind", oauth4webapi, "nonce", `^(1|true|null|\d|\[|\{)`, "", "it leaves nonces to the server"},
		{"b64", "", "strict", `^b64 `, "", "both take b64 for what it is only where crit names it; RFC 7797 section 7 forbids it in a JWT"},
		{"user name in htu", jose, "strict", `user name or password in htu`, "", "jose knows no htu"},
		{"use", oauth4webapi, "strict", `(use|key_ops) in jwk`, "", "it looks at neither use nor key_ops (RFC 7517 sections 4.2 and 4.3)"},
		{"percent-encoded letters", oauth4webapi, "", "", `htu mismatch; .*(%|odd-htu-escape)`, "WHATWG's parser does not decode %6F; RFC 9449 section 4.3 recommends the normalisation of RFC 3986 section 6.2.2"},
		{"claims of every JWT", oauth4webapi, "", "", `unexpected JWT "(aud|iss)"`, "a proof has no aud and no iss, and what else it has counts for nothing (RFC 9449 section 4.2)"},
		{"operations beside verify", jose, "", "", `Unsupported key usage`, "WebCrypto imports no key with an operation that its algorithm does not have; RFC 7517 section 4.3 forbids none"},
		{"times of every JWT", jose, "", "", `"iat" claim must be a number`, "the check claims says so, which jose is not compared with"},
	}
}

const (
	oauth4webapi = "oauth4webapi"
	jose         = "jose"
)

// judgedBy are the checks that a peer makes too: jose knows JWTs, and no requests.
func judgedBy(peer string, v verified) verified {
	out := verified{Verdict: "valid"}
	for _, c := range v.Checks {
		aside := c.ID == "replay" || peer == jose && !slices.Contains([]string{"well-formed", "typ", "alg", "signature", "no-private-key", "strict"}, c.ID)
		if c.Status == "failed" && !aside {
			out.Verdict = "invalid"
			out.Checks = append(out.Checks, c)
		}
	}
	return out
}

// explain returns the differences that explain why the verdicts are not the same, or
// nil: each check that fails here must be one that the peer does not make. What was
// asked is the URL of the request, and how the proof was made.
func explain(peer string, v verified, said, asked string) []string {
	var all []string
	for _, d := range differences() {
		if d.peer == "" || d.peer == peer {
			if d.said != "" && v.Verdict == "valid" && regexp.MustCompile(d.said).MatchString(said+"; "+asked) {
				return []string{d.name}
			}
		}
	}
	for _, c := range v.Checks {
		// One check may have found several things, and each has its reason.
		for _, found := range strings.Split(c.Found, "; ") {
			i := slices.IndexFunc(differences(), func(d difference) bool {
				return (d.peer == "" || d.peer == peer) && d.said == "" && d.check == c.ID && regexp.MustCompile(d.found).MatchString(found)
			})
			if i < 0 {
				return nil
			}
			all = append(all, differences()[i].name)
		}
	}
	return all
}

// lines are mutants as they are read, one a line.
func lines(t *testing.T, all []mutant) string {
	t.Helper()
	var b strings.Builder
	for _, m := range all {
		line, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(string(line) + "\n")
	}
	return b.String()
}

func judgedHere(t *testing.T, all []mutant) []verified {
	t.Helper()
	var out []verified
	for _, l := range strings.Split(strings.TrimSpace(wantWith(t, 3, lines(t, all), "dpop", "verify", "-").stdout), "\n") {
		var v verified
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Fatalf("%v: %s", err, l)
		}
		out = append(out, v)
	}
	if len(out) != len(all) {
		t.Fatalf("%d answers to %d lines", len(out), len(all))
	}
	return out
}

// Thousands of proofs, right and wrong in all ways that are known and in many that
// are drawn, go through this program and through two libraries that share no code
// with it. The verdicts are the same, or the difference has a name.
func TestVerdictsOfForeignVerifiersDifferOnlyWhereThatIsKnown(t *testing.T) {
	env := []string{"ISSUER=" + at.path("differ-issuer.jwk")}
	b := newBreeder(t, func(jkt string) string { return peer(t, env, jkt+"\n", "differ.mjs", "mint")[0] })
	all := slices.Concat(b.forged(), b.edited(6000), b.torn(2000))
	here := judgedHere(t, all)
	there := peer(t, env, lines(t, all), "differ.mjs")
	if len(there) != len(all) {
		t.Fatalf("%d answers to %d lines", len(there), len(all))
	}
	valid, counts := 0, map[string]int{}
	for i, l := range there {
		if here[i].Verdict == "valid" {
			valid++
		}
		var said map[string]string
		if err := json.Unmarshal([]byte(l), &said); err != nil {
			t.Fatal(err)
		}
		for _, peer := range []string{oauth4webapi, jose} {
			v := judgedBy(peer, here[i])
			if (v.Verdict == "valid") == (said[peer] == "") {
				counts[peer+" agrees"]++
				continue
			}
			names := explain(peer, v, said[peer], all[i].URL+" "+all[i].Made)
			for _, name := range names {
				counts[name]++
			}
			if names == nil {
				t.Errorf("%s says %q, and here fails %q: %+v\n%s", peer, said[peer], v.failed(), v.Checks, all[i].Made)
			}
		}
	}
	if valid < 500 || len(all)-valid < 500 {
		t.Errorf("%d of %d are valid: too few of one kind", valid, len(all))
	}
	t.Logf("%d proofs, %d valid; oauth4webapi agrees on %d, jose on %d", len(all), valid, counts[oauth4webapi+" agrees"], counts[jose+" agrees"])
	for _, d := range differences() {
		t.Logf("%6d  %-30s %-13s %s", counts[d.name], d.name, strings.TrimSpace(d.peer+" "), d.why)
		if counts[d.name] == 0 {
			t.Errorf("no proof shows the difference %q any more", d.name)
		}
	}
}
