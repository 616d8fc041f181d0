package jwt

import (
	"crypto/elliptic"
	"errors"
)

// maxDER is the longest DER form of an ECDSA signature, that of P-521.
const maxDER = 3 + 2*(3+66)

var errDER = errors.New("sign: the key's ECDSA signature is not DER")

// CoordinateSize is the length of a coordinate on a curve, in bytes.
func CoordinateSize(c elliptic.Curve) int { return (c.Params().BitSize + 7) / 8 }

func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}

// appendDER appends SEQUENCE { INTEGER r, INTEGER s } of two positive numbers
// without leading zeros.
func appendDER(dst, r, s []byte) []byte {
	n := integerLen(r) + integerLen(s)
	dst = append(dst, 0x30)
	if n >= 0x80 {
		dst = append(dst, 0x81)
	}
	dst = append(dst, byte(n))
	return appendInteger(appendInteger(dst, r), s)
}

func integerLen(b []byte) int {
	if b[0]&0x80 != 0 {
		return 3 + len(b)
	}
	return 2 + len(b)
}

func appendInteger(dst, b []byte) []byte {
	dst = append(dst, 0x02, byte(integerLen(b)-2))
	if b[0]&0x80 != 0 {
		dst = append(dst, 0)
	}
	return append(dst, b...)
}

// appendRaw appends r||s of a DER signature, each in size bytes.
func appendRaw(dst, der []byte, size int) ([]byte, error) {
	body, rest, ok := readDER(der, 0x30)
	if !ok || len(rest) != 0 {
		return nil, errDER
	}
	r, body, ok := readDER(body, 0x02)
	if !ok {
		return nil, errDER
	}
	s, body, ok := readDER(body, 0x02)
	if !ok || len(body) != 0 {
		return nil, errDER
	}
	for _, n := range [2][]byte{r, s} {
		// "turn R and S into octet sequences in big-endian order, with each array
		// being 32 octets long" https://www.rfc-editor.org/rfc/rfc7518#section-3.4
		n = trimZeros(n)
		if len(n) == 0 || len(n) > size {
			return nil, errDER
		}
		for range size - len(n) {
			dst = append(dst, 0)
		}
		dst = append(dst, n...)
	}
	return dst, nil
}

// readDER reads one element with a length below 256.
func readDER(b []byte, tag byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != tag {
		return nil, nil, false
	}
	n, b := int(b[1]), b[2:]
	if n == 0x81 && len(b) > 0 {
		n, b = int(b[0]), b[1:]
	} else if n >= 0x80 {
		return nil, nil, false
	}
	if n > len(b) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}
