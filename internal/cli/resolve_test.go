package cli

import "testing"

func TestResolveTakesTheNameOfAHost(t *testing.T) {
	for entry, right := range map[string]bool{
		"a.example:443:127.0.0.1": true, "[::1]:443:[::1]": true,
		"*:443:127.0.0.1": false, "+a.example:443:127.0.0.1": false, "-a.example:443:127.0.0.1": false, "a.example:443": false, "a.example:443:1.2.3.4,1.2.3.5": false,
	} {
		c := Connection{resolve: []string{entry}}
		if m, err := c.resolved(); (err == nil) != right || right && len(m) != 1 {
			t.Errorf("%s: %v, %v", entry, m, err)
		}
	}
}
