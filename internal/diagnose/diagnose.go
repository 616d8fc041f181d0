// Package diagnose finds the likely causes of a refusal from the error code and
// from what was sent and received: never from a server's prose. It is pure.
package diagnose

import "github.com/oauthpop/oauthpop/internal/wire"

// Cause is a likely cause of a refusal.
type Cause struct {
	ID, Section string
	// Text says what is the matter. In the list it is general, in a finding it has
	// the numbers and names of the case.
	Text string
	// Fix says what to do.
	Fix string

	match func(ex *wire.Exchange, code string) (text string, ok bool)
}

// List is every cause that is known, the likeliest first.
func List() []Cause {
	return []Cause{
		{
			"clock-skew", "RFC 9449 section 11.1",
			"the clocks of this machine and of the server differ",
			"set the clock of this machine (timedatectl, w32tm); if it is right, the server's is wrong",
			clockSkew,
		},
		{
			"htu-differs", "RFC 9449 section 4.3",
			"the proof was made for another URL than the one that was called",
			"leave out --htu; for a server behind a proxy that rewrites URLs give the URL that the server sees",
			htuDiffers,
		},
		{
			"nonce-missing", "RFC 9449 section 8",
			"the server asks for a nonce and gives none that can be used",
			"the server must send one DPoP-Nonce field with the refusal: look whether something in between drops it",
			nonceMissing,
		},
		{
			"nonce-repeated", "RFC 9449 section 8",
			"the server asks for the nonce that it was sent",
			"the server does not recognise its own nonce: several instances that do not share their secret do that",
			nonceRepeated,
		},
		{
			"nonce-again", "RFC 9449 section 8",
			"the server asked for a nonce, was sent it, and asks for another",
			"its nonces live too short, or several instances do not share their secret; try once more",
			nonceAgain,
		},
		{
			"certificate-not-asked", "RFC 8705 section 5",
			"a client certificate was given, and the server did not ask for it, so that none was sent",
			"call the host or port that asks for certificates: the server's mtls_endpoint_aliases name it",
			certificateNotAsked,
		},
		{
			"certificate-not-sent", "RFC 8705 section 2",
			"the server asked for a client certificate, and there was none to send",
			"give the certificate with --cert FILE and --cert-key FILE",
			certificateNotSent,
		},
	}
}

// Causes returns the likely causes of a refusal. code is the error code of the
// server's answer or challenge, "" where it has none.
func Causes(ex *wire.Exchange, code string) []Cause {
	var found []Cause
	if ex == nil {
		return nil
	}
	for _, c := range List() {
		if text, ok := c.match(ex, code); ok {
			c.Text = text
			found = append(found, c)
		}
	}
	return found
}
