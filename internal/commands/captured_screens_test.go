package commands_test

import "testing"

func TestScreensOfExplain(t *testing.T) {
	screens(t, "explain", []shot{
		{"nothing wrong", []string{"explain", "@explain-right.txt"}},
		{"behind a gateway", []string{"explain", "@explain-gateway.txt"}},
		{"copied as cURL, sent as bearer", []string{"explain", "@explain-bearer.txt", "--key", "mine.jwk"}},
		{"a session in a HAR", []string{"explain", "@explain-session.har"}},
		{"no request", []string{"explain", "@mine.jwk"}},
	})
}
