package dpop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"
)

// compare runs floor and work in turns and reports the rate of work as a ratio of
// the rate of the floor: the median of all pairs, and their spread. Where the
// floor itself moved by more than a tenth, the ratio says nothing.
func compare(b *testing.B, floor, work func(i int)) {
	b.Helper()
	const batch = 25
	run := func(f func(int), i int) float64 {
		start := time.Now()
		for j := range batch {
			f(i*batch + j)
		}
		return float64(time.Since(start)) / batch
	}
	var ratios, floors []float64
	for i := 0; b.Loop(); i++ {
		f, w := run(floor, i), run(work, i)
		ratios, floors = append(ratios, f/w), append(floors, f)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(quantile(floors, 0.5), "floor-ns")
	b.ReportMetric(quantile(ratios, 0.5), "ratio")
	b.ReportMetric(quantile(ratios, 0.75)-quantile(ratios, 0.25), "spread")
	if moved := quantile(floors, 0.75)/quantile(floors, 0.25) - 1; moved > 0.1 {
		b.Logf("not judged: the floor moved by %.0f %%", 100*moved)
	}
}

func quantile(v []float64, q float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[int(q*float64(len(v)-1))]
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func claimsNow() Claims {
	return Claims{Method: "POST", HTU: vectorURL, Token: vectorToken, Nonce: vectorNonce, Time: time.Unix(vectorTime, 0)}
}

func BenchmarkProofES256(b *testing.B) {
	key := testKeys()["P-256"].(*ecdsa.PrivateKey)
	p := must(NewProver(key, "ES256"))
	digest := sha256.Sum256([]byte("x"))
	sign := func(int) { must(ecdsa.SignASN1(rand.Reader, key, digest[:])) }
	compare(b, sign, func(int) { must(p.Proof(claimsNow())) })
	b.ReportMetric(testing.AllocsPerRun(100, func() { must(p.Proof(claimsNow())) })-testing.AllocsPerRun(100, func() { sign(0) }), "extra-allocs")
}

func BenchmarkProofEd25519(b *testing.B) {
	key := testKeys()["Ed25519"].(ed25519.PrivateKey)
	p := must(NewProver(key, "EdDSA"))
	message := make([]byte, 400)
	sign := func(int) { must(key.Sign(rand.Reader, message, crypto.Hash(0))) }
	compare(b, sign, func(int) { must(p.Proof(claimsNow())) })
	b.ReportMetric(testing.AllocsPerRun(100, func() { must(p.Proof(claimsNow())) })-testing.AllocsPerRun(100, func() { sign(0) }), "extra-allocs")
}

// BenchmarkProofParallel reports the rate on all cores, bare and whole.
func BenchmarkProofParallel(b *testing.B) {
	key := testKeys()["P-256"].(*ecdsa.PrivateKey)
	p := must(NewProver(key, "ES256"))
	digest := sha256.Sum256([]byte("x"))
	b.Run("floor", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				must(ecdsa.SignASN1(rand.Reader, key, digest[:]))
			}
		})
	})
	b.Run("proof", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				must(p.Proof(claimsNow()))
			}
		})
	})
}

// BenchmarkVerify judges with every check and inserts into a replay cache of
// 100,000: with keys that are new each time, and with keys that were seen before.
func BenchmarkVerify(b *testing.B) {
	b.Run("new", func(b *testing.B) { benchmarkVerify(b, 256, nil) })
	b.Run("seen", func(b *testing.B) { benchmarkVerify(b, 256, NewKeys()) })
}

func benchmarkVerify(b *testing.B, n int, known *Keys) {
	now := time.Unix(vectorTime, 0)
	digest := sha256.Sum256([]byte("x"))
	keys := make([]*ecdsa.PrivateKey, n)
	signatures := make([][]byte, n)
	requests := make([]Request, n)
	for i := range keys {
		keys[i] = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
		signatures[i] = must(ecdsa.SignASN1(rand.Reader, keys[i], digest[:]))
		p := must(NewProver(keys[i], "ES256"))
		requests[i] = vectorRequest([]string{must(p.Proof(claimsNow()))}, p.JKT())
		requests[i].Keys = known
	}
	replay := NewReplay(6 * time.Minute)
	for i := range 100_000 {
		replay.Seen(entry("k", strconv.Itoa(i)), now)
	}
	checks := Checks()
	compare(b, func(i int) {
		if !ecdsa.VerifyASN1(&keys[i%n].PublicKey, digest[:], signatures[i%n]) {
			b.Fatal("the floor does not verify")
		}
	}, func(i int) {
		v, err := Verify(requests[i%n], checks)
		if err != nil {
			b.Fatal(err)
		}
		v.JTI = strconv.Itoa(i) // each a proof of its own, to the cache
		if replay.Seen(v, now) {
			b.Fatal("seen")
		}
	})
	b.ReportMetric(testing.AllocsPerRun(100, func() { must(Verify(requests[0], checks)) }), "allocs")
}

// BenchmarkReplayMemory fills a cache with a million entries and reports the live
// heap for each at the worst moment, and the longest that one call took.
func BenchmarkReplayMemory(b *testing.B) {
	for b.Loop() {
		replay := NewReplay(6 * time.Minute)
		now := time.Unix(vectorTime, 0)
		before := liveHeap()
		worst, slowest := 0.0, time.Duration(0)
		for i := range 1_000_000 {
			start := time.Now()
			replay.Seen(entry("k", strconv.Itoa(i)), now.Add(time.Duration(i)*340*time.Microsecond))
			slowest = max(slowest, time.Since(start))
			if i%50_000 == 49_999 {
				worst = max(worst, float64(liveHeap()-before)/float64(replay.len()))
			}
		}
		b.ReportMetric(worst, "B/entry")
		b.ReportMetric(float64(slowest.Microseconds()), "slowest-µs")
		runtime.KeepAlive(replay)
	}
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
