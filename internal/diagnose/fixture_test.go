package diagnose

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/challenge"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/wire"
)

// fixture is one exchange with what was wrong with it. Its proofs and tokens are
// written as claims and signed here; $TOKEN, $ATH, $PROOF1 and so on stand for them.
type fixture struct {
	Source struct{ URL, Date, Says string }
	// Causes are all that are to be found, the right one first.
	Causes []string
	// Token are claims, signed by somebody, or an opaque text.
	Token   any
	Proofs  []proofSpec
	Request struct {
		Method, URL string
		Header      [][2]string
		Sent        time.Time
		Certificate bool
	}
	Answer struct {
		Status   int
		Header   [][2]string
		Body     string
		Received time.Time
	}
	TLS   wire.TLSFacts
	Known wire.Known
}

// proofSpec is a proof by the key "A" or "B". Of the header and the claims null
// leaves out what is right.
type proofSpec struct {
	Key            string
	Header, Claims map[string]any
	Unsigned       bool // the signature is of something else
}

func fixtures(t *testing.T) map[string]*fixture {
	t.Helper()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no fixtures", err)
	}
	all := map[string]*fixture{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".json")] = load(t, file, string(text))
	}
	return all
}

// load reads a fixture, makes its token, then its proofs, which may hold the
// token's hash.
func load(t *testing.T, file, text string) *fixture {
	t.Helper()
	decode := func(pairs ...string) *fixture {
		text = strings.NewReplacer(pairs...).Replace(text)
		d := json.NewDecoder(strings.NewReader(text))
		d.DisallowUnknownFields()
		f := &fixture{}
		if err := d.Decode(f); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		return f
	}
	f := decode("$JKT_A", thumbprint(t, "A"), "$JKT_B", thumbprint(t, "B"))
	if f.Token != nil {
		token, opaque := f.Token.(string)
		if !opaque {
			token = encode(t, "B", map[string]any{"alg": "ES256", "typ": "at+jwt"}, f.Token)
		}
		sum := sha256.Sum256([]byte(token))
		f = decode("$TOKEN", token, "$ATH_NEWLINE", dpop.ATH(token+"\n"), "$ATH_SCHEME", dpop.ATH("DPoP "+token),
			"$ATH_PADDED", base64.URLEncoding.EncodeToString(sum[:]), "$ATH_HEX", hex.EncodeToString(sum[:]),
			"$ATH_OTHER", dpop.ATH("another token"), "$ATH", dpop.ATH(token))
	}
	var pairs []string
	for i, p := range f.Proofs {
		pairs = append(pairs, "$PROOF"+strconv.Itoa(i+1), p.make(t))
	}
	return decode(pairs...)
}

func (p proofSpec) make(t *testing.T) string {
	t.Helper()
	jwk, err := jwt.PublicJWK(testKey(p.Key).Public())
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]any{"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
	maps.Copy(header, p.Header)
	maps.DeleteFunc(header, func(_ string, v any) bool { return v == nil })
	maps.DeleteFunc(p.Claims, func(_ string, v any) bool { return v == nil })
	text := encode(t, p.Key, header, p.Claims)
	if p.Unsigned {
		input := text[:strings.LastIndex(text, ".")+1]
		return input + base64.RawURLEncoding.EncodeToString(make([]byte, 64))
	}
	return text
}

// testKey returns one of two published keys:
// https://www.rfc-editor.org/rfc/rfc7515#appendix-A.3 and
// https://www.rfc-editor.org/rfc/rfc7517#appendix-A.2
func testKey(name string) *ecdsa.PrivateKey {
	d := map[string]string{
		"A": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
		"B": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
	}[name]
	raw, err := base64.RawURLEncoding.DecodeString(d)
	if err != nil {
		panic(err)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		panic(err)
	}
	return key
}

func thumbprint(t *testing.T, name string) string {
	t.Helper()
	s, err := jwt.Thumbprint(testKey(name).Public())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// encode signs by ES256, whatever the header says.
func encode(t *testing.T, key string, header, claims any) string {
	t.Helper()
	var parts []string
	for _, part := range []any{header, claims} {
		raw, err := json.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(raw))
	}
	input := strings.Join(parts, ".")
	signature, err := jwt.Sign(testKey(key), "ES256", input)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (f *fixture) exchange() *wire.Exchange {
	header := func(lines [][2]string) http.Header {
		h := http.Header{}
		for _, l := range lines {
			h.Add(l[0], l[1])
		}
		return h
	}
	return &wire.Exchange{
		Request: wire.RequestFacts{
			Method: f.Request.Method, URL: f.Request.URL, Header: header(f.Request.Header),
			Sent: f.Request.Sent, Certificate: f.Request.Certificate,
		},
		Response: wire.ResponseFacts{
			Status: f.Answer.Status, Header: header(f.Answer.Header), Body: []byte(f.Answer.Body), Received: f.Answer.Received,
		},
		TLS: f.TLS, Known: f.Known,
	}
}

// code is the error code of the answer: of a challenge or of the body.
func (f *fixture) code() string {
	for _, c := range challenge.ParseChallenges(f.exchange().Response.Header.Values("WWW-Authenticate")) {
		if code := c.Params["error"]; code != "" {
			return code
		}
	}
	var body struct{ Error string }
	_ = json.Unmarshal([]byte(f.Answer.Body), &body) // a body that is no JSON has no code
	return body.Error
}

func ids(causes []Cause) []string {
	var all []string
	for _, c := range causes {
		all = append(all, c.ID)
	}
	return all
}

func TestEachFixtureHasItsCauseFirst(t *testing.T) {
	for name, f := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			found := Causes(f.exchange(), f.code())
			if !slices.Equal(ids(found), f.Causes) && len(found)+len(f.Causes) > 0 {
				t.Errorf("found %q, want %q", ids(found), f.Causes)
			}
			for _, c := range found {
				t.Logf("%s: %s", c.ID, c.Text)
			}
			if strings.HasPrefix(name, "right-") != (len(f.Causes) == 0) {
				t.Error("what is right has no cause, and what is not has one")
			}
		})
	}
}

// What is accepted was not refused for any cause, whatever a careful server would
// have said.
func TestAcceptedRequestsHaveNoCause(t *testing.T) {
	for name, f := range fixtures(t) {
		ex := f.exchange()
		ex.Response.Status, ex.Response.Body = http.StatusOK, nil
		if found := Causes(ex, ""); len(found) > 0 {
			t.Errorf("%s: %q", name, ids(found))
		}
	}
}

func TestEachCauseHasAFixture(t *testing.T) {
	first := map[string]bool{}
	for _, f := range fixtures(t) {
		if len(f.Causes) > 0 {
			first[f.Causes[0]] = true
		}
	}
	for _, c := range List() {
		if !first[c.ID] {
			t.Errorf("no fixture has %s first", c.ID)
		}
	}
}

func TestEachFixtureHasASource(t *testing.T) {
	for name, f := range fixtures(t) {
		u, err := url.Parse(f.Source.URL)
		if err != nil || u.Scheme != "https" || f.Source.Says == "" {
			t.Errorf("%s: source %+v", name, f.Source)
		}
		if _, err := time.Parse(time.DateOnly, f.Source.Date); err != nil {
			if _, err := time.Parse("2006-01", f.Source.Date); err != nil {
				t.Errorf("%s: date %q", name, f.Source.Date)
			}
		}
	}
}

// A check of a proof that fails is a cause; the nonce is told by the code.
func TestEachCheckHasACause(t *testing.T) {
	for _, check := range dpop.Checks() {
		if check.ID == "nonce" {
			continue
		}
		ex := &wire.Exchange{Request: wire.RequestFacts{Method: "GET", URL: "https://api.example/a"}}
		text := proofSpec{Key: "A", Claims: map[string]any{"htu": "https://api.example/b"}}.make(t)
		proof, err := jwt.Split(text)
		if err != nil {
			t.Fatal(err)
		}
		r := &reading{Exchange: ex, proof: proof, proofs: []string{text}, checks: map[string]dpop.Result{
			check.ID: {ID: check.ID, Status: dpop.StatusFailed},
		}}
		if check.ID == "single-header" {
			r.proofs = append(r.proofs, text)
		}
		n := 0
		for _, c := range List() {
			if _, ok := c.match(r); ok {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s has %d causes", check.ID, n)
		}
	}
}
