package material

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"

	gopkcs12 "software.sslmate.com/src/go-pkcs12"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

const foundPKCS12 = "a PKCS#12 bundle"

// pkcs12 opens a bundle: each passphrase is tried, and then none, which tools write
// as an empty one.
func (r *reader) pkcs12(der []byte) error {
	if err := openableWithin(der, bounds.PBKDF2Iterations); err != nil {
		return r.fault(foundPKCS12+" that can't be read", pkcs12Hint, err)
	}
	var other error
	for _, p := range append(r.passphrases[:len(r.passphrases):len(r.passphrases)], "") {
		err := r.openPKCS12(der, p)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, gopkcs12.ErrIncorrectPassword), errors.Is(err, gopkcs12.ErrDecryption):
		case other == nil:
			other = err
		}
	}
	if other != nil {
		return r.fault(foundPKCS12+" that can't be read", pkcs12Hint, errors.New(strings.TrimPrefix(other.Error(), "pkcs12: ")))
	}
	r.locked(foundPKCS12)
	return nil
}

func (r *reader) openPKCS12(der []byte, passphrase string) error {
	key, leaf, others, err := gopkcs12.DecodeChain(der, passphrase)
	if err != nil {
		// Java's stores of CAs hold nothing but certificates, marked as trusted.
		certs, storeErr := gopkcs12.DecodeTrustStore(der, passphrase)
		if storeErr != nil || len(certs) == 0 {
			return err
		}
		leaf, others = certs[0], certs[1:]
	}
	r.format("PKCS#12")
	if key != nil {
		r.private(key, nil, "a private key in PKCS#12", "PKCS#12")
	}
	r.addCertificate(leaf)
	for _, c := range others {
		r.addCertificate(c)
	}
	return nil
}

// The parts of a bundle that can be seen without its passphrase.
// https://www.rfc-editor.org/rfc/rfc7292#section-4
type (
	pfx struct {
		Version  int
		AuthSafe contentInfo
		MAC      macData `asn1:"optional"`
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	macData struct {
		Digest struct {
			Algorithm pkix.AlgorithmIdentifier
			Digest    []byte
		}
		Salt   []byte
		Rounds int `asn1:"optional,default:1"`
	}
	encryptedData struct {
		Version int
		Info    struct {
			Type      asn1.ObjectIdentifier
			Algorithm pkix.AlgorithmIdentifier
			Content   asn1.RawValue `asn1:"tag:0,optional"`
		}
	}
	safeBag struct {
		Type       asn1.ObjectIdentifier
		Value      asn1.RawValue `asn1:"tag:0,explicit"`
		Attributes asn1.RawValue `asn1:"optional"`
	}
)

var errDamaged = errors.New("it is damaged, or BER and not DER")

const (
	oidData          = "1.2.840.113549.1.7.1"
	oidEncryptedData = "1.2.840.113549.1.7.6"
	oidShroudedKey   = "1.2.840.113549.1.12.10.1.2"
	oidPBES2         = "1.2.840.113549.1.5.13"
	oidPBMAC1        = "1.2.840.113549.1.5.14"
)

// openableWithin says whether the cost of opening a bundle is borne, before any passphrase
// is tried: a file must not be able to keep the machine busy for hours.
func openableWithin(der []byte, rounds int) error {
	var p pfx
	if err := unmarshalAll(der, &p); err != nil {
		return errDamaged
	}
	if err := bearableRounds(p.MAC.Rounds, rounds); err != nil {
		return err
	}
	if p.MAC.Digest.Algorithm.Algorithm.String() == oidPBMAC1 {
		if err := derivable(p.MAC.Digest.Algorithm, rounds); err != nil {
			return err
		}
	}
	var safe []byte
	if p.AuthSafe.Type.String() != oidData {
		return errors.New("it is sealed with a public key")
	}
	var contents []contentInfo
	if unmarshalAll(p.AuthSafe.Content.Bytes, &safe) != nil || unmarshalAll(safe, &contents) != nil {
		return errDamaged
	}
	for _, c := range contents {
		if err := c.openableWithin(rounds); err != nil {
			return err
		}
	}
	return nil
}

func (c contentInfo) openableWithin(rounds int) error {
	switch c.Type.String() {
	case oidEncryptedData:
		var e encryptedData
		if err := unmarshalAll(c.Content.Bytes, &e); err != nil {
			return errDamaged
		}
		return derivable(e.Info.Algorithm, rounds)
	case oidData:
		var data []byte
		var bags []safeBag
		if unmarshalAll(c.Content.Bytes, &data) != nil || unmarshalAll(data, &bags) != nil {
			return errDamaged
		}
		for _, b := range bags {
			var info encryptedInfo
			if b.Type.String() != oidShroudedKey || unmarshalAll(b.Value.Bytes, &info) != nil {
				continue
			}
			if err := derivable(info.Algorithm, rounds); err != nil {
				return err
			}
		}
	}
	return nil
}

// derivable bounds the rounds of a key derivation. Whether its algorithm is known is
// the library's to say.
func derivable(a pkix.AlgorithmIdentifier, rounds int) error {
	var p struct { // of PBKDF2, and of what RFC 7292 derives keys by
		Salt   asn1.RawValue
		Rounds int
		Length int                      `asn1:"optional"`
		PRF    pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	parameters := a.Parameters.FullBytes
	if oid := a.Algorithm.String(); oid == oidPBES2 || oid == oidPBMAC1 { // each begins with the key derivation
		var scheme pbes2
		if err := unmarshalAll(parameters, &scheme); err != nil {
			return errDamaged
		}
		parameters = scheme.KDF.Parameters.FullBytes
	}
	if err := unmarshalAll(parameters, &p); err != nil {
		return errDamaged
	}
	return bearableRounds(p.Rounds, rounds)
}

func bearableRounds(n, most int) error {
	if n > most {
		return fmt.Errorf("%d rounds of its key derivation are more than the %d that are taken", n, most)
	}
	return nil
}

// unmarshalAll reads DER with nothing behind it.
func unmarshalAll(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = errors.New("trailing data")
	}
	return err
}
