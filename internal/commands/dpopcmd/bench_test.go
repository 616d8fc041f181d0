package dpopcmd

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/keys"
)

// BenchmarkVerifyStream judges a log of proofs of one key, each with its token, and
// reports the rate as a ratio of that of bare signature checks on all cores: the
// median of pairs that run in turns, and their spread.
func BenchmarkVerifyStream(b *testing.B) {
	const lines = 4000
	key, err := keys.Generate("ES256", 0)
	if err != nil {
		b.Fatal(err)
	}
	log := proofLog(b, key.Private.(*ecdsa.PrivateKey), lines)
	floor := bareChecks(b, key.Private.(*ecdsa.PrivateKey), lines)
	var floors, ratios []float64
	for b.Loop() {
		f := took(floor)
		w := took(func() {
			env, _, _ := testEnv("")
			env.Stdin, env.Stdout, env.Stderr = strings.NewReader(log), io.Discard, io.Discard
			o, err := parseVerify(b, env, "-", "-X", "GET", "-u", "https://api.example.com/orders", "--token", "token", "--at", "iat")
			if err != nil {
				b.Fatal(err)
			}
			if err := o.run(b.Context()); err != nil {
				b.Fatal(err)
			}
		})
		floors, ratios = append(floors, f), append(ratios, f/w)
	}
	slices.Sort(floors)
	slices.Sort(ratios)
	at := func(v []float64, q float64) float64 { return v[int(q*float64(len(v)-1))] }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(lines/at(floors, 0.5), "floor-lines/s")
	b.ReportMetric(at(ratios, 0.5), "ratio")
	b.ReportMetric(at(ratios, 0.75)-at(ratios, 0.25), "spread")
	if moved := at(floors, 0.75)/at(floors, 0.25) - 1; moved > 0.1 {
		b.Logf("not judged: the floor moved by %.0f %%", 100*moved)
	}
}

func proofLog(b *testing.B, key *ecdsa.PrivateKey, lines int) string {
	b.Helper()
	p, err := dpop.NewProver(key, "ES256")
	if err != nil {
		b.Fatal(err)
	}
	var log strings.Builder
	for range lines {
		proof, err := p.Proof(dpop.Claims{Method: "GET", HTU: "https://api.example.com/orders", Token: "token", Time: time.Unix(1_700_000_000, 0)})
		if err != nil {
			b.Fatal(err)
		}
		log.WriteString(proof + "\n")
	}
	return log.String()
}

// bareChecks checks one signature as often as there are lines, on all cores.
func bareChecks(b *testing.B, key *ecdsa.PrivateKey, lines int) func() {
	b.Helper()
	digest := sha256.Sum256([]byte("x"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	cores := runtime.GOMAXPROCS(0)
	return func() {
		var all sync.WaitGroup
		for range cores {
			all.Go(func() {
				for range lines / cores {
					ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature)
				}
			})
		}
		all.Wait()
	}
}

func took(f func()) float64 {
	start := time.Now()
	f()
	return time.Since(start).Seconds()
}
