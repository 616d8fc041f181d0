package certcmd

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
)

func testEnv() *cli.Env {
	return cli.Test(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, nil, time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC))
}

// parse runs cmd with a command line; what it would do is replaced by the caller.
func parse(cmd *cobra.Command, line string) error {
	cmd.SetArgs(strings.Fields(line))
	cmd.SetOut(io.Discard)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	return cmd.Execute()
}

func parseIssue(t *testing.T, line string) (*issueOptions, error) {
	t.Helper()
	var got *issueOptions
	err := parse(newIssueCmd(testEnv(), func(o *issueOptions) error { got = o; return nil }), line)
	return got, err
}

func TestIssueFlags(t *testing.T) {
	o, err := parseIssue(t, "--subject CN=a,O=b --ca dir --san-dns a --san-dns b,c --san-uri urn:a --san-ip ::1 --san-email a@b "+
		"--usage both --not-before 2026-01-01T00:00:00Z --not-after 1h --key k --passphrase p --out x.pem --force")
	if err != nil {
		t.Fatal(err)
	}
	want := certs.SANs{DNS: []string{"a", "b,c"}, URI: []string{"urn:a"}, IP: []string{"::1"}, Email: []string{"a@b"}}
	if !reflect.DeepEqual(o.sans, want) {
		t.Errorf("names %v, want %v", o.sans, want)
	}
	if o.subject != "CN=a,O=b" || o.ca != "dir" || o.usage != "both" || o.key != "k" || o.out != "x.pem" || !o.force || o.selfSigned {
		t.Errorf("options %+v", o)
	}
}

func TestIssueDefaults(t *testing.T) {
	o, err := parseIssue(t, "--cn a --self-signed")
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.request()
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2026, 5, 4, 2, 57, 1, 0, time.UTC)
	if r.Usage != "client" || !r.NotBefore.Equal(begin) || !r.NotAfter.Equal(begin.AddDate(0, 0, 365)) || o.alg != "ES256" {
		t.Errorf("usage %q, from %v to %v, %s", r.Usage, r.NotBefore, r.NotAfter, o.alg)
	}
}

func TestContradictionsAndGapsNameBothFlags(t *testing.T) {
	for line, want := range map[string][]string{
		"--cn a --subject CN=a --self-signed":   {"--cn", "--subject"},
		"--cn a --self-signed --ca d":           {"--self-signed", "--ca"},
		"--cn a --ca d --days 3 --not-after 1h": {"--days", "--not-after"},
		"--cn a --ca d --alg ES256 --key k":     {"--alg", "--key"},
		"--ca d":                                {"--cn", "--subject"},
		"--cn a":                                {"--ca", "--self-signed"},
		"--cn a --self-signed=false":            {"--ca", "--self-signed"},
		"--cn= --ca d":                          {"--cn is empty"},
		"--subject= --ca d":                     {"--subject is empty"},
		"--cn a --ca=":                          {"--ca is empty"},
		"--cn a --ca d --key=":                  {"--key is empty"},
		"--cn a --ca d --out=":                  {"--out is empty"},
		"--cn a --ca d extra":                   {"extra"},
	} {
		_, err := parseIssue(t, line)
		var usage *cli.UsageError
		if !errors.As(err, &usage) {
			t.Errorf("%s: error %v, want a *cli.UsageError", line, err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q lacks %s", line, err, w)
			}
		}
	}
}

func TestBadValuesAreNamedBeforeAnythingIsMade(t *testing.T) {
	for line, want := range map[string]string{
		`--subject CN=a;b --self-signed`:                        `--subject "CN=a;b"`,
		`--cn a --self-signed --san-dns a..b`:                   `--san-dns "a..b"`,
		`--cn a --self-signed --san-uri a`:                      `--san-uri "a"`,
		`--cn a --self-signed --san-ip a`:                       `--san-ip "a"`,
		`--cn a --self-signed --san-email a`:                    `--san-email "a"`,
		`--cn a --self-signed --usage mtls`:                     `--usage "mtls"`,
		`--cn a --self-signed --days 0`:                         `--days 0`,
		`--cn a --self-signed --days -1`:                        `--days -1`,
		`--cn a --self-signed --days 9999999`:                   `--days 9999999`,
		`--cn a --self-signed --not-before soon`:                `--not-before "soon"`,
		`--cn a --self-signed --not-after 2026-13-01T00:00:00Z`: `--not-after "2026-13-01T00:00:00Z"`,
		`--cn a --self-signed --not-after 2026-05-01`:           `--not-after "2026-05-01"`,
	} {
		o, err := parseIssue(t, line)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		_, err = o.request()
		var usage *cli.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s in it", line, err, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for line, want := range map[string][2]string{
		"--days 1": {"2026-05-04T02:57:01Z", "2026-05-05T02:57:01Z"},
		"--not-before 2027-01-01T00:00:00+01:00 --days 1": {"2026-12-31T23:00:00Z", "2027-01-01T23:00:00Z"},
		"--not-before -48h --not-after -24h":              {"2026-05-02T03:02:01Z", "2026-05-03T03:02:01Z"},
		"--not-after 90s":                                 {"2026-05-04T02:57:01Z", "2026-05-04T03:03:31Z"},
	} {
		o, err := parseIssue(t, "--cn a --self-signed "+line)
		if err != nil {
			t.Fatal(err)
		}
		r, err := o.request()
		if err != nil {
			t.Fatal(err)
		}
		got := [2]string{r.NotBefore.UTC().Format(time.RFC3339), r.NotAfter.UTC().Format(time.RFC3339)}
		if got != want {
			t.Errorf("%s: from %v, want %v", line, got, want)
		}
	}
}

func TestTargets(t *testing.T) {
	for line, want := range map[string]target{
		"":                              {},
		"--out /nowhere/a":              {"/nowhere/a.pem", "/nowhere/a-key.pem"},
		"--out /nowhere/a.pem":          {"/nowhere/a.pem", "/nowhere/a-key.pem"},
		"--out /nowhere/a.b":            {"/nowhere/a.b.pem", "/nowhere/a.b-key.pem"},
		"--out /nowhere/a --key k":      {cert: "/nowhere/a.pem"},
		"--out /nowhere/ca --key k.pem": {cert: "/nowhere/ca.pem"},
	} {
		o, err := parseIssue(t, "--cn a --self-signed "+line)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.target(); err != nil || got != want {
			t.Errorf("%s: %+v, error %v", line, got, err)
		}
	}
	for _, line := range []string{
		"--self-signed --out .pem", "--self-signed --out a/", "--self-signed --out .", "--self-signed --out ..", "--self-signed --out -",
		"--self-signed --out a --key ./a.pem", "--self-signed --out a --key a.pem --force",
		"--ca d --out d/ca --force", "--ca d --out ./d/../d/ca.pem --force",
	} {
		o, err := parseIssue(t, "--cn a "+line)
		if err != nil {
			t.Fatal(err)
		}
		var usage *cli.UsageError
		if got, err := o.target(); !errors.As(err, &usage) {
			t.Errorf("%s: %+v, error %v, want a *cli.UsageError", line, got, err)
		}
	}
}

func TestCAFlags(t *testing.T) {
	var got *caOptions
	run := func(o *caOptions) error { got = o; return nil }
	if err := parse(newCACmd(testEnv(), run), "--cn a --out d"); err != nil {
		t.Fatal(err)
	}
	if got.cn != "a" || got.out != "d" || got.days != 3650 || got.alg != "ES256" || got.force {
		t.Errorf("options %+v", got)
	}
	for line, want := range map[string]string{"--cn a": "--out", "--out d": "--cn", "--cn= --out d": "--cn"} {
		if err := parse(newCACmd(testEnv(), run), line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s in it", line, err, want)
		}
	}
}
