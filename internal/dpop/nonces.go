package dpop

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// ValidNonce says whether s may be a DPoP-Nonce: "nonce = 1*NQCHAR", with NQCHAR
// "%x21 / %x23-5B / %x5D-7E". https://www.rfc-editor.org/rfc/rfc9449#section-8.1
func ValidNonce(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return s != ""
}

// Nonces makes and recognises the nonces of a server without remembering them:
// each is the authentication code of a period. "Nonce values MUST be
// unpredictable." https://www.rfc-editor.org/rfc/rfc9449#section-8
type Nonces struct {
	secret []byte
	period time.Duration
}

// NewNonces makes nonces that change with each period, which is at least a second.
// The secret is 32 random bytes.
func NewNonces(secret []byte, period time.Duration) *Nonces {
	return &Nonces{secret: secret, period: max(period, time.Second)}
}

// Issue returns the nonce of the current period.
func (n *Nonces) Issue(now time.Time) string { return n.at(n.number(now)) }

// Check accepts the nonces of this period and of the one before: a client has at
// least a whole period to use what it was given.
func (n *Nonces) Check(nonce string, now time.Time) error {
	i := n.number(now)
	current := hmac.Equal([]byte(nonce), []byte(n.at(i)))
	previous := hmac.Equal([]byte(nonce), []byte(n.at(i-1)))
	if current || previous {
		return nil
	}
	return &NonceError{Expected: "a nonce that this server supplied lately"}
}

func (n *Nonces) number(now time.Time) int64 { return now.Unix() / int64(n.period/time.Second) }

func (n *Nonces) at(number int64) string {
	mac := hmac.New(sha256.New, n.secret)
	_ = binary.Write(mac, binary.BigEndian, number)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}
