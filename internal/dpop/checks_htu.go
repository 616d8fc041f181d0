package dpop

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// "The htu claim matches the HTTP URI value for the HTTP request in which the JWT
// was received, ignoring any query and fragment parts."
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func checkHTU(p *proof, r *Request) error {
	if r.URL == "" {
		return &notChecked{}
	}
	want, err := Normalize(r.URL)
	if err != nil {
		return &mismatch{expected: "the URL of a request", found: err.Error(), hint: "what the proof is compared with is no http or https URL: look at what the URL was taken from"}
	}
	htu, _ := p.claim("htu")
	if htu == r.URL {
		return nil // the usual case
	}
	got, err := Normalize(htu)
	if err == nil && got == want {
		return nil
	}
	m := &mismatch{expected: strconv.Quote(want), found: shown(p.jws.Payload, "htu")}
	if err == nil {
		m.hint = htuHint(got, want)
	} else if e, ok := errors.AsType[*URLError](err); ok && htu != "" {
		m.hint = e.Reason
	} else {
		m.hint = "htu is the URL of the request, without query and fragment"
	}
	return m
}

// htuHint names the first difference of two normalised URLs.
func htuHint(got, want string) string {
	g, errG := split(got)
	w, errW := split(want)
	if errG != nil || errW != nil {
		return ""
	}
	switch {
	case g.host != w.host:
		return "another host: behind a proxy, a server must know its public name"
	case g.scheme != w.scheme:
		return "another scheme: behind a TLS proxy, a server must know that it is called by https"
	case g.port != w.port:
		return "another port: behind a proxy, a server must know its public one"
	case strings.TrimSuffix(g.path, "/") == strings.TrimSuffix(w.path, "/"):
		return "a final slash makes another URL; lenient servers ignore it"
	case strings.EqualFold(g.path, w.path):
		return "paths are case-sensitive"
	case strings.EqualFold(decoded(g.path), decoded(w.path)):
		return "a percent-encoded reserved character is another one: some servers decode before they compare"
	case strings.HasSuffix(g.path, w.path), strings.HasSuffix(w.path, g.path):
		return "a path prefix is missing on one side: a proxy may rewrite the path"
	default:
		return "another path: a proof is for one URL"
	}
}

func decoded(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] == '%' {
			b.WriteByte(byte(unhex(path[i+1])<<4 | unhex(path[i+2])))
			i += 2
		} else {
			b.WriteByte(path[i])
		}
	}
	return b.String()
}

// athHint recognises the usual wrong hashes.
func athHint(ath string, present bool, token string) string {
	sum := sha256.Sum256([]byte(token))
	empty := ATH("")
	switch {
	case !present:
		return "with an access token, a proof needs its hash as ath"
	case ath == empty:
		return "the hash of an empty string"
	case ath == base64.URLEncoding.EncodeToString(sum[:]), ath == base64.StdEncoding.EncodeToString(sum[:]):
		return "the right hash, but not in base64url without padding"
	case ath == base64.RawStdEncoding.EncodeToString(sum[:]):
		return "the right hash in standard base64 instead of base64url"
	case strings.EqualFold(ath, hex.EncodeToString(sum[:])), ath == ATH(hex.EncodeToString(sum[:])):
		return "hexadecimal instead of base64url"
	case ath == base64.RawURLEncoding.EncodeToString([]byte(hex.EncodeToString(sum[:]))):
		return "base64url of the hexadecimal digits instead of the hash itself"
	case ath == ATH(token+"\n"), ath == ATH(token+"\r\n"), ath == ATH("DPoP "+token), ath == ATH("Bearer "+token):
		return "the hash of the token with a line break or the scheme"
	default:
		return "the hash of another token"
	}
}
