//go:build interop

package interop

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"
)

// skewed is the site with a server of its own, whose clock is off by so many seconds.
func skewed(t *testing.T, seconds int) site {
	t.Helper()
	s := at
	s.removeDir = nil // the folder is the site's
	log := fmt.Sprintf("server%+d.log", seconds)
	if err := s.startServer(log, "faketime", "-f", fmt.Sprintf("%+ds", seconds), "node", "server.mjs"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// clocks is what a refusal says of the clock of this machine.
func clocks(r result) (seconds int, said bool) {
	found := regexp.MustCompile(`clock of this machine is (\d+) s .*?(ahead of|behind) that of the server`).FindStringSubmatch(r.stderr)
	if found == nil {
		return 0, false
	}
	seconds, _ = strconv.Atoi(found[1])
	if found[2] == "behind" {
		seconds = -seconds
	}
	return seconds, true
}

// A server that is ahead takes a client assertion for expired, and one that is far
// off a proof for stale: the clock is named with how much it is off, by the Date of
// the answer. What is accepted all the same is no occasion to speak of clocks.
func TestASkewedClockIsNamedAndMeasured(t *testing.T) {
	const accepted = 0
	want(t, 0, "key", "generate", "--out", "skew.jwk", "--force")
	for _, tt := range []struct{ server, assertion, proof int }{
		{+90, -90, accepted},
		{-90, accepted, accepted},
		{+400, -400, -400},
		{-400, accepted, +400},
	} {
		t.Run(fmt.Sprintf("%+ds", tt.server), func(t *testing.T) {
			s := skewed(t, tt.server)
			check := func(what string, want int, args ...string) {
				t.Helper()
				r, err := at.run(t.Context(), "", append(args, "--cacert", s.cacert)...)
				if err != nil {
					t.Fatal(err)
				}
				got, said := clocks(r)
				switch {
				case want == accepted && (r.code != 0 || said):
					t.Errorf("%s is not accepted\n%s", what, r)
				case want != accepted && (r.code != 4 || got < want-5 || got > want+5):
					t.Errorf("%s: the clock is said to be off by %d s, want %d\n%s", what, got, want, r)
				}
			}
			token := []string{"token", "--issuer", s.plain, "--dpop", "--key", "skew.jwk"}
			check("private_key_jwt", tt.assertion, append(token, "--client-id", "pkjwt-dpop", "--client-key", at.pki("pkjwt.key"), "--client-kid", "pkjwt")...)
			basic := []string{"--issuer", s.plain, "--client-id", "basic-dpop", "--client-secret", secret, "--dpop", "--key", "skew.jwk"}
			check("client_secret_basic", accepted, append([]string{"token"}, basic...)...)
			check("a call", tt.proof, append([]string{"call", s.resource + "/api", "--fail"}, basic...)...)
		})
	}
}
