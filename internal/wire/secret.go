// Package wire holds names and JSON shapes of the RFCs, and plain data that
// travels between packages. It has no behaviour but that of Secret.
package wire

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Secret is a value that must not be shown: a client secret, a token, an
// assertion, a passphrase. However it is printed, it prints itself shortened;
// only Reveal gives the value.
type Secret string

// Reveal returns the value itself, for the request or the output it is meant for.
func (s Secret) Reveal() string { return string(s) }

// String returns a shortened form. Of a JWT, whose beginning says no more than its
// algorithm, the first characters are kept; of anything else nothing is.
func (s Secret) String() string {
	switch {
	case s == "":
		return ""
	case len(s) >= 60 && strings.HasPrefix(string(s), "eyJ"):
		return fmt.Sprintf("%.6s…[secret, %d bytes]", string(s), len(s))
	}
	return fmt.Sprintf("[secret, %d bytes]", len(s))
}

// Format prints the shortened form under every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// GoString prints the shortened form.
func (s Secret) GoString() string { return s.String() }

// MarshalJSON encodes the shortened form.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }
