package certs

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// unhex decodes hexadecimal with spaces.
func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func marshalDN(t testing.TB, name pkix.RDNSequence) []byte {
	t.Helper()
	der, err := asn1.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// printed parses s and prints it again.
func printed(t testing.TB, s string) string {
	t.Helper()
	name, err := ParseDN(s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := FormatDN(marshalDN(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The first six are the examples of RFC 4514 section 4; the order within one RDN
// is arbitrary (section 2.2).
func TestNamesAreReadAndPrinted(t *testing.T) {
	for in, want := range map[string]string{
		"UID=jsmith,DC=example,DC=net":                   "",
		"OU=Sales+CN=J.  Smith,DC=example,DC=net":        "CN=J.  Smith+OU=Sales,DC=example,DC=net",
		`CN=James \"Jim\" Smith\, III,DC=example,DC=net`: "",
		`CN=Before\0dAfter,DC=example,DC=net`:            `CN=Before\0DAfter,DC=example,DC=net`,
		"1.3.6.1.4.1.1466.0=#04024869":                   "",
		`CN=Lu\C4\8Di\C4\87`:                             "CN=Lučić",
		"":                                               "",
		"CN=mtls-ca-client,O=oauthpop interop,C=NO":      "",
		`CN=Jürgen\, Müller+serialNumber=7,O=Ä\+B,C=NO`:  "",
		`CN=\ a\ `:                          "",
		`CN=\20a\20`:                        `CN=\ a\ `,
		`CN=\ `:                             "",
		`CN=\#7`:                            "",
		`CN=a#b`:                            "",
		`CN=a\#b`:                           "CN=a#b",
		`CN=a\=b`:                           "CN=a=b",
		`CN=\5C\22\2B\2C\3B\3C\3E`:          `CN=\\\"\+\,\;\<\>`,
		"CN=":                               "",
		"cn=a,oU=b,STREET=c":                "CN=a,OU=b,STREET=c",
		"commonName=a":                      "CN=a",
		"2.5.4.3=a":                         "CN=a",
		"emailAddress=a@example.org,dc=org": "emailAddress=a@example.org,DC=org",
		"E=a@example.org":                   "emailAddress=a@example.org",
		"CN=#1303414243":                    "CN=ABC",
		"CN=#0c0141":                        "CN=A",
		"CN=#04024869":                      "",
		"2.5.4.97=PSDNO-FSA-1":              "2.5.4.97=#130b5053444e4f2d4653412d31",
		"serialNumber=#0c0141":              "serialNumber=A",
		"C=#0c02c384":                       "",
		"CN=日本\U0001F510":                   "",
		`CN=a` + "\u202e" + `b`:             `CN=a\E2\80\AEb`,
		"CN=a\nb":                           `CN=a\0Ab`,
		"SN=a,givenName=b,initials=c,title=d,postalCode=e,UID=0 1":  "",
		"businessCategory=Private Organization,pseudonym=p,L=x,ST=": "",
	} {
		if want == "" {
			want = in
		}
		if got := printed(t, in); got != want {
			t.Errorf("%q is printed as %q, want %q", in, got, want)
		}
		if again := printed(t, want); again != want {
			t.Errorf("%q is printed as %q the second time", want, again)
		}
	}
}

func TestMalformedNamesAreRefused(t *testing.T) {
	for in, want := range map[string]string{
		"CN":                    "",
		"=a":                    "",
		"CN=a,":                 "",
		",CN=a":                 "",
		"CN=a,,O=b":             "",
		"CN=a+":                 "",
		"CN=a, O=b":             "no spaces",
		"CN=a ,O=b":             "no spaces",
		"CN = a":                "no spaces",
		"CN= a":                 "no spaces",
		"CN=a ":                 "no spaces",
		`CN=a\  `:               "no spaces",
		`CN=a;b`:                `\3B`,
		`CN="a"`:                `\22`,
		"CN=<a>":                `\3C`,
		"CN=a\x00":              `\00`,
		`CN=a\`:                 "",
		`CN=a\x`:                "",
		`CN=a\4`:                "",
		`CN=\FF`:                "the escapes of value",
		"CN=\xff":               "it is not UTF-8",
		"CN=#":                  "",
		"CN=#0":                 "",
		"CN=#zz":                "",
		"CN=#0c02":              "",
		"CN=#0c014100":          "",
		"CN=#0c8101 41":         "",
		"nickname=a":            "dotted OID",
		"1=a":                   "",
		"1.2.=a":                "",
		"1.02=a":                "",
		"3.1=a":                 "",
		"0.40=a":                "",
		"2.2147483647=a":        "not an object identifier",
		"1.2.4294967296=a":      "",
		"1.2.x=a":               "",
		"C=Ø":                   "",
		"serialNumber=a_b":      "",
		"DC=ø":                  "",
		"/C=NO/O=x/CN=client":   "RFC 4514",
		"/CN=client":            "RFC 4514",
		"CN=a,emailAddress=ø@x": "",
	} {
		_, err := ParseDN(in)
		var dnErr *DNError
		if !errors.As(err, &dnErr) {
			t.Errorf("%q: error %v, want a *DNError", in, err)
			continue
		}
		if text := dnErr.Error() + "\n" + dnErr.HintText(); !strings.Contains(text, want) {
			t.Errorf("%q: %s\nwant %q in it", in, text, want)
		}
	}
}

// "starting with the last element of the sequence" (RFC 4514 section 2.1), and
// SET OF in DER's order: CN (2.5.4.3) before serialNumber (2.5.4.5), the shorter
// encoding first.
func TestOrderAndStringTypesInTheCertificate(t *testing.T) {
	name, err := ParseDN("emailAddress=a@b,CN=Jürgen+serialNumber=7,DC=x,C=NO")
	if err != nil {
		t.Fatal(err)
	}
	got := marshalDN(t, name)
	var raw []rawNameSET
	if _, err := asn1.Unmarshal(got, &raw); err != nil {
		t.Fatal(err)
	}
	type value struct {
		oid string
		tag int
	}
	var values []value
	for _, rdn := range raw {
		for _, v := range rdn {
			values = append(values, value{v.Type.String(), v.Value.Tag})
		}
	}
	wantValues := []value{
		{"2.5.4.6", asn1.TagPrintableString},
		{"0.9.2342.19200300.100.1.25", asn1.TagIA5String},
		{"2.5.4.5", asn1.TagPrintableString},
		{"2.5.4.3", asn1.TagUTF8String},
		{"1.2.840.113549.1.9.1", asn1.TagIA5String},
	}
	if !reflect.DeepEqual(values, wantValues) {
		t.Errorf("the sequence is %v, want %v", values, wantValues)
	}
}

// Names that others encoded, in every string type.
func TestSubjectsOfForeignCertificates(t *testing.T) {
	for name, test := range map[string]struct{ value, want string }{
		"PrintableString":              {"1303 414243", "CN=ABC"},
		"UTF8String":                   {"0c02 c3a4", "CN=ä"},
		"T61String, ISO 8859-1":        {"1404 4afc7267", "CN=Jürg"},
		"BMPString":                    {"1e04 004a 00fc", "CN=Jü"},
		"BMPString, surrogates":        {"1e04 d83d dd10", "CN=\U0001F510"},
		"UniversalString":              {"1c04 0001f510", "CN=\U0001F510"},
		"IA5String":                    {"1603 612a62", "CN=a*b"},
		"NumericString":                {"1202 3720", `CN=7\ `},
		"VisibleString":                {"1a01 7e", "CN=~"},
		"UTF8String that is not UTF-8": {"0c01 ff", "CN=#0c01ff"},
		"IA5String beyond ASCII":       {"1601 ff", "CN=#1601ff"},
		"BMPString of odd length":      {"1e01 41", "CN=#1e0141"},
		"BMPString, lone surrogate":    {"1e02 d83d", "CN=#1e02d83d"},
		"UniversalString too large":    {"1c04 00110000", "CN=#1c0400110000"},
		"UniversalString negative":     {"1c04 ff110000", "CN=#1c04ff110000"},
		"OCTET STRING":                 {"0402 4869", "CN=#04024869"},
		"SEQUENCE":                     {"3003 0c0141", "CN=#30030c0141"},
		"context-specific":             {"8c01 41", "CN=#8c0141"},
	} {
		t.Run(name, func(t *testing.T) {
			var value asn1.RawValue
			if _, err := asn1.Unmarshal(unhex(t, test.value), &value); err != nil {
				t.Fatal(err)
			}
			der, err := asn1.Marshal([]rawNameSET{{{asn1.ObjectIdentifier{2, 5, 4, 3}, value}}})
			if err != nil {
				t.Fatal(err)
			}
			if got := SubjectDN(&x509.Certificate{RawSubject: der}); got != test.want {
				t.Errorf("printed as %q, want %q", got, test.want)
			}
			if again := printed(t, test.want); again != test.want {
				t.Errorf("%q comes back as %q", test.want, again)
			}
		})
	}
}

func TestANameThatIsNotDERIsPrintedAsHexadecimal(t *testing.T) {
	for in, want := range map[string]string{"3003": "#3003", "300005": "#300005", "": "#"} {
		if got := SubjectDN(&x509.Certificate{RawSubject: unhex(t, in)}); got != want {
			t.Errorf("%q is printed as %q, want %q", in, got, want)
		}
	}
}

func TestCommonNameIsTakenLiterally(t *testing.T) {
	name, err := CommonName(`a,O=b\+`)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := FormatDN(marshalDN(t, name)); got != `CN=a\,O=b\\\+` {
		t.Errorf("printed as %q", got)
	}
	if _, err := CommonName("\xff"); err == nil {
		t.Error("a name that is not UTF-8 is taken")
	}
}

// FuzzParseDN holds that what is read can be printed, that the print gives the
// same name again, and that the print is stable.
func FuzzParseDN(f *testing.F) {
	for _, seed := range []string{
		"UID=jsmith,DC=example,DC=net", `CN=James \"Jim\" Smith\, III,OU=a+L=b`,
		"1.3.6.1.4.1.1466.0=#04024869", `CN=Lu\C4\8Di\C4\87\ `, "CN=#1e02d83d,C=NO",
		"2.5.4.97=x+2.5.4.97=y", "CN=#0c0141", "CN=a, O=b", "/CN=a", `DC=\23a`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := ParseDN(s)
		if err != nil {
			return
		}
		der := marshalDN(t, name)
		text, err := FormatDN(der)
		if err != nil {
			t.Fatalf("%q cannot be printed: %v", s, err)
		}
		again, err := ParseDN(text)
		if err != nil {
			t.Fatalf("the print of %q cannot be read: %v", s, err)
		}
		// A value in an unusual string type comes back in the usual one.
		if !strings.Contains(s, "#") && !reflect.DeepEqual(name, again) {
			t.Errorf("%q becomes %q: %#v is not %#v", s, text, again, name)
		}
		if stable, _ := FormatDN(marshalDN(t, again)); stable != text {
			t.Errorf("%q is printed as %q, then as %q", s, text, stable)
		}
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%q is printed with a control character: %q", s, text)
		}
	})
}

// FuzzFormatDN holds that the name of any certificate that can be printed can be
// read again and is then stable.
func FuzzFormatDN(f *testing.F) {
	for _, seed := range []string{"CN=a,O=b", "CN=a+OU=b,1.2.3=#0500", "CN=ä,CN=#1e02d83d"} {
		name, err := ParseDN(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(marshalDN(f, name))
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		text, err := FormatDN(der)
		if err != nil || bytes.Contains(der, []byte{0x31, 0}) {
			return // an empty RDN has no string form
		}
		name, err := ParseDN(text)
		if err != nil {
			t.Fatalf("the print %q cannot be read: %v", text, err)
		}
		if again, _ := FormatDN(marshalDN(t, name)); len(name) == 1 && len(name[0]) == 1 && again != text {
			t.Errorf("%q is printed again as %q", text, again)
		}
	})
}
