package dpop

import (
	"crypto/ecdsa"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// What is remembered must change no verdict, the second time neither: each proof of
// the vectors is judged twice with the same memory, and once without.
func TestKeysSeenBeforeChangeNoVerdict(t *testing.T) {
	keys := NewKeys()
	for _, v := range allVectors(t) {
		r := v.build(t)
		without := Judge(r, Checks())
		r.Keys = keys
		for range 2 {
			if with := Judge(r, Checks()); !reflect.DeepEqual(with, without) {
				t.Errorf("%s: with what was seen before %+v, without %+v", v.name, with, without)
			}
		}
	}
	if len(keys.known) == 0 {
		t.Error("no key was remembered")
	}
}

func TestAKeyIsReadOnce(t *testing.T) {
	keys := NewKeys()
	p := must(NewProver(testKeys()["P-256"].(*ecdsa.PrivateKey), "ES256"))
	r := vectorRequest([]string{must(p.Proof(claimsNow()))}, p.JKT())
	r.Keys = keys
	must(Verify(r, Checks()))
	for _, k := range keys.known {
		k.jkt = "what was remembered"
	}
	if _, err := Verify(r, Checks()); err == nil || !strings.Contains(err.Error(), "what was remembered") {
		t.Errorf("the key was read again: %v", err)
	}
}

// A key that is wrong, or too long, takes no place; and the memory has an end.
func TestKeysAreBounded(t *testing.T) {
	keys := NewKeys()
	keys.read(`{"kty":"EC"}`)
	keys.read(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","pad":"` + strings.Repeat("x", bounds.KnownKey) + `"}`)
	if n := len(keys.known); n != 0 {
		t.Errorf("%d remembered that should not be", n)
	}
	for i := range bounds.KnownKeys + 10 {
		keys.read(fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"%d"}`, i))
		if len(keys.known) > bounds.KnownKeys {
			t.Fatalf("%d are remembered", len(keys.known))
		}
	}
	if n := len(keys.known); n != 10 {
		t.Errorf("%d are remembered after the memory was full, not 10", n)
	}
}
