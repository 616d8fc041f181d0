package material

import (
	"bytes"
	"encoding/asn1"
	"fmt"
)

const tagSequence = 0x30

// kind is what a DER value is, judged by its shape alone.
type kind int

const (
	kindUnknown kind = iota
	kindCertificate
	kindRequest
	kindRevocations
	kindPKCS8
	kindEncrypted
	kindSEC1
	kindPKCS1
	kindPKCS1Public
	kindSPKI
	kindDSA
	kindPKCS7
	kindPKCS12
)

// shape returns the kind of a DER value and the elements of its sequence.
func shape(der []byte) (kind, []asn1.RawValue) {
	// Microsoft tools write PKCS#7 and PKCS#12 with indefinite lengths (BER).
	switch {
	case bytes.HasPrefix(der, []byte{tagSequence, 0x80, 2, 1, 3}):
		return kindPKCS12, nil
	case bytes.HasPrefix(der, []byte{tagSequence, 0x80, 6}):
		return kindPKCS7, nil
	}
	all, ok := elements(der)
	if !ok {
		return kindUnknown, nil
	}
	switch tags := tagsOf(all); {
	case tags == "SSB":
		return signedKind(all[0]), all
	case tags == "SB":
		return kindSPKI, all
	case tags == "SO":
		return kindEncrypted, all
	case prefixed(tags, "ISO"):
		return kindPKCS8, all
	case prefixed(tags, "IO"):
		return kindSEC1, all
	case prefixed(tags, "IIIIIIIII"):
		return kindPKCS1, all
	case tags == "IIIIII":
		return kindDSA, all
	case tags == "II":
		return kindPKCS1Public, all
	case prefixed(tags, "IS"):
		return kindPKCS12, all
	case prefixed(tags, "P"):
		return kindPKCS7, all
	}
	return kindUnknown, all
}

// signedKind tells certificates, requests and revocation lists apart, all of
// which are something signed, an algorithm and a signature.
func signedKind(signed asn1.RawValue) kind {
	inner, ok := elements(signed.FullBytes)
	switch tags := tagsOf(inner); {
	case !ok:
		return kindUnknown
	case prefixed(tags, "ISST"), prefixed(tags, "SST"):
		return kindRevocations
	case prefixed(tags, "ISS") && len(inner) <= 4: // subject, key, attributes
		return kindRequest
	default:
		return kindCertificate
	}
}

func prefixed(tags, prefix string) bool {
	return len(tags) >= len(prefix) && tags[:len(prefix)] == prefix
}

// tagsOf writes one letter an element: Integer, Sequence, Octets, Bits, oid (P),
// Time; any other is a question mark.
func tagsOf(all []asn1.RawValue) string {
	b := make([]byte, len(all))
	for i, v := range all {
		b[i] = '?'
		if v.Class != asn1.ClassUniversal {
			continue
		}
		switch v.Tag {
		case asn1.TagInteger:
			b[i] = 'I'
		case asn1.TagSequence:
			b[i] = 'S'
		case asn1.TagOctetString:
			b[i] = 'O'
		case asn1.TagBitString:
			b[i] = 'B'
		case asn1.TagOID:
			b[i] = 'P'
		case asn1.TagUTCTime, asn1.TagGeneralizedTime:
			b[i] = 'T'
		}
	}
	return string(b)
}

// elements takes a sequence apart. Nothing but white space may follow it.
func elements(der []byte) ([]asn1.RawValue, bool) {
	var outer asn1.RawValue
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || outer.Class != asn1.ClassUniversal || outer.Tag != asn1.TagSequence || len(bytes.TrimSpace(rest)) > 0 {
		return nil, false
	}
	var all []asn1.RawValue
	for rest := outer.Bytes; len(rest) > 0; {
		var v asn1.RawValue
		if rest, err = asn1.Unmarshal(rest, &v); err != nil {
			return nil, false
		}
		all = append(all, v)
		if len(all) > 64 {
			return nil, false
		}
	}
	return all, true
}

// unusableAlgorithm reads an AlgorithmIdentifier and names it if keys of this
// kind are of no use here; explicit says that the curve is spelled out.
func unusableAlgorithm(identifier asn1.RawValue) (name string, explicit bool) {
	parts, ok := elements(identifier.FullBytes)
	if !ok || len(parts) == 0 {
		return "", false
	}
	oid := oidOf(parts[0])
	switch name, known := algorithms[oid]; {
	case oid == oidEC && len(parts) > 1:
		return unusableCurve(parts[1])
	case oid == oidEC, !known && oid == "":
		return "", false
	case !known:
		return fmt.Sprintf("algorithm %s", oid), false
	default:
		return name, false
	}
}

// unusableCurve reads the parameters of an EC key.
func unusableCurve(parameters asn1.RawValue) (name string, explicit bool) {
	if parameters.Class == asn1.ClassUniversal && parameters.Tag == asn1.TagSequence {
		return "", true
	}
	oid := oidOf(parameters)
	switch name, known := curves[oid]; {
	case oid == "":
		return "", false
	case !known:
		return "the curve " + oid, false
	case name == "":
		return "", false
	default:
		return "the curve " + name, false
	}
}

func oidOf(v asn1.RawValue) string {
	var oid asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(v.FullBytes, &oid); err != nil {
		return ""
	}
	return oid.String()
}

const oidEC = "1.2.840.10045.2.1"

// algorithms are the key algorithms by their identifier, with the name of those
// that are of no use here; the ones that are have none.
var algorithms = map[string]string{
	oidEC:                     "",
	"1.2.840.113549.1.1.1":    "", // RSA
	"1.3.101.112":             "", // Ed25519
	"1.3.101.110":             "X25519",
	"1.3.101.111":             "X448",
	"1.3.101.113":             "Ed448",
	"1.2.840.10040.4.1":       "DSA",
	"1.2.840.113549.1.3.1":    "Diffie-Hellman",
	"1.2.840.113549.1.1.10":   "RSA for RSASSA-PSS only",
	"2.16.840.1.101.3.4.3.17": "ML-DSA-44",
	"2.16.840.1.101.3.4.3.18": "ML-DSA-65",
	"2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}

// curves likewise.
var curves = map[string]string{
	"1.2.840.10045.3.1.7":   "",
	"1.3.132.0.34":          "",
	"1.3.132.0.35":          "",
	"1.3.132.0.33":          "P-224",
	"1.3.132.0.10":          "secp256k1",
	"1.2.840.10045.3.1.1":   "P-192",
	"1.3.36.3.3.2.8.1.1.7":  "brainpoolP256r1",
	"1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
	"1.2.156.10197.1.301":   "SM2",
}
