package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestSecretShowsItselfOnlyWhenRevealed(t *testing.T) {
	for _, value := range []string{"hunter2", strings.Repeat("0123456789abcdef", 10)} {
		s := Secret(value)
		held := struct {
			S Secret
			P *Secret
		}{s, &s}
		encoded, err := json.Marshal(held)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{
			s.String(), fmt.Sprint(s), fmt.Sprintf("%s %v %q %#v %x %d %10s", s, s, s, s, s, s, s),
			fmt.Sprintf("%v %+v %#v", held, held, held), fmt.Errorf("no: %w", fmt.Errorf("%s", s)).Error(), string(encoded),
		} {
			if strings.Contains(shown, value) || strings.Contains(shown, value[:7]) || strings.Contains(shown, fmt.Sprintf("%x", value)) {
				t.Errorf("shown: %s", shown)
			}
		}
		if s.Reveal() != value {
			t.Errorf("revealed %q", s.Reveal())
		}
	}
}

func TestSecretKeepsTheBeginningOfAJWT(t *testing.T) {
	a, b := Secret("eyJhbA"+strings.Repeat("x", 80)), Secret("eyJ0eX"+strings.Repeat("x", 80))
	if a.String() == b.String() {
		t.Errorf("both are shown as %s", a)
	}
	if Secret("").String() != "" {
		t.Error("an empty secret is not shown as empty")
	}
}
