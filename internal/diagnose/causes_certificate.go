package diagnose

import (
	"fmt"

	"github.com/oauthpop/oauthpop/internal/wire"
)

func certificateNotAsked(r *reading) (string, bool) {
	if !r.refused() || !r.refusesCertificate() || !r.Request.Certificate || r.TLS.Asked {
		return "", false
	}
	if !r.TLS.Used {
		return "a client certificate was given, and plain http carries none", true
	}
	return "a client certificate was given, but the server did not ask for one, so that none was sent", true
}

func certificateNotSent(r *reading) (string, bool) {
	if !r.refused() || !r.refusesCertificate() || r.TLS.Sent {
		return "", false
	}
	switch {
	case r.cnf.JKT != "" && r.cnf.X5T == "":
		return "", false // the token is bound to a key, and needs none
	case r.TLS.Asked:
		return "the server asked for a client certificate, and there was none to send", true
	case r.handshake() && r.cnf.X5T != "" && !r.Request.Certificate:
		return fmt.Sprintf("the token is bound to the certificate %.100q, and none was given", r.cnf.X5T), true
	}
	return "", false
}

// otherCertificate: the certificate that was presented is known, and is not the token's.
func (r *reading) otherCertificate() bool {
	return r.refused() && r.refusesCertificate() && r.cnf.X5T != "" && r.Known.X5T != "" && r.cnf.X5T != r.Known.X5T
}

// renewed finds the certificate of the token among those that have the key of the
// presented one.
func (r *reading) renewed() (old, now wire.KnownCertificate, ok bool) {
	for _, c := range r.Known.Certificates {
		switch c.X5T {
		case r.cnf.X5T:
			old = c
		case r.Known.X5T:
			now = c
		}
	}
	return old, now, old.KeyJKT != "" && old.KeyJKT == now.KeyJKT
}

// certificateRenewed: a token is bound to the certificate as a whole, so that one
// bound to the old certificate is of no use with the new one.
// https://www.rfc-editor.org/rfc/rfc8705#section-6.3
func certificateRenewed(r *reading) (string, bool) {
	old, now, ok := r.renewed()
	if !r.otherCertificate() || !ok {
		return "", false
	}
	return fmt.Sprintf("the token is bound to %q, and %q was presented: two certificates of one key", old.File, now.File), true
}

// "If they do not match, the resource access attempt MUST be rejected with an
// error, per [RFC6750], using an HTTP 401 status code and the invalid_token error code."
// https://www.rfc-editor.org/rfc/rfc8705#section-3
func certificateDiffers(r *reading) (string, bool) {
	if _, _, ok := r.renewed(); ok || !r.otherCertificate() {
		return "", false
	}
	return fmt.Sprintf("the token is bound to the certificate %.100q, and %.100q was presented", r.cnf.X5T, r.Known.X5T), true
}

// certificateAtProxy: the right certificate was presented to whoever ends TLS, or
// the request was seen behind a proxy and has none.
// https://www.rfc-editor.org/rfc/rfc8705#section-6.5
func certificateAtProxy(r *reading) (string, bool) {
	if !r.refused() || !r.refusesCertificate() || r.cnf.X5T == "" {
		return "", false
	}
	switch {
	case r.TLS.Sent && r.cnf.X5T == r.Known.X5T && (r.code == wire.ErrInvalidToken || r.code == "" && r.Response.Status != 0):
		return "the certificate that the token is bound to was presented, and the token refused all the same", true
	case !r.handshake() && !r.TLS.Sent && r.Known.X5T == "" && r.proxied():
		return "the request came through a proxy, which sent no certificate on, and the token is bound to one", true
	}
	return "", false
}

// handshake: TLS was seen. Of a captured request nobody knows what it was.
func (r *reading) handshake() bool { return r.TLS.Version != 0 }
