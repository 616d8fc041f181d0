package diagnose

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/oauthpop/oauthpop/internal/dpop"
)

func htuDiffers(r *reading) (string, bool) {
	sent, called, ok := r.otherURL()
	if !ok {
		return "", false
	}
	if _, inner := htuInner(r); inner {
		return "", false
	}
	text := fmt.Sprintf("the proof was made for %.200q, and %.200q was called", sent, called)
	if hint := r.checks["htu"].Hint; hint != "" {
		text += ": " + hint
	}
	return text, true
}

// otherURL returns the proof's URL and that of the request where they are two:
// "ignoring any query and fragment parts", after normalization.
// https://www.rfc-editor.org/rfc/rfc9449#section-4.3
func (r *reading) otherURL() (sent, called string, other bool) {
	if !r.refused() || !r.refusesProof() {
		return "", "", false
	}
	called, err := dpop.HTU(r.Request.URL)
	if err != nil {
		return "", "", false
	}
	if r.proof != nil {
		sent, _ = r.proof.Payload.String("htu")
		return sent, called, sent != "" && r.checks["htu"].Status == dpop.StatusFailed
	}
	if sent = r.Request.HTU; sent == "" {
		return "", "", false
	}
	normal, err := dpop.Normalize(sent)
	if err != nil {
		return sent, called, true
	}
	right, err := dpop.Normalize(called)
	return sent, called, err == nil && normal != right
}

// htuInner: of two URLs one is what a server behind a proxy is called by.
func htuInner(r *reading) (string, bool) {
	sent, called, other := r.otherURL()
	if !other || r.proof == nil {
		return "", false
	}
	s, errS := url.Parse(sent)
	c, errC := url.Parse(called)
	if errS != nil || errC != nil {
		return "", false
	}
	switch {
	case r.proxied() && (publicSide(s, c) || strings.EqualFold(s.Host, r.forwardedHost())):
		return fmt.Sprintf("the proof was made for the public URL %.200q, and behind the proxy %.200q was called", sent, called), true
	case inner(c) && !inner(s) && samePath(s, c):
		return fmt.Sprintf("the proof was made for %.200q, and the inner URL %.200q was called", sent, called), true
	case inner(s) && !inner(c) && samePath(s, c):
		return fmt.Sprintf("the proof was made for the inner URL %.200q, and %.200q was called", sent, called), true
	}
	return "", false
}

// publicSide: TLS ends, or a prefix of the path is taken off, in front.
func publicSide(public, behind *url.URL) bool {
	return public.Scheme == "https" && behind.Scheme == "http" && samePath(public, behind) ||
		public.Path != behind.Path && strings.HasSuffix(public.Path, behind.Path)
}

func samePath(a, b *url.URL) bool {
	return strings.HasSuffix(a.Path, b.Path) || strings.HasSuffix(b.Path, a.Path)
}

// inner: names and addresses that no public server has.
func inner(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	if a, err := netip.ParseAddr(host); err == nil {
		return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
	}
	if !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".local", ".internal", ".localhost", ".cluster.local", ".svc", ".lan"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}

// proxied: the request was seen behind a proxy.
func (r *reading) proxied() bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Via"} {
		if len(values(r.Request.Header, name)) > 0 {
			return true
		}
	}
	return false
}

func (r *reading) forwardedHost() string {
	for _, host := range values(r.Request.Header, "X-Forwarded-Host") {
		return strings.TrimSpace(host)
	}
	return ""
}

// htuQuery: "The HTTP target URI [...] without query and fragment parts"
// https://www.rfc-editor.org/rfc/rfc9449#section-4.2
func htuQuery(r *reading) (string, bool) {
	if r.proof == nil || !r.refused() || !r.refusesProof() {
		return "", false
	}
	htu, _ := r.proof.Payload.String("htu")
	if !strings.ContainsAny(htu, "?#") {
		return "", false
	}
	return fmt.Sprintf("the proof's htu is %.200q, with a query or a fragment", htu), true
}
