//go:build !windows

package commands_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// program is this program under its name, in a folder for PATH.
type program struct {
	t        *testing.T
	dir, bin string
	tmp      string // where temporary folders are made
}

func newProgram(t *testing.T) *program {
	t.Helper()
	p := &program{t: t, dir: t.TempDir(), bin: t.TempDir(), tmp: t.TempDir()}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(p.bin, "oauthpop")); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *program) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(p.t.Context(), filepath.Join(p.bin, "oauthpop"), args...)
	cmd.Dir = p.dir
	cmd.Env = []string{"PATH=" + p.bin + ":" + os.Getenv("PATH"), "HOME=" + p.dir, "TMPDIR=" + p.tmp, "NO_COLOR=1"}
	return cmd
}

// empty checks that nothing temporary is left.
func (p *program) empty() {
	p.t.Helper()
	left, err := os.ReadDir(p.tmp)
	if err != nil || len(left) > 0 {
		p.t.Errorf("left behind: %v %v", left, err)
	}
}

func codeOf(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode()
	}
	return 0
}

// serving is a serve that has said that it is ready.
type serving struct {
	*exec.Cmd
	t     *testing.T
	ready map[string]string
	out   *bufio.Reader
}

// serve starts it with -o json and reads the ready object.
func (p *program) serve(args ...string) *serving {
	p.t.Helper()
	s := &serving{Cmd: p.command(append([]string{"serve", "-o", "json", "--listen", "127.0.0.1:0"}, args...)...), t: p.t}
	out := s.start()
	if err := json.NewDecoder(out).Decode(&s.ready); err != nil {
		p.t.Fatalf("the ready object: %v", err)
	}
	s.out = bufio.NewReader(out)
	return s
}

func (s *serving) start() io.Reader {
	s.t.Helper()
	out, err := s.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// end sends a signal and returns the exit code.
func (s *serving) end(sig os.Signal) int {
	s.t.Helper()
	if err := s.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
	rest, _ := io.ReadAll(s.out)
	if len(strings.TrimSpace(string(rest))) > 0 {
		s.t.Errorf("after the ready object: %s", rest)
	}
	return codeOf(s.t, s.Wait())
}

// answers asks for the metadata, trusting the CA of the ready object.
func (s *serving) answers() {
	s.t.Helper()
	ca, err := os.ReadFile(s.ready["cacert"])
	if err != nil {
		s.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.ready["issuer"]+"/.well-known/openid-configuration", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var m struct {
		Issuer string `json:"issuer"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&m); err != nil || m.Issuer != s.ready["issuer"] {
		s.t.Errorf("metadata of %q: %v", m.Issuer, err)
	}
}

func TestServeEndsWithTheCodeOfItsCommand(t *testing.T) {
	p := newProgram(t)
	for _, c := range []struct {
		name string
		args []string
		want int
	}{
		{"done", []string{"--", "oauthpop", "version"}, 0},
		{"its own", []string{"--", "sh", "-c", "exit 23"}, 23},
		{"a usage error of its own", []string{"--", "oauthpop", "nonsense"}, 2},
		{"a signal", []string{"--", "sh", "-c", "kill -TERM $$"}, 143},
		{"another signal", []string{"--", "sh", "-c", "kill -KILL $$"}, 137},
		{"not found", []string{"--", "no-such-command"}, 127},
		{"no such path", []string{"--", "./no-such-command"}, 127},
		{"cannot be run", []string{"--", p.dir}, 126},
		{"serve fails", []string{"--dpop-nonce", "sometimes", "--", "oauthpop", "version"}, 125},
		{"serve fails alone", []string{"--dpop-nonce", "sometimes"}, 2},
		{"an unknown flag", []string{"--nonce", "--", "oauthpop", "version"}, 125},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := p.command(append([]string{"serve", "--listen", "127.0.0.1:0"}, c.args...)...).Run()
			if got := codeOf(t, err); got != c.want {
				t.Errorf("exit %d, want %d", got, c.want)
			}
		})
	}
	p.empty()
}

func TestServeKeepsItsStateAndOneHasItAtATime(t *testing.T) {
	p := newProgram(t)
	first := p.serve()
	if want := filepath.Join(p.dir, ".local", "state", "oauthpop"); first.ready["state"] != want {
		t.Errorf("the state is in %q, want %q", first.ready["state"], want)
	}
	first.answers()
	ca, err := os.ReadFile(first.ready["cacert"])
	if err != nil {
		t.Fatal(err)
	}
	second := p.command("serve", "--listen", "127.0.0.1:0")
	out, err := second.CombinedOutput()
	if got := codeOf(t, err); got != 2 || !strings.Contains(string(out), "another serve uses the state") || !strings.Contains(string(out), "--state") {
		t.Errorf("a second one: exit %d: %s", got, out)
	}
	err = p.command("serve", "--listen", "127.0.0.1:0", "--state", first.ready["state"], "--", "oauthpop", "version").Run()
	if got := codeOf(t, err); got != 125 {
		t.Errorf("a second one with a command: exit %d", got)
	}
	if got := first.end(os.Interrupt); got != 130 {
		t.Errorf("interrupted: exit %d", got)
	}
	again := p.serve()
	again.answers()
	if kept, err := os.ReadFile(again.ready["cacert"]); err != nil || string(kept) != string(ca) {
		t.Error("there is a new CA")
	}
	if again.ready["client_secret"] != first.ready["client_secret"] {
		t.Error("there is a new secret")
	}
	if got := again.end(syscall.SIGTERM); got != 143 {
		t.Errorf("terminated: exit %d", got)
	}
	p.empty()
}

func TestReadyFileIsThereWhileItServes(t *testing.T) {
	p := newProgram(t)
	path := filepath.Join(p.dir, "ready.json")
	stale := []byte(`{"issuer":"https://localhost:1","serve_clients":"/gone"}`)
	if err := os.WriteFile(path, stale, 0o600); err != nil {
		t.Fatal(err)
	}
	s := p.serve("--ready-file", "ready.json", "--state", "state")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var written map[string]string
	if err := json.Unmarshal(b, &written); err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields("issuer resource mtls_resource cacert ca_bundle client_id client_secret serve_clients state") {
		if written[name] == "" || written[name] != s.ready[name] {
			t.Errorf("%s is %q in the file, %q on stdout", name, written[name], s.ready[name])
		}
	}
	for _, name := range []string{"cacert", "ca_bundle", "serve_clients", "state"} {
		if _, err := os.Stat(written[name]); err != nil || !filepath.IsAbs(written[name]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := s.end(os.Interrupt); got != 130 {
		t.Errorf("exit %d", got)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the ready file is left: %v", err)
	}
}

// The command decides what a signal does; the server answers until it has ended.
func TestSignalsArePassedOn(t *testing.T) {
	p := newProgram(t)
	for name, c := range map[string]struct {
		signal syscall.Signal
		script string
		want   int
	}{
		"handled":    {syscall.SIGTERM, `trap 'oauthpop token --bearer >/dev/null && exit 9' TERM; echo up; read x`, 9},
		"by default": {syscall.SIGTERM, `echo up; read x`, 143},
		"interrupt":  {syscall.SIGINT, `trap 'exit 8' INT; echo up; read x`, 8},
		"another":    {syscall.SIGUSR1, `trap 'exit 7' USR1; echo up; read x`, 7},
	} {
		t.Run(name, func(t *testing.T) {
			s := &serving{Cmd: p.command("serve", "--listen", "127.0.0.1:0", "--", "sh", "-c", c.script), t: t}
			hold, err := s.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer hold.Close()
			s.out = bufio.NewReader(s.start())
			if line, err := s.out.ReadString('\n'); line != "up\n" {
				t.Fatalf("got %q, %v", line, err)
			}
			if got := s.end(c.signal); got != c.want {
				t.Errorf("exit %d, want %d", got, c.want)
			}
		})
	}
	p.empty()
}

// What a person sees has no secret in it.
func TestServeTellsAPersonWhereItIs(t *testing.T) {
	p := newProgram(t)
	s := &serving{Cmd: p.command("serve", "--listen", "127.0.0.1:0", "--state", "state"), t: t}
	stderr, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewReader(s.start())
	lines := bufio.NewReader(stderr)
	var said strings.Builder
	for !strings.Contains(said.String(), "try:") {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			t.Fatalf("%v after %s", err, said.String())
		}
	}
	secret, err := os.ReadFile(filepath.Join(p.dir, "state", "clients", "basic.secret"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(said.String(), strings.TrimSpace(string(secret))) {
		t.Errorf("the secret is shown: %s", said.String())
	}
	_, command, _ := strings.Cut(said.String(), "try: oauthpop ")
	words := shellWords(strings.TrimSpace(command))
	if out, err := p.command(words...).CombinedOutput(); err != nil {
		t.Errorf("the command that it names: %v: %s", err, out)
	}
	if got := s.end(os.Interrupt); got != 130 {
		t.Errorf("exit %d", got)
	}
}
