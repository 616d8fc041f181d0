package dpopcmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/keys"
)

// prover makes proofs for GET https://a.example/ at the time of testEnv.
func prover(t *testing.T) func(jti string) string {
	t.Helper()
	key, err := keys.Generate("Ed25519", 0)
	if err != nil {
		t.Fatal(err)
	}
	p, err := dpop.NewProver(key.Private, "EdDSA")
	if err != nil {
		t.Fatal(err)
	}
	return func(jti string) string {
		proof, err := p.Proof(dpop.Claims{Method: "GET", HTU: "https://a.example/", Time: time.Unix(1_700_000_000, 0), JTI: jti})
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
}

func streamOf(t *testing.T, stdin io.Reader, args ...string) (o *verifyOptions, stdout, stderr *bytes.Buffer) {
	t.Helper()
	env, stdout, stderr := testEnv("")
	env.Stdin = stdin
	o, err := parseVerify(t, env, append([]string{"-"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return o, stdout, stderr
}

// judged runs a stream and returns its answers.
func judged(t *testing.T, stdin string, args ...string) ([]view.ProofReport, error) {
	t.Helper()
	o, stdout, _ := streamOf(t, strings.NewReader(stdin), args...)
	err := o.run(t.Context())
	return answersIn(t, stdout.String()), err
}

func answersIn(t *testing.T, out string) []view.ProofReport {
	t.Helper()
	var list []view.ProofReport
	for line := range strings.Lines(out) {
		var v view.ProofReport
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		again, _ := json.Marshal(v)
		if string(again)+"\n" != line {
			t.Errorf("the line is not what the view makes:\n%s%s", line, again)
		}
		list = append(list, v)
	}
	return list
}

func failedOf(v view.ProofReport) string {
	var ids []string
	for _, c := range v.Failed() {
		ids = append(ids, c.ID)
	}
	if (len(ids) > 0) != (v.Verdict == view.ProofInvalid) {
		return "verdict " + v.Verdict + " with failed " + strings.Join(ids, " ")
	}
	return strings.Join(ids, " ")
}

func TestAnswersKeepTheOrderOfTheLines(t *testing.T) {
	proof := prover(t)
	var in strings.Builder
	for i := range 500 {
		if i%7 == 0 {
			fmt.Fprintf(&in, "no proof %d\n\n", i)
		} else {
			in.WriteString(proof(fmt.Sprint(i)) + "\n")
		}
	}
	got, err := judged(t, in.String())
	if len(got) != 500 || err == nil {
		t.Fatalf("%d answers, %v", len(got), err)
	}
	line := 0
	for i, v := range got {
		line++
		want := ""
		if i%7 == 0 {
			want = "well-formed"
		}
		if v.Line != line || failedOf(v) != want {
			t.Errorf("answer %d: line %d, failed %q, want line %d, %q", i, v.Line, failedOf(v), line, want)
		}
		if i%7 == 0 {
			line++ // the blank one
		}
	}
}

func TestMembersOfALineOverrideTheFlags(t *testing.T) {
	proof := prover(t)("1")
	flags := []string{"-X", "POST", "-u", "https://b.example/", "--htu", "https://c.example/", "--token", "t", "--nonce", "n", "--jkt", strings.Repeat("A", 43), "--at", "0"}
	for line, want := range map[string]string{
		proof:                           "htm htu nonce fresh ath binding",
		`{"proof":"P"}`:                 "htm htu nonce fresh ath binding",
		` {"proof":"P","method":"GET"}`: "htu nonce fresh ath binding",
		`{"proof":"P","method":"GET","url":"https://A.example?q","token":"","nonce":"","jkt":"","at":1700000000}`: "",
		`{"proof":"P","method":"","url":"","token":"","nonce":"","jkt":"","at":""}`:                               "",
		`{"proof":"P","method":null,"url":null,"token":null,"nonce":null,"jkt":null,"at":null,"more":[{}]}`:       "htm htu nonce fresh ath binding",
		`{"proof":"P","at":"2023-11-14T22:13:20Z","nonce":"m","token":"u"}`:                                       "htm htu nonce ath binding",
		`{"proof":"P","at":"iat"}`:                   "htm htu nonce ath binding",
		`{"proof":"P","at":"1700000000.25"}`:         "htm htu nonce ath binding",
		`{"proof":"P","at":1700000000123}`:           "htm htu nonce fresh ath binding",
		`{"proof":"P","at":[]}`:                      "htm htu nonce fresh ath binding",
		`{"proof":"P","at":"iat","method":1}`:        "htm htu nonce ath binding",
		`{"proof":"P","at":"iat","url":"/relative"}`: "htm htu nonce ath binding",

		`{"proof":1}`:               "well-formed",
		`{"method":"GET"}`:          "well-formed",
		`{"proof":"P","proof":"P"}`: "well-formed",
		`{"proof":"P"`:              "well-formed",
		`{}`:                        "well-formed",
		`[]`:                        "well-formed",
		`"` + proof + `"`:           "well-formed",
		"\x00\xff":                  "well-formed",
	} {
		got, err := judged(t, strings.ReplaceAll(line, `"P"`, `"`+proof+`"`), flags...)
		if len(got) != 1 || failedOf(got[0]) != want || (err != nil) != (want != "") {
			t.Errorf("%s: %+v, %v\nwant failed %q", line, got, err, want)
		}
		if _, ok := errors.AsType[*cli.CheckError](err); err != nil && !ok {
			t.Errorf("%s: %v is no verdict", line, err)
		}
	}
}

func TestLinesAsTheyAreInTheWild(t *testing.T) {
	proof := prover(t)
	got, err := judged(t, "\ufeff"+proof("1")+"\r\n \t\r\n\n"+`{"proof":"`+proof("2")+"\"}\r\n"+proof("3"))
	if err != nil || len(got) != 3 || got[0].Line != 1 || got[1].Line != 4 || got[2].Line != 5 {
		t.Errorf("%v %+v", err, got)
	}
	for _, in := range []string{"", "\n\r\n", "\ufeff"} {
		if got, err := judged(t, in); err == nil || len(got) != 1 || failedOf(got[0]) != "well-formed" {
			t.Errorf("%q: %v %+v", in, err, got)
		}
	}
	if got, err := judged(t, "\xff\xfee\x00y\x00\n\x00"); err == nil || !strings.Contains(err.Error(), "UTF-16") || got != nil {
		t.Errorf("UTF-16: %v %+v", err, got)
	}
}

// endless is a line without an end, and then a proof.
type endless struct{ left int }

func (e *endless) Read(b []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(b), e.left)
	e.left -= n
	for i := range b[:n] {
		b[i] = 'x'
	}
	return n, nil
}

func TestALineWithoutAnEndIsBounded(t *testing.T) {
	proof := prover(t)("1")
	o, stdout, _ := streamOf(t, io.MultiReader(&endless{64 << 20}, strings.NewReader("\n"+proof+"\n")))
	err := o.run(t.Context())
	got := answersIn(t, stdout.String())
	if err == nil || len(got) != 2 || failedOf(got[0]) != "well-formed" || failedOf(got[1]) != "" || got[1].Line != 2 {
		t.Fatalf("%v %.2000s", err, stdout)
	}
	if !strings.HasPrefix(got[0].Checks[1].Found, "67108865 bytes") || stdout.Len() > 10_000 {
		t.Errorf("%d bytes: %+v", stdout.Len(), got[0].Checks[1])
	}
	r, _ := newLineReader(&endless{8 << 20})
	line, err := r.next()
	if err != nil || cap(line.text) > 2*bounds.LogLine || line.length != 8<<20 {
		t.Errorf("%d kept of %d, %v", cap(line.text), line.length, err)
	}
	at := strings.Repeat("y", bounds.LogLine)
	for extra, want := range map[string]int{"\n": bounds.LogLine, "\r\n": bounds.LogLine, "z\n": bounds.LogLine + 1, "": bounds.LogLine} {
		r, _ := newLineReader(strings.NewReader(at + extra))
		if line, err := r.next(); err != nil || line.length != want {
			t.Errorf("%q: length %d, want %d, %v", extra, line.length, want, err)
		}
	}
}

func TestAnAnswerDoesNotWaitForTheNextLine(t *testing.T) {
	proof := prover(t)("1")
	in, feed := io.Pipe()
	answers, out := io.Pipe()
	o, _, _ := streamOf(t, in)
	o.env.Stdout = out
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- o.run(ctx) }()
	if _, err := io.WriteString(feed, proof+"\nthe beginning of"); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64<<10)
	if n, err := answers.Read(buf); err != nil || !bytes.HasPrefix(buf[:n], []byte(`{"verdict":"valid","line":1,`)) {
		t.Errorf("%v: %s", err, buf[:n])
	}
	cancel() // also while the next line is awaited
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	_ = feed.Close()
}

// broken is a stream that fails.
type broken struct{}

func (broken) Read([]byte) (int, error)  { return 0, errors.New("torn") }
func (broken) Write([]byte) (int, error) { return 0, errors.New("torn") }

func TestAStreamThatBreaksIsNoSuccess(t *testing.T) {
	proof := prover(t)("1")
	o, stdout, _ := streamOf(t, io.MultiReader(strings.NewReader(proof+"\n"), broken{}))
	err := o.run(t.Context())
	if in, ok := errors.AsType[*cli.InputError](err); !ok || in.Err.Error() != "torn" || len(answersIn(t, stdout.String())) != 1 {
		t.Errorf("reading: %v, %s", err, stdout)
	}
	o, _, _ = streamOf(t, strings.NewReader(proof))
	o.env.Stdout = broken{}
	if err := o.run(t.Context()); err == nil || !strings.Contains(err.Error(), "write the result: torn") {
		t.Errorf("writing: %v", err)
	}
}

func TestTheSummaryCountsWhatFailed(t *testing.T) {
	proof := prover(t)
	o, _, stderr := streamOf(t, strings.NewReader(proof("1")+"\n"+proof("1")+"\n"+proof("2")+"\nx\n"), "-X", "GET")
	err := o.run(t.Context())
	if got := stderr.String(); got != "4 proofs: 2 valid, 2 invalid\n" {
		t.Errorf("said %q", got)
	}
	if err == nil || err.Error() != "2 of 4 proofs invalid: well-formed 1, replay 1" {
		t.Errorf("%v", err)
	}
}

// --strict narrows the window of each line, and the flags --htu and --url stand for
// what a line does not say.
func TestStrictAndURLHoldForEachLine(t *testing.T) {
	proof := prover(t)
	for _, c := range []struct {
		name, line string
		args       []string
		want       string
	}{
		{"70s old", `{"proof":"P","at":1700000070}`, nil, ""},
		{"70s old, strictly", `{"proof":"P","at":1700000070}`, []string{"--strict"}, "fresh"},
		{"60s old, strictly", `{"proof":"P","at":1700000060}`, []string{"--strict"}, ""},
		{"11s ahead, strictly", `{"proof":"P","at":1699999989}`, []string{"--strict"}, "fresh"},
		{"the URL of the flags", "P", []string{"-u", "https://a.example/?q#f"}, ""},
		{"another URL in the flags", "P", []string{"-u", "https://b.example/"}, "htu"},
		{"another URL in the flags, and the htu", "P", []string{"-u", "https://b.example/", "--htu", "https://a.example/"}, ""},
		{"the line's own URL", `{"proof":"P","url":"https://b.example/"}`, []string{"--htu", "https://a.example/"}, "htu"},
	} {
		p := proof(c.name)
		got, err := judged(t, strings.Replace(c.line, "P", p, 1), c.args...)
		if len(got) != 1 || failedOf(got[0]) != c.want || (err != nil) != (c.want != "") {
			t.Errorf("%s: %+v, %v; want failed %q", c.name, got, err, c.want)
		}
	}
}

// What a line says is repeated in its answer only as far as a person reads it.
func TestAnAnswerDoesNotRepeatALongLine(t *testing.T) {
	members := func(name func(i int) string) string {
		var b strings.Builder
		for i := range 20_000 {
			fmt.Fprintf(&b, `%q:1,`, name(i))
		}
		return "{" + strings.TrimSuffix(b.String(), ",") + "}"
	}
	for _, line := range []string{
		members(func(i int) string { return fmt.Sprint("member", i) }),
		members(func(i int) string { return fmt.Sprint("member", i/2) }),
	} {
		o, stdout, _ := streamOf(t, strings.NewReader(line))
		if err := o.run(t.Context()); err == nil || stdout.Len() > 8<<10 {
			t.Errorf("%d bytes in answer to %d: %v", stdout.Len(), len(line), err)
		}
	}
}
