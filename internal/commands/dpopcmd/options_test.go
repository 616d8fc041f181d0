package dpopcmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/dpop"
)

func testEnv(stdin string) (env *cli.Env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	env = cli.Test(strings.NewReader(stdin), stdout, stderr, nil, time.Unix(1_700_000_000, 0))
	env.Global.Output = "text"
	return env, stdout, stderr
}

// parse runs cmd with arguments; what it would do is replaced by the caller.
func parse(cmd *cobra.Command, args ...string) error {
	cmd.SetArgs(args)
	cmd.SetOut(io.Discard)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	return cmd.Execute()
}

func TestProofFlags(t *testing.T) {
	env, _, _ := testEnv("")
	var got *proofOptions
	run := func(o *proofOptions) error { got = o; return nil }
	err := parse(newProofCmd(env, run), "--key", "k.jwk", "-X", "PATCH", "-u", "https://a.example/", "--htu", "https://b.example/", "--token", "t", "--nonce", "n", "--passphrase", "p")
	if err != nil {
		t.Fatal(err)
	}
	if got.key != "k.jwk" || got.target != (target{"PATCH", "https://a.example/", "https://b.example/"}) || got.token != "t" || got.nonce != "n" {
		t.Errorf("options %+v", got)
	}
	if list, err := got.passphrases.Read(env); err != nil || !slices.Equal(list, []string{"p"}) {
		t.Errorf("passphrases %q, %v", list, err)
	}
}

func parseVerify(t testing.TB, env *cli.Env, args ...string) (*verifyOptions, error) {
	t.Helper()
	var got *verifyOptions
	err := parse(newVerifyCmd(env, func(_ context.Context, o *verifyOptions) error { got = o; return nil }), args...)
	return got, err
}

func TestVerifyWindowsAndAlgorithms(t *testing.T) {
	withoutRS256 := slices.DeleteFunc(dpop.DefaultAlgs(), func(alg string) bool { return alg == "RS256" })
	for _, c := range []struct {
		args            string
		maxAge, maxSkew time.Duration
		algs            []string
	}{
		{"a", 5 * time.Minute, time.Minute, dpop.DefaultAlgs()},
		{"a --strict", time.Minute, 10 * time.Second, withoutRS256},
		{"a --max-age 1h --max-skew 0s --alg ES256 --alg PS256", time.Hour, 0, []string{"ES256", "PS256"}},
		{"a --strict --max-age 2m --alg RS384", 2 * time.Minute, 10 * time.Second, []string{"RS384"}},
		{"a --strict --max-skew 5s", time.Minute, 5 * time.Second, withoutRS256},
	} {
		env, _, _ := testEnv("")
		o, err := parseVerify(t, env, strings.Fields(c.args)...)
		if err != nil {
			t.Fatalf("%s: %v", c.args, err)
		}
		r, err := o.request()
		if err != nil || r.MaxAge != c.maxAge || r.MaxSkew != c.maxSkew || !slices.Equal(r.Algs, c.algs) {
			t.Errorf("%s: %v %v %q, %v", c.args, r.MaxAge, r.MaxSkew, r.Algs, err)
		}
		if r.Method != "" || r.URL != "" || r.HasToken || r.Nonce != nil || r.JKT != "" || r.NoFreshness || !r.Now.Equal(env.Now()) {
			t.Errorf("%s: something is checked that was not given: %+v", c.args, r)
		}
	}
}

func TestVerifyTakesWhatTheRequestWas(t *testing.T) {
	env, _, _ := testEnv("eyJ.e.AA\n")
	o, err := parseVerify(t, env, "-", "-X", "PUT", "-u", "https://A.example?x#y", "--htu", "https://b.example/c", "--token", "t", "--nonce", "n", "--jkt", "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.request()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Proofs, []string{"eyJ.e.AA"}) || r.Method != "PUT" || r.URL != "https://b.example/c" || r.Token != "t" || !r.HasToken || r.JKT != o.jkt {
		t.Errorf("request %+v", r)
	}
	if r.Nonce("n", true) != nil || r.Nonce("n", false) == nil || r.Nonce("m", true) == nil || r.Nonce("", false) == nil {
		t.Error("another nonce than the one given is accepted")
	}
}

func TestFaultsOfTheCommandLine(t *testing.T) {
	const ok = "-X GET -u https://a.example/ --key k "
	for _, args := range []string{
		"", "-X GET -u https://a.example/", "--key k -u https://a.example/", "--key k -X GET", ok + "arg", ok + "--nonce=", ok + "--token=", ok + "--htu=", ok + "--count 0",
	} {
		env, _, _ := testEnv("")
		if err := parse(newProofCmd(env, func(*proofOptions) error { return nil }), strings.Fields(args)...); err == nil {
			t.Errorf("dpop proof %s: taken", args)
		}
	}
	for _, args := range []string{
		"", "a b", "a --method=", "a --url=", "a --htu=", "a --token=", "a --nonce=", "a --jkt=", "a --key=", "a --at=",
		"a --jkt x --key y", "a --alg none", "a --alg HS256", "a --alg ES256,ES384", "a --strict --alg RS256", "a --max-age=-1s", "a --max-skew=-1s", "a --max-age 5",
	} {
		env, _, _ := testEnv("")
		if _, err := parseVerify(t, env, strings.Fields(args)...); err == nil {
			t.Errorf("dpop verify %s: taken", args)
		}
	}
}

func TestFaultsOfARequest(t *testing.T) {
	for _, args := range [][]string{
		{"a", "-X", "GET /"},
		{"a", "-X", "GÉT"},
		{"a", "-u", "a.example"},
		{"a", "-u", "https://u:hush@a.example/"},
		{"a", "-u", "https://a.example/", "--htu", "x"},
		{"a", "--at", "x"},
		{"a", "--jkt", "x"},
		{"a", "--key", "/nowhere/key.jwk"},
		{"a", "--token", "a b"},
		{"a", "--token", "a\n"},
		{"a", "--token", "ä"},
		{"@/nowhere/proof"},
		{"-", "--token", "-"},
	} {
		env, _, _ := testEnv("x")
		o, err := parseVerify(t, env, args...)
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		_, err = o.request()
		_, usage := errors.AsType[*cli.UsageError](err)
		_, input := errors.AsType[*cli.InputError](err)
		if !usage && !input || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", args, err)
		}
	}
}
