package material

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	gopkcs12 "software.sslmate.com/src/go-pkcs12"
)

func TestPKCS12IsRead(t *testing.T) {
	leaf, err := PrivateKey("p12-leaf.pem", load(t, "p12-leaf.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]struct {
		passphrases []string
		chain       int
	}{
		"p12-chain.p12":   {[]string{"wrong", "pw"}, 2}, // AES-256, HMAC-SHA-256
		"p12-legacy.p12":  {[]string{"pw"}, 2},          // RC2-40, Triple DES, SHA-1
		"p12-empty.p12":   {nil, 1},
		"p12-open.p12":    {[]string{"of another file"}, 1}, // neither encrypted nor with a MAC
		"p12-unicode.p12": {[]string{"pä€ss"}, 1},
	} {
		t.Run(file, func(t *testing.T) {
			pair, err := Pair(file, load(t, file), "", nil, want.passphrases)
			if err != nil {
				t.Fatal(err)
			}
			if len(pair.Certificate) != want.chain || pair.Leaf.Subject.CommonName != "p12 leaf" || !Same(pair.Leaf.PublicKey, leaf.Public) {
				t.Errorf("%d certificates, the leaf is %s", len(pair.Certificate), pair.Leaf.Subject)
			}
			k, err := PrivateKey(file, load(t, file), want.passphrases)
			if err != nil || !Same(k.Public, leaf.Public) {
				t.Errorf("the key alone: %v", err)
			}
			chain, err := Chain(file, load(t, file), want.passphrases)
			if err != nil || len(chain) != want.chain || !chain[0].Equal(pair.Leaf) {
				t.Errorf("the chain alone: %d, %v", len(chain), err)
			}
			contents, err := Parse(file, load(t, file), want.passphrases)
			if err != nil || contents.Format != "PKCS#12" {
				t.Errorf("%+v, %v", contents, err)
			}
		})
	}
	for file, passphrase := range map[string]string{"bundle.p12": "pw", "p12-java.p12": "passpw"} {
		if _, err := Pair(file, load(t, file), "", nil, []string{passphrase}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// The key may be in another file, and the certificates may be all there is.
func TestPKCS12WithoutAKey(t *testing.T) {
	cert, err := Chain("c", load(t, "p12-leaf-certificate.pem"), nil)
	if err != nil {
		t.Fatal(err)
	}
	store, err := gopkcs12.Modern.EncodeTrustStore([]*x509.Certificate{cert[0]}, "pw")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Pair("f", store, "k", load(t, "p12-leaf.pem"), []string{"pw"}); err != nil {
		t.Error(err)
	}
	_, err = Pair("f", store, "", nil, []string{"pw"})
	wantError(t, err, "f", "without its private key")
}

func TestPKCS12ThatIsLockedSaysSo(t *testing.T) {
	for _, file := range []string{"p12-chain.p12", "p12-legacy.p12", "p12-unicode.p12"} {
		for _, passphrases := range [][]string{nil, {"wrong"}, {"wrong", "also wrong"}} {
			_, err := Pair(file, load(t, file), "", nil, passphrases)
			wantError(t, err, file, "PKCS#12", "--passphrase")
			if !errors.Is(err, ErrLocked) {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// What Windows tools write with indefinite lengths, and what was cut off, is named.
func TestPKCS12ThatIsNotDER(t *testing.T) {
	der := load(t, "p12-chain.p12")
	for name, data := range map[string][]byte{
		"cut off":            der[:len(der)-1],
		"indefinite lengths": append([]byte{0x30, 0x80, 2, 1, 3}, der[7:]...),
		"something behind":   append(bytes.Clone(der), 'x'),
	} {
		_, err := Pair("f", data, "", nil, []string{"pw"})
		if err == nil || strings.Contains(err.Error(), "%!") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := Pair("f", append([]byte{0x30, 0x80, 2, 1, 3}, der[7:]...), "", nil, []string{"pw"})
	wantError(t, err, "f", "PKCS#12", "BER", "openssl pkcs12")
}

// Every place that names rounds is looked at before a passphrase is tried: MAC,
// certificates and key.
func TestPKCS12ThatIsTooCostlyIsRefusedAtOnce(t *testing.T) {
	cheap, rounds := load(t, "p12-chain.p12"), []byte{2, 2, 8, 0} // INTEGER 2048
	costly := []byte{2, 2, 0x7f, 0xff}
	if n := bytes.Count(cheap, rounds); n != 3 {
		t.Fatalf("%d places with rounds", n)
	}
	for at := range bytes.Count(cheap, rounds) {
		data := bytes.Clone(cheap)
		from := 0
		for range at {
			from += bytes.Index(data[from:], rounds) + 1
		}
		i := from + bytes.Index(data[from:], rounds)
		copy(data[i:], costly)
		if err := openableWithin(data, 2048); err == nil {
			t.Errorf("place %d was not looked at", at)
		}
	}
	if err := openableWithin(cheap, 2048); err != nil {
		t.Error(err)
	}
}

func FuzzPKCS12(f *testing.F) {
	seeds(f, ".p12")
	f.Fuzz(func(t *testing.T, data []byte) {
		if openableWithin(data, 4096) != nil {
			return
		}
		c, err := Parse("f", data, []string{"pw"})
		sound(t, c, err)
		if c == nil {
			return
		}
		// The same as PEM, whatever its label, is the same thing.
		again, err := Parse("f", pem.EncodeToMemory(&pem.Block{Type: "THING", Bytes: data}), []string{"pw"})
		if err != nil || len(again.Keys) != len(c.Keys) || len(again.Certificates) != len(c.Certificates) {
			t.Fatalf("as PEM it holds %+v, %v", again, err)
		}
	})
}
