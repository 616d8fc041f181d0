package commands_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/oauthpop/oauthpop/internal/commands"
)

func TestCallPrintsACommand(t *testing.T) {
	f := newTiring(t, func(int) bool { return true })
	token := f.write(t, "to ken", []byte(someToken+"\n"))
	body := f.write(t, "body", []byte("x"))
	for _, tt := range []struct {
		name    string
		environ map[string]string
		args    []string
		holds   []string
		not     string
		says    string
	}{
		{"a token of a file", nil, []string{"--token", "@" + token, "--key", f.key}, []string{"'Authorization: DPoP '\"$(cat -- '" + token + "')\"", "'DPoP: ey", f.URL + "/api?q='"}, someToken, "has no nonce"},
		{"a token of the environment", map[string]string{"OAUTHPOP_TOKEN": someToken}, nil, []string{`'Authorization: Bearer '"$OAUTHPOP_TOKEN"`}, "DPoP", ""},
		{"a token that was typed", nil, []string{"--token", someToken}, []string{"'Authorization: Bearer " + someToken + "'"}, "$", "holds a secret"},
		{"another scheme", nil, []string{"--token", someToken, "--key", f.key, "--auth-scheme", "bearer"}, []string{"'Authorization: Bearer ", "'DPoP: ey"}, "", "holds a secret"},
		{"a body of a file", nil, []string{"--token", someToken, "--json", "@" + body, "--fail", "-O", "out"}, []string{"--data-binary @" + body, "'Content-Type: application/json'", "'Accept: application/json'", "--fail --output out"}, "-X", ""},
		{"a body from standard input", nil, []string{"--token", someToken, "-d", "-", "-X", "PUT", "-i"}, []string{"--data-binary @- ", "-X PUT", "--include"}, "", ""},
		{"a body that was typed", nil, []string{"--token", someToken, "-d", "@@it's"}, []string{`--data-raw '@it'\''s'`}, "", ""},
		{"a token of its own, whatever the environment has", map[string]string{"OAUTHPOP_TOKEN": someToken}, f.args()[2:], []string{"'Authorization: DPoP eyJ"}, "OAUTHPOP_TOKEN", "holds a secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.seen = nil
			args := append([]string{"call", f.URL + "/api?q='", "--cacert", f.cacert, "--print-curl"}, tt.args...)
			code, stdout, stderr := runMain(tt.environ, args...)
			if code != 0 || !strings.HasPrefix(stdout, "curl ") || strings.Count(stdout, "\n") != 1 || !strings.Contains(stderr, tt.says) {
				t.Fatalf("exit %d, %s: %s", code, stdout, stderr)
			}
			for _, part := range tt.holds {
				if part = strings.ReplaceAll(part, "q='", `q='\''`); !strings.Contains(stdout, part) {
					t.Errorf("no %s in %s", part, stdout)
				}
			}
			if tt.not != "" && strings.Contains(stdout, tt.not) {
				t.Errorf("%s in %s", tt.not, stdout)
			}
			if strings.Contains(paths(f.seen), "/api") {
				t.Error("the API was called")
			}
		})
	}
	_, stdout, stderr := runMain(nil, "call", f.URL, "--token", "@"+token, "--key", f.key, "--cacert", f.cacert, "--print-curl", "-o", "json")
	var o struct{ Command string }
	if err := json.Unmarshal([]byte(stdout), &o); err != nil || !strings.HasPrefix(o.Command, "curl ") {
		t.Errorf("%v: %s%s", err, stdout, stderr)
	}
	env, _, errOut := testWorld(nil)
	piped := strings.NewReader("for curl")
	env.Stdin = piped
	if code := commands.Main(env, []string{"call", f.URL, "--token", someToken, "--cacert", f.cacert, "--print-curl", "-d", "-"}); code != 0 || piped.Len() != len("for curl") {
		t.Errorf("exit %d, %d bytes are left: %s", code, piped.Len(), errOut)
	}
	if code, stdout, stderr := runMain(nil, "call", f.URL, "--token", someToken, "--cacert", f.cacert, "--print-curl", "-L"); code != 2 || stdout != "" {
		t.Errorf("with -L: exit %d: %s", code, stderr)
	}
	if code, stdout, stderr := runMain(nil, "call", "http://api.example", "--token", someToken, "--print-curl"); code != 2 || stdout != "" {
		t.Errorf("over plain http: exit %d: %s", code, stderr)
	}
}
