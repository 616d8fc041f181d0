package certs

import (
	"crypto/x509"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestAlternativeNamesThatCertificatesHold(t *testing.T) {
	sans := SANs{
		DNS:   []string{"localhost", "mtls-ca.client.test", "*.client.test", "my_service", "xn--mnchen-3ya.example", "A.Example"},
		URI:   []string{"urn:oauthpop:mtls-ca", "spiffe://example.org/ns/a", "https://[2001:db8::7]:8443/x?y#z", "HTTPS://User@Example.ORG/%7e", "mailto:a@b"},
		IP:    []string{"127.0.0.1", "2001:db8::7", "::1", "::ffff:192.0.2.1"},
		Email: []string{"mtls@client.test", "a.b+c@localhost", "o'neil@example.org"},
	}
	if err := sans.Check(); err != nil {
		t.Fatal(err)
	}
	ext, err := sans.extension(false)
	if err != nil {
		t.Fatal(err)
	}
	if got := sansOf(&x509.Certificate{Extensions: ext}); !reflect.DeepEqual(got, sans) {
		t.Errorf("the extension holds %v, want %v", got, sans)
	}
	if ext[0].Critical {
		t.Error("the extension is critical beside a subject")
	}
	// "as specified in RFC 5952": one spelling for one address.
	long, err := SANs{IP: []string{"2001:DB8:0:0::07"}}.extension(true)
	if err != nil {
		t.Fatal(err)
	}
	if got := sansOf(&x509.Certificate{Extensions: long}).IP; !reflect.DeepEqual(got, []string{"2001:db8::7"}) {
		t.Errorf("the address is shown as %q", got)
	}
	if !long[0].Critical {
		t.Error("the extension is not critical without a subject")
	}
}

func TestBadAlternativeNamesAreNamed(t *testing.T) {
	long := strings.Repeat("a", 64)
	type test struct{ value, want string }
	for kind, tests := range map[string][]test{
		"dns": {
			{"", "empty label"},
			{"a b", `holds " "`},
			{"a.", "empty label"},
			{"a..b", "empty label"},
			{"-a", "hyphen"},
			{"a-.b", "hyphen"},
			{"https://a", `holds ":"`},
			{"a:443", `holds ":"`},
			{"*", "wildcard"},
			{"a.*.b", "wildcard"},
			{"*.*.b", "wildcard"},
			{"*a.b", `holds "*"`},
			{"127.0.0.1", "--san-ip"},
			{"::1", "--san-ip"},
			{"münchen.example", "xn--mnchen-3ya.example"},
			{"*.münchen.example", "write the A-label: xn--mnchen-3ya.example"},
			{"-ü", "A-labels"},
			{long + ".example", "63 characters"},
			{strings.Repeat(strings.Repeat("a", 50)+".", 5) + "example", "253 characters"},
			{"a\x00b", `holds "\x00"`},
		},
		"uri": {
			{"", "no scheme"},
			{"client.test/a", "no scheme"},
			{"//client.test/a", "no scheme"},
			{"urn:", "nothing follows"},
			{"https://", "no host"},
			{"https:///a", "no host"},
			{"https://a b/", "percent-encode"},
			{"https://ü/", "percent-encode"},
			{"https://a/\x7f", "percent-encode"},
			{"https://-a/", "hyphen"},
			{"https://a:b/", "not a URI"},
			{"1urn:a", "not a URI"},
		},
		"ip": {
			{"", "192.0.2.7"},
			{"localhost", "192.0.2.7"},
			{"10.0.0.0/8", "192.0.2.7"},
			{"127.0.0.01", "192.0.2.7"},
			{"[::1]", "192.0.2.7"},
			{"fe80::1%eth0", "zone"},
		},
		"email": {
			{"", "local@domain"},
			{"@a", "local@domain"},
			{"a", "local@domain"},
			{"a@", "empty label"},
			{"A <a@b>", "address alone"},
			{"<a@b>", "address alone"},
			{"a b@c", "address alone"},
			{"a..b@c", "address alone"},
			{".a@c", "address alone"},
			{"ü@c", "address alone"},
			{"a@*.c", "wildcard"},
			{"a@ü.example", "xn--tda.example"},
			{"a@b\r\nc", "holds"},
		},
	} {
		for _, test := range tests {
			sans := map[string]SANs{
				"dns": {DNS: []string{"ok.example", test.value}}, "uri": {URI: []string{test.value}},
				"ip": {IP: []string{test.value}}, "email": {Email: []string{test.value}},
			}[kind]
			var sanErr *SANError
			if err := sans.Check(); !errors.As(err, &sanErr) {
				t.Errorf("%s %q: error %v, want a *SANError", kind, test.value, err)
				continue
			}
			if sanErr.Kind != kind || sanErr.Value != test.value {
				t.Errorf("%s %q is named %s %q", kind, test.value, sanErr.Kind, sanErr.Value)
			}
			if text := sanErr.Error() + "\n" + sanErr.HintText(); !strings.Contains(text, test.want) {
				t.Errorf("%s %q: %s\nwant %q in it", kind, test.value, text, test.want)
			}
		}
	}
}

// FuzzSANs holds that what is accepted stands in the certificate as it was given,
// and that crypto/x509 reads the certificate.
func FuzzSANs(f *testing.F) {
	f.Add("a.example", "urn:a", "a@b")
	f.Add("*.a", "https://[::1]:7/%zz", "a@[::1]")
	f.Add("xn--", "http://a%20b/", "\"a b\"@c")
	f.Add("a_b", "scheme:%", "a@b.")
	request, key := sample(f)
	f.Fuzz(func(t *testing.T, dns, uri, email string) {
		for _, sans := range []SANs{{DNS: []string{dns}}, {URI: []string{uri}}, {Email: []string{email}}} {
			if sans.Check() != nil {
				continue
			}
			r := request
			r.SANs = sans
			c, err := SelfSigned(r, key)
			if err != nil {
				t.Fatalf("%v is accepted, but: %v", sans, err)
			}
			if got := Describe(c).SANs; !reflect.DeepEqual(got, sans) {
				t.Errorf("%v becomes %v", sans, got)
			}
		}
	})
}
