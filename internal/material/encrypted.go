package material

import (
	"crypto/aes"
	"crypto/des" //nolint:gosec // old files are encrypted with it: they are read, and never written
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

const (
	passphraseHint = "--passphrase opens it; --passphrase @FILE reads the passphrase from a file"
	reencryptHint  = "'openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out NEW' encrypts it anew"
)

// locked remembers an encrypted key that no passphrase opened.
func (r *reader) locked(what string) {
	var err error
	switch n := len(r.passphrases); n {
	case 0:
		err = fmt.Errorf("%w, and no passphrase was given", ErrLocked)
	case 1:
		err = fmt.Errorf("%w, and the passphrase given does not open it", ErrLocked)
	default:
		err = fmt.Errorf("%w, and none of the %d passphrases given opens it", ErrLocked, n)
	}
	r.unusable = append(r.unusable, &Error{File: r.Name, Found: what, Hint: passphraseHint, Err: err})
}

// legacy opens a block with the encryption of RFC 1421, as old openssl writes it.
func (r *reader) legacy(b *pem.Block) {
	const what = "an encrypted private key (Proc-Type, DEK-Info)"
	for _, p := range r.passphrases {
		//nolint:staticcheck // RFC 1423 is weak, but that is for who encrypts: these files are there and must be read
		der, err := x509.DecryptPEMBlock(b, []byte(p))
		if err != nil && !errors.Is(err, x509.IncorrectPasswordError) {
			r.cannotUse(what+" that can't be opened", reencryptHint, err)
			return
		}
		// One wrong passphrase in 256 leaves a valid padding, but no DER.
		if _, ok := elements(der); err != nil || !ok {
			continue
		}
		if err := r.der(der, "PEM, encrypted"); err != nil {
			r.cannotUse(what+" that can't be used", "", err)
		}
		return
	}
	r.locked(what)
}

func (r *reader) encryptedPKCS8(der []byte, form string) {
	const what = "an encrypted private key (PKCS#8)"
	if err := canDecrypt(der); err != nil {
		r.cannotUse(what, reencryptHint, err)
		return
	}
	for _, p := range r.passphrases {
		if p == "" { // that would mean "not encrypted"
			continue
		}
		k, err := pkcs8.ParsePKCS8PrivateKey(der, []byte(p))
		if err != nil {
			continue
		}
		r.private(k, nil, what, "PKCS#8 "+form+", encrypted")
		return
	}
	r.locked(what)
}

type encryptedInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2 struct{ KDF, Scheme pkix.AlgorithmIdentifier }

type pbkdf2 struct {
	Salt       []byte
	Iterations int
	Length     int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

type scrypt struct {
	Salt    []byte
	N, R, P int
}

// canDecrypt says whether the encryption (PBES2 of RFC 8018) is one that the
// library knows, with a cost that is borne, before any passphrase is tried.
func canDecrypt(der []byte) error {
	var info encryptedInfo
	var scheme pbes2
	if _, err := asn1.Unmarshal(der, &info); err != nil {
		return err
	}
	if oid := info.Algorithm.Algorithm.String(); oid != "1.2.840.113549.1.5.13" {
		return fmt.Errorf("its encryption %s is not PBES2", oid)
	}
	if _, err := asn1.Unmarshal(info.Algorithm.Parameters.FullBytes, &scheme); err != nil {
		return err
	}
	block := 0
	switch oid := scheme.Scheme.Algorithm.String(); oid {
	case "2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.22", "2.16.840.1.101.3.4.1.42":
		block = aes.BlockSize
	case "1.2.840.113549.3.7":
		block = des.BlockSize
	default:
		return fmt.Errorf("its cipher %s is not AES-CBC or Triple DES", oid)
	}
	var iv []byte
	if _, err := asn1.Unmarshal(scheme.Scheme.Parameters.FullBytes, &iv); err != nil || len(iv) != block || len(info.Data)%block != 0 {
		return errors.New("it is damaged")
	}
	return bearable(scheme.KDF)
}

// affordable bounds the memory, which is 128 bytes for each of N*r and of r*p, and
// with p the time. The single bounds keep the products from running over.
func (p scrypt) affordable() bool {
	const mostR, mostP = 64, 16
	return p.N >= 2 && p.R >= 1 && p.P >= 1 && p.R <= mostR && p.P <= mostP && p.N <= bounds.ScryptCost/p.R
}

// bearable says whether the key derivation is known and its cost within bounds:
// a file must not be able to keep the machine busy for hours.
func bearable(kdf pkix.AlgorithmIdentifier) error {
	switch oid := kdf.Algorithm.String(); oid {
	case "1.2.840.113549.1.5.12":
		var p pbkdf2
		if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
			return err
		}
		if p.Iterations < 1 || p.Iterations > bounds.PBKDF2Iterations {
			return fmt.Errorf("%d rounds of PBKDF2 are not between 1 and %d", p.Iterations, bounds.PBKDF2Iterations)
		}
		switch prf := p.PRF.Algorithm.String(); prf {
		case "", "1.2.840.113549.2.7", "1.2.840.113549.2.9": // HMAC with SHA-1 (the default) and SHA-256
		default:
			return fmt.Errorf("its PBKDF2 is with %s, not HMAC-SHA-1 or HMAC-SHA-256", prf)
		}
		// The library does not look behind the length for the hash.
		if p.Length != 0 && len(p.PRF.Algorithm) > 0 {
			return errors.New("its PBKDF2 states the length of the key")
		}
	case "1.3.6.1.4.1.11591.4.11":
		var p scrypt
		if _, err := asn1.Unmarshal(kdf.Parameters.FullBytes, &p); err != nil {
			return err
		}
		if !p.affordable() {
			return fmt.Errorf("scrypt with N=%d, r=%d, p=%d is beyond what is taken", p.N, p.R, p.P)
		}
	default:
		return fmt.Errorf("its key derivation %s is not PBKDF2 or scrypt", oid)
	}
	return nil
}
