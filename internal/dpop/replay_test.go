package dpop

import (
	"strconv"
	"sync"
	"testing"
	"time"
)

func entry(jkt, jti string) *Verified { return &Verified{JKT: jkt, JTI: jti} }

func TestAReplayIsSeenForTheWholeWindow(t *testing.T) {
	const window = 6 * time.Minute
	for start := range 40 { // wherever in a bucket it falls
		r := NewReplay(window)
		now := time.Unix(vectorTime, 0)
		r.Seen(entry("k", "before"), now)
		now = now.Add(time.Duration(start) * 10 * time.Second)
		if r.Seen(entry("k", "a"), now) {
			t.Fatalf("start %d: new, but seen", start)
		}
		for _, later := range []time.Duration{0, time.Second, window / 2, window - time.Second, window} {
			r.Seen(entry("k", "other"), now.Add(later))
			if !r.Seen(entry("k", "a"), now.Add(later)) {
				t.Errorf("start %d: not seen any more after %v", start, later)
			}
		}
		if r.Seen(entry("k", "a"), now.Add(2*window)) {
			t.Errorf("start %d: still seen after two windows", start)
		}
	}
}

func TestAJTICountsForItsKeyOnly(t *testing.T) {
	r := NewReplay(time.Minute)
	now := time.Unix(vectorTime, 0)
	for _, v := range []*Verified{entry("k1", "a"), entry("k2", "a"), entry("k1", "b"), entry("k", "1.a")} {
		if r.Seen(v, now) {
			t.Errorf("%+v: seen", v)
		}
	}
	if !r.Seen(&Verified{JKT: "k1", JTI: "a", HTU: "https://other.example/", Nonce: "n", IAT: now}, now) {
		t.Error("another htu makes a jti new")
	}
}

func TestAFloodDropsTheOldestAndNothingElse(t *testing.T) {
	r := &Replay{window: time.Hour, limit: 100}
	now := time.Unix(vectorTime, 0)
	for i := range 1000 {
		if r.Seen(entry("k", strconv.Itoa(i)), now) {
			t.Fatalf("%d: seen", i)
		}
		if n := r.len(); n > r.limit {
			t.Fatalf("%d entries", n)
		}
		// Three quarters of the limit are always remembered.
		if old := max(0, i-70); !r.Seen(entry("k", strconv.Itoa(old)), now) {
			t.Fatalf("%d: not seen any more when %d came", old, i)
		}
	}
	if len(r.buckets) > 2*slots {
		t.Errorf("%d buckets", len(r.buckets))
	}
}

func TestExpiredEntriesAreDroppedByWhatComesNext(t *testing.T) {
	r := NewReplay(time.Minute)
	now := time.Unix(vectorTime, 0)
	for i := range 1000 {
		r.Seen(entry("k", strconv.Itoa(i)), now.Add(time.Duration(i)*time.Second))
	}
	if n := r.len(); n < 60 || n > 90 {
		t.Errorf("%d entries after 1000 seconds, want those of 60 to 75 seconds", n)
	}
}

func TestAClockThatGoesBackForgetsNothing(t *testing.T) {
	r := NewReplay(time.Minute)
	now := time.Unix(vectorTime, 0)
	r.Seen(entry("k", "a"), now)
	if r.Seen(entry("k", "b"), now.Add(-time.Hour)) || !r.Seen(entry("k", "a"), now.Add(-time.Hour)) || !r.Seen(entry("k", "b"), now) {
		t.Error("wrong after the clock went back")
	}
}

func TestOfManyAtOnceOneIsTheFirst(t *testing.T) {
	r := NewReplay(time.Minute)
	now := time.Unix(vectorTime, 0)
	var wg sync.WaitGroup
	var mu sync.Mutex
	first := map[int]int{}
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				if !r.Seen(entry("k", strconv.Itoa(i)), now) {
					mu.Lock()
					first[i]++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for i := range 200 {
		if first[i] != 1 {
			t.Errorf("%d was new %d times", i, first[i])
		}
	}
}

func TestNoncesOfThisAndTheLastPeriodAreAccepted(t *testing.T) {
	n := NewNonces([]byte("0123456789abcdef0123456789abcdef"), time.Minute)
	now := time.Unix(vectorTime-vectorTime%60, 0)
	nonce := n.Issue(now)
	if !ValidNonce(nonce) || len(nonce) < 22 {
		t.Errorf("nonce %q", nonce)
	}
	for later, want := range map[time.Duration]bool{0: true, 59 * time.Second: true, time.Minute: true, 119 * time.Second: true, 2 * time.Minute: false, time.Hour: false, -time.Second: false} {
		if err := n.Check(nonce, now.Add(later)); (err == nil) != want {
			t.Errorf("after %v: %v", later, err)
		}
	}
	if n.Issue(now.Add(59*time.Second)) != nonce || n.Issue(now.Add(time.Minute)) == nonce {
		t.Error("a nonce does not change with the period")
	}
	for _, bad := range []string{"", nonce + "x", nonce[1:], NewNonces([]byte("another"), time.Minute).Issue(now)} {
		if n.Check(bad, now) == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// nonce = 1*NQCHAR https://www.rfc-editor.org/rfc/rfc9449#section-8.1
func TestNonceSyntaxIsThatOfTheRFC(t *testing.T) {
	for s, want := range map[string]bool{
		"eyJ7S_zG.eyJH0-Z.HX4w-7v": true, "eyJ7S_zG.eyJbYu3.xQmBj-1": true, "!": true, "#[]~": true,
		"": false, " ": false, "a b": false, `a"b`: false, `a\b`: false, "a\x7f": false, "ä": false, "a\n": false, "\x1f": false,
	} {
		if got := ValidNonce(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}
