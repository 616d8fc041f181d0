package dpop

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

func refClaims(r Request, claims map[string]json.RawMessage) error {
	// 3. All required claims are contained in the JWT.
	jti, okJTI := refString(claims, "jti")
	htm, okHTM := refString(claims, "htm")
	htu, okHTU := refString(claims, "htu")
	iat, okIAT := refNumber(claims, "iat")
	if !okJTI || !okHTM || !okHTU || !okIAT || jti == "" || len(jti) > bounds.JTI {
		return errors.New("claims")
	}
	// 8. htm
	if r.Method != "" && htm != r.Method {
		return errors.New("htm")
	}
	// 9. htu, normalised as far as the RFC recommends
	if r.URL != "" {
		want, err := refURL(r.URL)
		if err != nil {
			return err
		}
		got, err := refURL(htu)
		if err != nil {
			return fmt.Errorf("htu: %w", err)
		}
		if got != want {
			return fmt.Errorf("htu %q", got)
		}
	}
	if regexp.MustCompile(`^[^:]*://[^/?#]*@`).MatchString(htu) {
		return errors.New("userinfo")
	}
	// 10. nonce
	nonce, okNonce := refString(claims, "nonce")
	if _, ok := claims["nonce"]; ok != okNonce {
		return errors.New("nonce is not a string")
	}
	if r.Nonce != nil && r.Nonce(nonce, okNonce) != nil {
		return errors.New("nonce")
	}
	// 11. The creation time is within an acceptable window; RFC 7519 section 4.1.
	now := float64(r.Now.UnixNano()) / 1e9
	if !r.NoFreshness && (now-iat > r.MaxAge.Seconds() || iat-now > r.MaxSkew.Seconds()) {
		return errors.New("time")
	}
	exp, okExp := refNumber(claims, "exp")
	if _, ok := claims["exp"]; ok && (!okExp || !r.NoFreshness && now-exp >= r.MaxSkew.Seconds()) {
		return errors.New("exp")
	}
	nbf, okNbf := refNumber(claims, "nbf")
	if _, ok := claims["nbf"]; ok && (!okNbf || !r.NoFreshness && nbf-now > r.MaxSkew.Seconds()) {
		return errors.New("nbf")
	}
	// 12. ath
	sum := sha256.Sum256([]byte(r.Token))
	if ath, _ := refString(claims, "ath"); r.HasToken && (r.Token == "" || ath != base64.RawURLEncoding.EncodeToString(sum[:])) {
		return errors.New("ath")
	}
	return nil
}

// The regular expression of RFC 3986 appendix B.
var uri = regexp.MustCompile(`^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?`)

// refURL normalises by RFC 3986 section 6.2.2 and 6.2.3. It knows no domain names
// beyond ASCII: errNotASCII.
func refURL(s string) (string, error) {
	if regexp.MustCompile(`[\x00-\x1f\x7f]`).MatchString(s) {
		return "", errors.New("control character")
	}
	m := uri.FindStringSubmatch(s)
	scheme, authority, path := strings.ToLower(m[2]), m[4], m[5]
	if m[3] == "" || scheme != "http" && scheme != "https" {
		return "", errors.New("scheme")
	}
	parts := regexp.MustCompile(`^(\[[^\]]*\]|[^:\[\]]*)(:([0-9]*))?$`).FindStringSubmatch(authority)
	if parts == nil || parts[1] == "" || strings.Contains(authority, "@") {
		return "", errors.New("authority")
	}
	host, port := strings.ToLower(parts[1]), parts[3]
	if strings.HasPrefix(host, "[") {
		addr, err := netip.ParseAddr(host[1 : len(host)-1])
		if err != nil || addr.Is4() {
			return "", errors.New("not an IPv6 address")
		}
		host = "[" + addr.WithZone("").String() + "]"
	} else if regexp.MustCompile(`[^\x00-\x7f]`).MatchString(host) {
		return "", errNotASCII
	} else if !regexp.MustCompile(`^[a-z0-9._~!$&'()*+,;=-]*$`).MatchString(host) {
		return "", errors.New("host")
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return "", err
		}
		if port = fmt.Sprintf(":%d", n); scheme+port == "http:80" || scheme+port == "https:443" {
			port = ""
		}
	}
	if regexp.MustCompile(`%([^0-9A-Fa-f]|.?$|.[^0-9A-Fa-f])`).MatchString(path) {
		return "", errors.New("percent-encoding")
	}
	path = regexp.MustCompile(`%..`).ReplaceAllStringFunc(path, func(x string) string {
		n, _ := strconv.ParseUint(x[1:], 16, 8)
		if c := string(rune(n)); n < 0x80 && regexp.MustCompile(`[A-Za-z0-9._~-]`).MatchString(c) {
			return c
		}
		return strings.ToUpper(x)
	})
	var encoded strings.Builder
	for _, c := range []byte(path) {
		if c == '%' || c < 0x80 && regexp.MustCompile(`[]A-Za-z0-9._~!$&'()*+,;=:@/[-]`).MatchString(string(rune(c))) {
			encoded.WriteByte(c)
		} else {
			fmt.Fprintf(&encoded, "%%%02X", c)
		}
	}
	if path = refDots(encoded.String()); path == "" {
		path = "/"
	}
	return scheme + "://" + host + port + path, nil
}

var errNotASCII = errors.New("the reference knows no domain names beyond ASCII")

// refDots is remove_dot_segments, letter by letter (RFC 3986 section 5.2.4).
func refDots(in string) string {
	out := ""
	for in != "" {
		switch {
		case strings.HasPrefix(in, "/./"):
			in = in[2:]
		case in == "/.":
			in = "/"
		case strings.HasPrefix(in, "/../"):
			in = in[3:]
			out = out[:max(0, strings.LastIndex(out, "/"))]
		case in == "/..":
			in = "/"
			out = out[:max(0, strings.LastIndex(out, "/"))]
		default:
			end := strings.Index(in[1:], "/") + 1
			if end == 0 {
				end = len(in)
			}
			out += in[:end]
			in = in[end:]
		}
	}
	return out
}
