package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func paramsEnv() *Env {
	return Test(strings.NewReader(""), nil, nil, nil, time.Unix(0, 0))
}

func TestAuthorizationDetailsOfATokenRequest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "details.json")
	if err := os.WriteFile(file, []byte("[\n  {\"type\": \"a b\",\n   \"n\": 1.50}\n]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{
		`[{"type":"x"}]`:                       `[{"type":"x"}]`,
		` [ {"type":"x"} , {"type":"y"} ]`:     `[{"type":"x"},{"type":"y"}]`,
		`[]`:                                   `[]`,
		"@" + file:                             `[{"type":"a b","n":1.50}]`, // numbers and spaces in strings stay
		`{"type":"x"}`:                         "",
		`[{"typ":"x"}]`:                        "",
		`[{"type":""}]`:                        "",
		`[{"type":7}]`:                         "",
		`[{"type":"x","type":"y"}]`:            "",
		`["x"]`:                                "",
		`null`:                                 "",
		`[{"type":"x"}] and more`:              "",
		`payment_initiation`:                   "",
		"@" + filepath.Join("no", "such.json"): "",
	} {
		c := Client{details: given}
		form, err := c.Params(paramsEnv())
		switch {
		case want == "" && err == nil:
			t.Errorf("%s was taken: %v", given, form)
		case want != "" && (err != nil || form.Get("authorization_details") != want):
			t.Errorf("%s became %v, %v", given, form, err)
		}
	}
}

func TestParamsOfATokenRequest(t *testing.T) {
	c := Client{scope: "a b", apiAud: "api", resources: []string{"https://a", "https://b"}, more: []string{"x=1=2", "resource=urn:c"}}
	form, err := c.Params(paramsEnv())
	const want = "audience=api&grant_type=client_credentials&resource=https%3A%2F%2Fa&resource=https%3A%2F%2Fb&resource=urn%3Ac&scope=a+b&x=1%3D2"
	if err != nil || form.Encode() != want {
		t.Errorf("%s, %v", form.Encode(), err)
	}
	for _, bad := range []Client{
		{resources: []string{"/path"}},
		{resources: []string{"https://a#b"}},
		{more: []string{"x"}},
		{more: []string{"=x"}},
		{more: []string{"client_assertion=x"}},
		{scope: "a", more: []string{"scope=b"}},
		{more: []string{"x=1", "x=2"}},
		{details: `[{"type":"x"}]`, more: []string{"authorization_details=[]"}},
	} {
		form, err := bad.Params(paramsEnv())
		if fault := (&UsageError{}); !errors.As(err, &fault) {
			t.Errorf("%v was taken: %v", bad, form)
		}
	}
}
