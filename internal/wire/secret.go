// Package wire holds names and JSON shapes of the RFCs, and plain data that
// travels between packages. It has no behaviour but that of Secret.
package wire

import (
	"encoding/json"
	"fmt"
)

// Secret is a value that must not be shown: a client secret, a token, an
// assertion, a passphrase. However it is printed, it prints itself shortened;
// only Reveal gives the value.
type Secret string

// Reveal returns the value itself, for the request or the output it is meant for.
func (s Secret) Reveal() string { return string(s) }

// String returns a shortened form: the first characters of a long value, so that
// two tokens can be told apart, and never more than a tenth of it.
func (s Secret) String() string {
	switch n := len(s); {
	case n == 0:
		return ""
	case n < 60:
		return fmt.Sprintf("[secret, %d bytes]", n)
	default:
		return fmt.Sprintf("%.6s…[secret, %d bytes]", string(s), n)
	}
}

// Format prints the shortened form under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// GoString prints the shortened form.
func (s Secret) GoString() string { return s.String() }

// MarshalJSON encodes the shortened form.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }
