package dpop

import (
	"testing"
	"time"
)

// Figures of RFC 9449. The private key is not published.
const (
	figureJKT   = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
	figureToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
	figureATH   = "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
	figure2     = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
	figure7     = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA"
	figure13    = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)

// figures are the proofs of RFC 9449 with the requests they were made for.
func figures() map[string]Request {
	at := func(iat int64, r Request) Request {
		r.Now = time.Unix(iat+1, 0)
		r.MaxAge, r.MaxSkew = time.Minute, 10*time.Second
		r.Algs = []string{"ES256"}
		r.JKT = figureJKT
		return r
	}
	token := Request{Method: "POST", URL: "https://server.example.com/token"}
	first, refresh := token, token
	first.Proofs, refresh.Proofs = []string{figure2}, []string{figure7}
	return map[string]Request{
		"figure 2 (token request)": at(1562262616, first),
		"figure 7 (refresh)":       at(1562265296, refresh),
		"figure 13 (resource)": at(1562262618, Request{
			Proofs: []string{figure13}, Method: "GET",
			URL:   "https://resource.example.org/protectedresource",
			Token: figureToken, HasToken: true,
		}),
	}
}

func TestVerifyAcceptsTheProofsOfTheRFC(t *testing.T) {
	for name, r := range figures() {
		v, err := Verify(r, Checks())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if v.JKT != figureJKT {
			t.Errorf("%s: jkt %q, want %q", name, v.JKT, figureJKT)
		}
		if report := Judge(r, Checks()); !report.Valid || report.JKT != figureJKT {
			t.Errorf("%s: report %+v", name, report)
		}
	}
}

func TestATHIsTheHashOfTheRFC(t *testing.T) {
	if got := ATH(figureToken); got != figureATH {
		t.Errorf("ath %q, want %q", got, figureATH)
	}
}

func TestReplayIsForgottenAfterItsWindow(t *testing.T) {
	// Figures 2 and 7 share a jti: 2680 seconds apart, neither replays the other.
	all := figures()
	replay := NewReplay(70 * time.Second)
	for _, name := range []string{"figure 2 (token request)", "figure 7 (refresh)"} {
		r := all[name]
		v, err := Verify(r, Checks())
		if err != nil {
			t.Fatal(err)
		}
		if replay.Seen(v, r.Now) {
			t.Errorf("%s: taken for a replay", name)
		}
		if !replay.Seen(v, r.Now.Add(time.Second)) {
			t.Errorf("%s: sent again, not taken for a replay", name)
		}
	}
}
