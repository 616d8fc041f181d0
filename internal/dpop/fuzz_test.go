package dpop

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// FuzzProof judges proofs as they come, and headers and payloads that are signed
// first so that their signature is right; the reference verifier must agree.
func FuzzProof(f *testing.F) {
	for _, r := range figures() {
		f.Add(r.Proofs[0], "", "")
	}
	for _, v := range allVectors(f) {
		r := v.build(f)
		if len(r.Proofs) == 0 {
			continue
		}
		f.Add(r.Proofs[0], "", "")
		if parts := strings.Split(r.Proofs[0], "."); len(parts) == 3 {
			header, _ := base64.RawURLEncoding.DecodeString(parts[0])
			payload, _ := base64.RawURLEncoding.DecodeString(parts[1])
			f.Add("", string(header), string(payload))
		}
	}
	keys := []string{"P-256", "Ed25519"}
	f.Fuzz(func(t *testing.T, proof, header, payload string) {
		proofs := []string{proof}
		if proof == "" {
			proofs = proofs[:0]
			for _, key := range keys {
				proofs = append(proofs, signAny(t, key, header, payload))
			}
		}
		for _, p := range proofs {
			for _, jkt := range []string{thumbprint("P-256"), thumbprint("Ed25519"), ""} {
				agree(t, vectorRequest([]string{p}, jkt))
			}
			r := vectorRequest([]string{p}, "")
			r.HasToken, r.Nonce, r.NoFreshness = false, nil, true
			agree(t, r)
			r.Method, r.URL, r.Algs = "", "", []string{"ES256"}
			agree(t, r)
		}
	})
}

func signAny(t *testing.T, key, header, payload string) string {
	input := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	alg, err := jwt.DefaultAlg(testKeys()[key].Public())
	if err != nil {
		t.Fatal(err)
	}
	sig, err := jwt.Sign(testKeys()[key], alg, input)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// agreed is what agree returns for a valid proof.
const agreed = "none"

// agree compares all that judges, and returns the first check that fails.
func agree(t *testing.T, r Request) string {
	t.Helper()
	first := agreed
	v, err := Verify(r, Checks())
	report := Judge(r, Checks())
	if report.Valid != (err == nil) {
		t.Errorf("Judge says %v, Verify %v\n%q", report.Valid, err, r.Proofs)
	}
	if check, ok := errors.AsType[*CheckError](err); ok {
		if first = check.ID; failed(report)[0] != first {
			t.Errorf("Judge fails %q first, Verify %s\n%q", failed(report), first, r.Proofs)
		}
	}
	if err == nil && (v.JKT == "" || v.JTI == "") {
		t.Errorf("verified without key or jti: %+v\n%q", v, r.Proofs)
	}
	ref := refVerify(r)
	if !errors.Is(ref, errNotASCII) && (ref == nil) != (err == nil) {
		t.Errorf("the reference says %v, Verify %v\n%q", ref, err, r.Proofs)
	}
	return first
}

// FuzzNormalize: normalising twice changes nothing, what is made equal differs
// only in what RFC 3986 allows, and the reference agrees.
func FuzzNormalize(f *testing.F) {
	for _, forms := range normalForms() {
		for _, form := range forms {
			f.Add(form)
		}
	}
	for _, s := range malformedURLs() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := Normalize(s)
		want, refErr := refURL(s)
		if !errors.Is(refErr, errNotASCII) && (got != want || (err == nil) != (refErr == nil)) {
			t.Errorf("%q becomes %q (%v), the reference says %q (%v)", s, got, err, want, refErr)
		}
		htu, htuErr := HTU(s)
		if (htuErr == nil) != (err == nil) {
			t.Errorf("%q: HTU says %v, Normalize %v", s, htuErr, err)
		}
		if err != nil {
			return
		}
		if again, err := Normalize(got); err != nil || again != got {
			t.Errorf("%q becomes %q, then %q (%v)", s, got, again, err)
		}
		if same, err := Normalize(htu); err != nil || same != got {
			t.Errorf("%q: htu %q becomes %q (%v), the URL %q", s, htu, same, err, got)
		}
		routedAlike(t, s, htu, got)
		checkSent(t, s)
	})
}

// routedAlike holds what a server may route by: reserved characters in their two
// spellings, the number of empty segments, the letters of the path.
func routedAlike(t *testing.T, s, htu, normal string) {
	t.Helper()
	h, err := split(htu)
	if err != nil {
		t.Fatalf("%q: htu %q: %v", s, htu, err)
	}
	n, err := split(normal)
	if err != nil {
		t.Fatalf("%q: normal form %q: %v", s, normal, err)
	}
	if h.scheme != n.scheme || h.host != n.host || h.port != n.port {
		t.Errorf("%q: origin of %q and %q", s, htu, normal)
	}
	if n.query != "" || strings.ContainsAny(n.path, "?#") {
		t.Errorf("%q: query in %q", s, normal)
	}
	if strings.Contains(n.path, "/./") || strings.Contains(n.path, "/../") || strings.HasSuffix(n.path, "/.") || strings.HasSuffix(n.path, "/..") {
		t.Errorf("%q: dot segments in %q", s, normal)
	}
	// Without dot segments each character stands for itself: reserved ones keep
	// their spelling, and decoding both gives the same.
	plain := strings.NewReplacer("%2e", ".", "%2E", ".").Replace(h.path)
	if strings.Contains(plain, "/.") {
		return
	}
	if decoded(h.path) != decoded(n.path) {
		t.Errorf("%q: %q and %q are not the same text", s, h.path, n.path)
	}
	for _, c := range "/:@[]" + subDelims {
		if strings.Count(h.path, string(c)) != strings.Count(n.path, string(c)) {
			t.Errorf("%q: %q in %q and %q", s, c, h.path, n.path)
		}
	}
}

// FuzzHTUInProof: whatever a URL, a proof made for it is valid for it.
func FuzzHTUInProof(f *testing.F) {
	for _, forms := range normalForms() {
		for _, form := range forms {
			f.Add(form, "GET", "n")
		}
	}
	p, err := NewProver(testKeys()["P-256"], "ES256")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s, method, nonce string) {
		htu, err := HTU(s)
		if err != nil || method == "" || !utf8.ValidString(method) {
			return
		}
		now := time.Unix(vectorTime, 0)
		proof, err := p.Proof(Claims{Method: method, HTU: htu, Nonce: nonce, Time: now})
		if err != nil {
			t.Fatal(err)
		}
		r := Request{Proofs: []string{proof}, Method: method, URL: s, JKT: p.JKT(), Now: now, MaxAge: time.Minute, Algs: DefaultAlgs()}
		if _, err := Verify(r, Checks()); err != nil && len(proof) < 10_000 {
			t.Errorf("%q: %v", s, err)
		}
	})
}
