package jwt

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

func TestParseObjectRefusesWhatIsNoObject(t *testing.T) {
	for _, s := range []string{
		``, ` `, `null`, `true`, `1`, `"a"`, `[]`, `{`, `}`, `{}}`, `{} {}`, `{},`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{a:1}`,
		`{'a':1}`, `{"a":1 "b":2}`, `{"a" 1}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":-}`, `{"a":1e}`, `{"a":+1}`, `{"a":0x1}`, `{"a":NaN}`,
		`{"a":tru}`, `{"a":nul}`, `{"a":truex}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, `{"a":"` + "\n" + `"}`, `{"a":"` + "\x00" + `"}`,
		`{"a":"`, `{"a":"\`, `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":[}`, `{"a":[1}`, `{"a":{"b":1}`, "\ufeff{}", "{\"a\":\"\xff\"}", "{\"\xff\":1}", "{}\x00", "{\v}",
	} {
		if o, err := ParseObject([]byte(s)); err == nil {
			t.Errorf("%q is taken: %q", s, o.Names())
		}
		if json.Valid([]byte(s)) && strings.HasPrefix(s, "{") && s != "{\"a\":\"\xff\"}" && s != "{\"\xff\":1}" {
			t.Errorf("%q is an object after all", s)
		}
	}
}

func TestParseObjectKeepsTheBytesOfEachMember(t *testing.T) {
	o, err := ParseObject([]byte(" {\r\n\t\"a\" : 1.50e+1 ,\"b\":{ \"c\":[ ] },\"d\":\"\\u0041\\n\",\"e\":null,\"\\u0066\":true}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "1.50e+1", "b": `{ "c":[ ] }`, "d": `"\u0041\n"`, "e": "null", "f": "true"} {
		if raw, ok := o.Get(name); !ok || string(raw) != want {
			t.Errorf("%s is %q, want %q", name, raw, want)
		}
	}
	if s, ok := o.String("d"); !ok || s != "A\n" {
		t.Errorf("d reads as %q", s)
	}
	for _, name := range []string{"a", "b", "e", "f", "g"} {
		if s, ok := o.String(name); ok {
			t.Errorf("%s is taken for the string %q", name, s)
		}
	}
	if got := o.Names(); !slices.Equal(got, []string{"a", "b", "d", "e", "f"}) {
		t.Errorf("names %q", got)
	}
	if _, ok := o.Get("A"); ok {
		t.Error("names are taken without regard to case")
	}
}

func TestDuplicatesAreFoundAtEveryDepth(t *testing.T) {
	for s, want := range map[string]string{
		`{}`:                                 "",
		`{"a":1,"A":2}`:                      "",
		`{"a":1,"a":2}`:                      "a",
		`{"a":1,"a":2,"a":3}`:                "a a",
		`{"a":1,"\u0061":2}`:                 "a",
		`{"j":{"k":1,"k":2}}`:                "j.k",
		`{"j":[{"k":1,"k":2}]}`:              "j.k",
		`{"j":{"l":{"k":1,"k":2}},"j":1}`:    "j.l.k j",
		`{"a":{"k":1},"b":{"k":1},"k":1}`:    "",
		`{"a":[{"k":1},{"k":1}],"b":"a,\""}`: "",
	} {
		o, err := ParseObject([]byte(s))
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if got := strings.Join(o.Duplicates(), " "); got != want {
			t.Errorf("%s: duplicates %q, want %q", s, got, want)
		}
	}
}

func TestStringsMayHoldWhatJSONAllows(t *testing.T) {
	for text, want := range map[string]string{
		`" !#~"`: " !#~", `"\u00fF\u00Ff\u0aA9"`: "ÿÿ\u0aa9", `"\"\\\/\b\f\n\r\t"`: "\"\\/\b\f\n\r\t", "\"\x7fä\U0001f600\"": "\x7fä\U0001f600", `""`: "",
	} {
		o, err := ParseObject([]byte(`{"a":` + text + `}`))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, ok := o.String("a"); !ok || got != want {
			t.Errorf("%s reads as %q", text, got)
		}
	}
}

func TestOfTwoMembersTheLastCounts(t *testing.T) {
	o, err := ParseObject([]byte(`{"htu":"first","htu":"last"}`))
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := o.String("htu"); s != "last" {
		t.Errorf("got %q", s)
	}
	if got := o.Names(); !slices.Equal(got, []string{"htu"}) {
		t.Errorf("names %q", got)
	}
}

func TestDuplicatesAmongManyMembersAreFound(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, `,"m%d":%d`, i, i)
	}
	s := "{" + b.String()[1:] + `,"m17":1,"m4999":2,"m5000":3}`
	o, err := ParseObject([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	if got := o.Duplicates(); !slices.Equal(got, []string{"m17", "m4999"}) {
		t.Errorf("duplicates %q", got)
	}
}

func TestNestingIsBounded(t *testing.T) {
	nested := func(n int) []byte {
		return []byte(`{"a":` + strings.Repeat(`[`, n) + strings.Repeat(`]`, n) + `}`)
	}
	if _, err := ParseObject(nested(bounds.JSONDepth - 1)); err != nil {
		t.Errorf("%d levels: %v", bounds.JSONDepth, err)
	}
	if _, err := ParseObject(nested(bounds.JSONDepth)); err == nil {
		t.Errorf("%d levels are taken", bounds.JSONDepth+1)
	}
	if _, err := ParseObject([]byte(strings.Repeat(`{"a":`, 1_000_000))); err == nil {
		t.Error("a million levels are taken")
	}
}
