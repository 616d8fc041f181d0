package dpopcmd

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
)

func useAt(proof int, second int64) use {
	u := use{authentic: true, at: time.Unix(second, 0)}
	copy(u.proof[:], fmt.Sprint(proof))
	return u
}

func TestReplayIsWithinTheWindow(t *testing.T) {
	for _, c := range []struct {
		first, second int64
		found         string
	}{
		{1000, 1000, "the jti of line 1, 0s later"},
		{1000, 1060, "the jti of line 1, 1m0s later"},
		{1000, 1061, ""},
		{1000, 940, "the jti of line 1, 1m0s earlier"},
		{1000, 939, ""},
	} {
		log := newReplayLog(time.Minute)
		log.judge(useAt(1, c.first), 1)
		got := log.judge(useAt(1, c.second), 2)
		if got.Found != c.found || (got.Status == dpop.StatusFailed) != (c.found != "") {
			t.Errorf("%d after %d: %+v", c.second, c.first, got)
		}
	}
}

// Logs that were put together begin again at an earlier time.
func TestReplayIsSeenWhereTimesGoBack(t *testing.T) {
	log := newReplayLog(time.Minute)
	for i, at := range []int64{0, 500, 1000} {
		log.judge(useAt(i, at), i+1)
	}
	if got := log.judge(useAt(0, 1), 4); got.Found != "the jti of line 1, 1s later" {
		t.Errorf("%+v", got)
	}
}

func TestReplayMemoryIsBounded(t *testing.T) {
	log := newReplayLog(time.Minute)
	log.limit = 10
	for i := range 1000 {
		log.judge(useAt(i, 0), i)
		if n := len(log.old) + len(log.young); n > 20 {
			t.Fatalf("%d remembered", n)
		}
		if back := i - 10; back >= 0 && log.judge(useAt(back, 0), i).Status != dpop.StatusFailed {
			t.Fatalf("one of the last ten before %d is forgotten", i)
		}
	}
}

func TestOnlyWhatTheKeySignedCountsForReplay(t *testing.T) {
	proof := prover(t)("1")
	forged := proof[:len(proof)-10] + strings.Repeat("A", 10)
	got, _ := judged(t, forged+"\n"+proof+"\n"+forged+"\n"+proof+"\n")
	var failed []string
	for _, v := range got {
		failed = append(failed, failedOf(v))
	}
	if s := strings.Join(failed, ", "); !strings.HasPrefix(s, "signature") || !strings.HasSuffix(s, "replay") || strings.Count(s, "replay") != 1 {
		t.Errorf("failed: %s", s)
	}
}

func TestOfAProofWithoutFreshnessItsOwnTimeCounts(t *testing.T) {
	one, other := prover(t), prover(t)
	got, _ := judged(t, one("1")+"\n"+other("1")+"\n"+one("1")+"\n", "--at", "iat")
	if len(got) != 3 || failedOf(got[0]) != "" || failedOf(got[1]) != "" || failedOf(got[2]) != "replay" {
		t.Errorf("%+v", got)
	}
}
