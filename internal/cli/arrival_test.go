package cli

import (
	"testing"
	"time"
)

func TestTimesOfArrival(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	for at, want := range map[string]time.Time{
		"": now, "iat": now, "1562262618.5": time.Unix(1562262618, 5e8), "1562262618": time.Unix(1562262618, 0), "2019-07-04T17:50:18Z": time.Unix(1562262618, 0),
		"2019-07-04T19:50:18+02:00": time.Unix(1562262618, 0), "Thu, 04 Jul 2019 17:50:18 GMT": time.Unix(1562262618, 0),
	} {
		got, left, err := Arrival(at, now)
		if err != nil || !got.Equal(want) || left != (at == "iat") {
			t.Errorf("%q: %v, %v, %v", at, got, left, err)
		}
	}
	for _, at := range []string{"yesterday", "10m", "1562262618000", "NaN", "Inf", "-1", "2019-07-04"} {
		if got, _, err := Arrival(at, now); err == nil {
			t.Errorf("%q: %v", at, got)
		}
	}
}
