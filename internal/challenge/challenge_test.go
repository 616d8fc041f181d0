package challenge

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseChallenges(t *testing.T) {
	type p = map[string]string
	for _, c := range []struct {
		name   string
		values []string
		want   []Challenge
	}{
		{"nothing", nil, nil},
		{"an empty line", []string{"", " , ,"}, nil},
		{"a scheme alone", []string{"DPoP"}, []Challenge{{Scheme: "DPoP", Params: p{}}}},
		{
			"the example of RFC 9449 section 7.1",
			[]string{`DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256"`},
			[]Challenge{{Scheme: "DPoP", Params: p{"error": "invalid_token", "error_description": "Invalid DPoP key binding", "algs": "ES256"}}},
		},
		{
			"two challenges in one line, as in RFC 9449 section 7.2",
			[]string{`DPoP algs="ES256 PS256", Bearer`},
			[]Challenge{{Scheme: "DPoP", Params: p{"algs": "ES256 PS256"}}, {Scheme: "Bearer", Params: p{}}},
		},
		{
			"commas and quotes inside a value",
			[]string{`Bearer realm="a, DPoP error=\"x\"", scope="r w", dpop error=use_dpop_nonce`},
			[]Challenge{{Scheme: "Bearer", Params: p{"realm": `a, DPoP error="x"`, "scope": "r w"}}, {Scheme: "dpop", Params: p{"error": "use_dpop_nonce"}}},
		},
		{
			"several lines",
			[]string{`Basic realm="as"`, `error="lost"`, "DPoP"},
			[]Challenge{{Scheme: "Basic", Params: p{"realm": "as"}}, {Scheme: "DPoP", Params: p{}}},
		},
		{
			"names in other case, spaces around the equals sign, a name twice",
			[]string{"DPOP\tError = \"a\" ,ERROR=\"b\", Algs\t=ES256"},
			[]Challenge{{Scheme: "DPOP", Params: p{"error": "a", "algs": "ES256"}}},
		},
		{
			"a token68 before another challenge",
			[]string{`Negotiate YII/+aGVsbG8==, NTLM, DPoP error="x"`},
			[]Challenge{
				{Scheme: "Negotiate", Params: p{}, Token68: "YII/+aGVsbG8=="},
				{Scheme: "NTLM", Params: p{}},
				{Scheme: "DPoP", Params: p{"error": "x"}},
			},
		},
		{
			"forgotten quotes and commas",
			[]string{`DPoP error=use_dpop_nonce error_description="no nonce" resource=https://api.example/a?b, algs=ES256`},
			[]Challenge{{Scheme: "DPoP", Params: p{"error": "use_dpop_nonce", "error_description": "no nonce", "resource": "https://api.example/a?b", "algs": "ES256"}}},
		},
		{
			"a quote that is never closed",
			[]string{`DPoP error="use_dpop_nonce, algs=x`},
			[]Challenge{{Scheme: "DPoP", Params: p{"error": "use_dpop_nonce, algs=x"}}},
		},
		{
			"rubbish between challenges",
			[]string{`"quoted, text", =x, DPoP/2 a, DPoP error="x"rest, @, Bearer`},
			[]Challenge{{Scheme: "DPoP", Params: p{}}, {Scheme: "DPoP", Params: p{"error": "x"}}, {Scheme: "Bearer", Params: p{}}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := ParseChallenges(c.values); !reflect.DeepEqual(got, c.want) {
				t.Errorf("ParseChallenges(%q)\n got %q\nwant %q", c.values, got, c.want)
			}
		})
	}
}

func TestSchemeIsComparedWithoutCase(t *testing.T) {
	for scheme, want := range map[string]bool{"DPoP": true, "dpop": true, "DPOP": true, "DPoP2": false, "Bearer": false} {
		if got := (Challenge{Scheme: scheme}).Is("DPoP"); got != want {
			t.Errorf("%q is DPoP: %v", scheme, got)
		}
	}
}

// What is read can be written again and is then read the same.
func FuzzParseChallenges(f *testing.F) {
	for _, seed := range []string{
		`DPoP error="use_dpop_nonce", error_description="Resource server requires nonce in DPoP proof"`,
		`DPoP algs="ES256 PS256", Bearer realm="a, b", Basic`,
		`Negotiate YII==, dpop error=use_dpop_nonce algs="ES\"256"`,
		`DPoP error="unclosed`, "\"=,\\ \t", `a=b`, `DPoP =`, `DPoP "`, `DPoP a= ,b`, "\x00\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, c := range ParseChallenges([]string{line}) {
			again := ParseChallenges([]string{write(c)})
			if len(again) != 1 || !reflect.DeepEqual(again[0], c) {
				t.Errorf("%q gave %q, which is read again as %q", line, c, again)
			}
		}
	})
}

func write(c Challenge) string {
	params := []string{}
	if c.Token68 != "" {
		params = append(params, c.Token68)
	}
	for name, value := range c.Params {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value)
		params = append(params, name+`="`+quoted+`"`)
	}
	return c.Scheme + " " + strings.Join(params, ", ")
}
