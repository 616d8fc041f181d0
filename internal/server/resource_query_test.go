package server

import "testing"

// A query that this server cannot parse may be read by another: a token in it is
// refused all the same. https://www.rfc-editor.org/rfc/rfc6750#section-5.3
func TestATokenInAnyQueryIsSeen(t *testing.T) {
	for query, want := range map[string]bool{
		"": false, "a=b": false, "x=access_token": false, "access_token=T": true, "%61ccess_token=T": true,
		"access_token=T;x": true, "a=b;c&access_token=T": true, "a=b;c": false,
	} {
		if got := tokenInQuery(query); got != want {
			t.Errorf("%q: %v", query, got)
		}
	}
}
