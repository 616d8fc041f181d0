package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/dpop"
)

// HTUMap is the flag --htu-map: under which URLs a server behind a rewriting proxy
// knows itself.
type HTUMap struct {
	given []string
	rules []htuRule
}

// htuRule is one FROM=TO. Both are without a slash at their end.
type htuRule struct{ from, to string }

// Add declares the flag.
func (m *HTUMap) Add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&m.given, "htu-map", nil,
		"`FROM=TO`: proofs for URLs that begin with FROM name TO in its place, for servers behind a rewriting proxy (repeatable)")
}

// Given says whether there is any.
func (m *HTUMap) Given() bool { return len(m.given) > 0 }

// Read checks what was given.
func (m *HTUMap) Read() error {
	m.rules = nil
	for _, given := range m.given {
		rule, err := parseHTURule(given)
		if err != nil {
			return err
		}
		for _, other := range m.rules {
			if other.from == rule.from && other.to != rule.to {
				return Usage("--htu-map maps %s twice: to %s and to %s", rule.from, other.to, rule.to)
			}
		}
		m.rules = append(m.rules, rule)
	}
	return nil
}

func parseHTURule(given string) (htuRule, error) {
	// A URL may have = in it: the second one begins behind the = that it is meant to.
	at := strings.Index(strings.ToLower(given), "=http")
	if at < 0 {
		return htuRule{}, &UsageError{
			Message: "--htu-map " + shown(given) + " is not FROM=TO",
			Hint:    "both are URLs, for example --htu-map https://api.example.com=http://backend:8080",
		}
	}
	var rule htuRule
	for _, part := range []struct {
		url string
		as  *string
	}{{given[:at], &rule.from}, {given[at+1:], &rule.to}} {
		if strings.ContainsAny(part.url, "?#") {
			return rule, Usage("--htu-map %s: a query or a fragment is no part of what a proof names", shown(given))
		}
		htu, err := dpop.HTU(part.url)
		if err != nil {
			return rule, &InputError{Message: "--htu-map", Err: err}
		}
		*part.as = strings.TrimSuffix(htu, "/")
	}
	return rule, nil
}

// Of returns what a proof names for a URL: the htu of the longest FROM that it begins
// with, at the end of a segment of its path; its own where there is none.
func (m *HTUMap) Of(url string) (string, error) {
	htu, err := dpop.HTU(url)
	if err != nil {
		return "", err
	}
	mapped, longest := htu, -1
	for _, rule := range m.rules {
		rest, ok := strings.CutPrefix(htu, rule.from)
		if ok && (rest == "" || rest[0] == '/') && len(rule.from) > longest {
			mapped, longest = rule.to+rest, len(rule.from)
		}
	}
	return dpop.HTU(mapped)
}
