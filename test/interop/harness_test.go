//go:build interop

// Package interop runs the program against software that this project did not
// write: panva's certified oidc-provider and client libraries, and OpenSSL.
//
//	go test -tags interop ./test/interop/ -count=1
//
// It needs node 20 and npm, openssl and faketime. Everything listens on loopback, on free
// ports, and ends with the test.
package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const secret = "interop-secret-0123456789abcdefghijklmnopqrstuvwxyz"

// site is what the tests run with: the program, a folder with the server's PKI
// and the program's own keys and certificates, and where the server listens.
type site struct {
	bin, dir, cacert      string
	plain, nonce          string // issuers, without and with required nonces
	plainMTLS, nonceMTLS  string // where their aliases are
	resource              string
	serverLog             string
	stopServer, removeDir func()
}

var at site

func TestMain(m *testing.M) {
	code := 1
	if err := at.open(); err != nil {
		fmt.Fprintln(os.Stderr, "interop:", err)
	} else {
		code = m.Run()
	}
	at.close()
	os.Exit(code)
}

// installed says whether the packages of this very lock file are there.
func installed() bool {
	have, err := os.Stat("node_modules/.package-lock.json")
	if err != nil {
		return false
	}
	want, err := os.Stat("package-lock.json")
	return err == nil && !want.ModTime().After(have.ModTime())
}

func (s *site) open() error {
	dir, err := os.MkdirTemp("", "oauthpop-interop-")
	if err != nil {
		return err
	}
	s.dir, s.removeDir = dir, func() { _ = os.RemoveAll(dir) }
	s.bin = filepath.Join(dir, "oauthpop")
	if err := command("go", "build", "-o", s.bin, "../../cmd/oauthpop"); err != nil {
		return err
	}
	if !installed() {
		if err := command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"); err != nil {
			return err
		}
	}
	if err := s.issue(); err != nil {
		return err
	}
	return s.startServer("server.log", "node", "server.mjs")
}

func (s *site) close() {
	if s.stopServer != nil {
		s.stopServer()
	}
	if s.removeDir != nil {
		s.removeDir()
	}
}

func command(name string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }
func (s *site) pki(name string) string  { return filepath.Join(s.dir, "pki", name) }

// startServer starts server.mjs on free ports with a fresh PKI and waits for it.
// It ends with its standard input, even when this process is killed. What it says
// goes to a file of the name log.
func (s *site) startServer(log string, command ...string) error {
	p, err := freePorts(5)
	if err != nil {
		return err
	}
	url := func(i int) string { return fmt.Sprintf("https://localhost:%d", p[i]) }
	s.plain, s.plainMTLS, s.nonce, s.nonceMTLS, s.resource = url(0), url(1), url(2), url(3), url(4)
	s.cacert, s.serverLog = s.pki("server-ca.pem"), s.path(log)
	said, err := os.Create(s.serverLog)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(context.Background(), command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "EXIT_WITH_STDIN=1", "PKI_DIR="+s.path("pki"),
		"EXTRA_CLIENTS="+s.path("clients.json"), "EXTRA_CLIENT_CA="+s.path("ca/ca.pem"))
	for i, name := range []string{"AS_PORT", "AS_MTLS_PORT", "NONCE_AS_PORT", "NONCE_AS_MTLS_PORT", "RS_PORT"} {
		cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%d", name, p[i]))
	}
	cmd.Stdout, cmd.Stderr = said, said
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	s.stopServer = func() {
		_ = stdin.Close()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
		}
		_ = said.Close()
	}
	return s.waitForServer(ended)
}

func (s *site) waitForServer(ended <-chan struct{}) error {
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		said, err := os.ReadFile(s.serverLog)
		if err != nil {
			return err
		}
		if bytes.Contains(said, []byte("\nready (pid")) {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the server ended\n%s", said)
		case <-deadline:
			return fmt.Errorf("the server is not ready after 30 s\n%s", said)
		case <-tick.C:
		}
	}
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // only now, so that no port is given twice
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// awaitPort waits until something listens there.
func awaitPort(t *testing.T, port int) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for range 200 {
		if c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = c.Close()
			return
		}
		<-tick.C
	}
	t.Fatalf("nothing listens on port %d", port)
}

// startPeer starts a small server and returns the port that it prints first.
func startPeer(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stdin.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("%s %v said nothing: %v", name, args, err)
	}
	return strings.TrimSpace(line)
}

// result is one run of the program.
type result struct {
	args           []string
	code           int
	stdout, stderr string
}

func (r result) String() string {
	return fmt.Sprintf("oauthpop %s\nexit %d\nstdout: %s\nstderr: %s", strings.Join(r.args, " "), r.code, r.stdout, r.stderr)
}

// run runs the program in the site's folder, in an environment without variables
// of ours or a proxy's.
func (s *site) run(ctx context.Context, stdin string, args ...string) (result, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.bin, args...)
	cmd.Dir, cmd.Stdin = s.dir, strings.NewReader(stdin)
	for _, e := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToUpper(e), "=")
		if !strings.HasPrefix(name, "OAUTHPOP_") && !strings.HasSuffix(name, "_PROXY") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+s.dir, "XDG_CONFIG_HOME="+s.path("config"), "XDG_STATE_HOME="+s.path("state"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return result{}, err
	}
	return result{args, cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}, nil
}

// want runs the program and fails the test unless it ends with that code.
func want(t *testing.T, code int, args ...string) result {
	t.Helper()
	return wantWith(t, code, "", args...)
}

func wantWith(t *testing.T, code int, stdin string, args ...string) result {
	t.Helper()
	r, err := at.run(t.Context(), stdin, args...)
	if err != nil {
		t.Fatal(err)
	}
	if r.code != code {
		t.Fatalf("exit %d, want %d\n%s", r.code, code, r)
	}
	return r
}

// decode reads the JSON object that a run printed.
func decode[T any](t *testing.T, r result) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(r.stdout), &v); err != nil {
		t.Fatalf("no JSON: %v\n%s", err, r)
	}
	return v
}

func line(r result) string { return strings.TrimRight(r.stdout, "\r\n") }

// thumbprints are what a token is bound to, as the program tells it.
type thumbprints struct {
	JKT string `json:"jkt"`
	X5T string `json:"x5t#S256"`
}

type binding struct {
	Verdict, Method, Requested, Source, Reason string
	Found                                      thumbprints
}

func (b binding) want(t *testing.T, verdict, method string, found thumbprints) {
	t.Helper()
	if b.Verdict != verdict || b.Method != method || b.Found != found {
		t.Errorf("binding %+v\nwant %s, %s, %+v", b, verdict, method, found)
	}
}
