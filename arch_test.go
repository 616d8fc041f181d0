package oauthpop_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/oauthpop/oauthpop/"

// room is one package: where it stands, what from outside it may use, and what
// it may do that the others may not.
type room struct {
	path string
	// outside are the modules that it may import beside the standard library.
	outside []string
	// powers are names of the fences below that it may pass.
	powers []string
	// never are packages that stand below it and that it must not import all the same.
	never []string
}

// house is every package, from top to bottom: a package imports only what stands
// below it. A package that is not here is an error, so that a new one is placed.
var house = []room{
	{path: "internal/hostile", outside: []string{net}, powers: []string{"os"}}, // for tests: it stands above all, so that nothing imports it
	{path: "cmd/gendocs", outside: []string{cobra, schema}, powers: []string{"os", "clock"}},
	{path: "cmd/oauthpop", powers: []string{"os"}},
	{path: "internal/commands", outside: []string{cobra}},
	{path: "internal/commands/keycmd", outside: []string{cobra}, never: nouns},
	{path: "internal/commands/certcmd", outside: []string{cobra}, never: nouns},
	{path: "internal/commands/dpopcmd", outside: []string{cobra}, never: nouns},
	{path: "internal/commands/tokencmd", outside: []string{cobra}, never: nouns},
	{path: "internal/commands/view"},
	{path: "internal/cli", outside: []string{cobra, pflag, net, term, text}, powers: []string{"os", "clock", "listen"}},
	{path: "internal/profile"},
	{path: "internal/server/state", outside: []string{flock}, never: []string{"internal/oauth", "internal/transport", "internal/ui"}},
	{path: "internal/server", never: []string{"internal/oauth", "internal/transport", "internal/audit", "internal/forge", "internal/ui"}},
	{path: "internal/server/guard", never: []string{"internal/oauth", "internal/transport", "internal/forge", "internal/ui", "internal/files"}},
	{path: "internal/oauth", never: []string{"internal/ui", "internal/files"}},
	{path: "internal/transport", outside: []string{net}, powers: []string{"client"}, never: []string{"internal/ui", "internal/files"}},
	{path: "internal/capture", outside: []string{shell}, never: []string{"internal/ui", "internal/files"}},
	{path: "internal/diagnose", never: []string{"internal/ui", "internal/files"}},
	{path: "internal/forge", never: []string{"internal/dpop", "internal/binding", "internal/certs", "internal/material", "internal/ui", "internal/files"}},
	{path: "internal/dpop", outside: []string{net}, never: []string{"internal/binding", "internal/certs", "internal/material", "internal/ui", "internal/files"}},
	{path: "internal/binding", never: []string{"internal/certs", "internal/keys", "internal/material", "internal/ui", "internal/files"}},
	{path: "internal/token", never: []string{"internal/certs", "internal/keys", "internal/material", "internal/ui", "internal/files"}},
	{path: "internal/certs", outside: []string{net}, never: []string{"internal/ui", "internal/files"}},
	{path: "internal/keys", outside: []string{jose}, never: []string{"internal/ui", "internal/files"}},
	{path: "internal/material", outside: []string{jose, pkcs12, pkcs8, text}, never: []string{"internal/ui", "internal/files"}},
	{path: "internal/jwt", outside: []string{jose}, never: []string{"internal/ui", "internal/files"}},
	{path: "internal/challenge", never: []string{"internal/ui", "internal/files"}},
	{path: "internal/wire", never: []string{"internal/ui", "internal/files"}},
	{path: "internal/ui", outside: []string{"github.com/charmbracelet/lipgloss", "github.com/fatih/color", "github.com/muesli/termenv"}, never: []string{"internal/files"}},
	{path: "internal/files", powers: []string{"os"}},
	{path: "internal/bounds"},
}

const (
	cobra  = "github.com/spf13/cobra"
	pflag  = "github.com/spf13/pflag"
	schema = "github.com/invopop/jsonschema"
	jose   = "github.com/go-jose/go-jose/v4"
	pkcs12 = "software.sslmate.com/src/go-pkcs12"
	pkcs8  = "github.com/youmark/pkcs8"
	flock  = "github.com/gofrs/flock"
	net    = "golang.org/x/net"
	shell  = "mvdan.cc/sh/v3/syntax"
	term   = "golang.org/x/term"
	text   = "golang.org/x/text"
)

// nouns do not know each other: what two of them need stands below them.
var nouns = []string{"internal/commands/keycmd", "internal/commands/certcmd", "internal/commands/dpopcmd", "internal/commands/tokencmd"}

// fence is something that only few packages may do: name what they need instead.
type fence struct {
	name, instead string
	imports       []string // of the standard library
	calls         []string // package.Name as written: a call, a type or a literal
}

var fences = []fence{
	{
		name: "os", instead: "files reads and writes, cli.Env has streams and environment",
		imports: []string{"os", "os/exec", "os/signal", "os/user", "syscall", "io/ioutil", "log", "log/slog"},
	},
	{
		name: "clock", instead: "take the time as an argument or from cli.Env.Now",
		calls: []string{"time.Now", "time.Since", "time.Until"},
	},
	{
		name: "listen", instead: "cli.Env listens",
		calls: []string{"net.Listen", "net.ListenConfig", "net.ListenTCP", "net.ListenUnix", "net.ListenPacket", "net.ListenUDP", "tls.Listen", "http.ListenAndServe", "http.ListenAndServeTLS"},
	},
	{
		name: "client", instead: "transport.Do sends every request",
		calls: []string{"http.Client", "http.Transport", "http.DefaultClient", "http.DefaultTransport", "http.Get", "http.Head", "http.Post", "http.PostForm", "net.Dial", "net.DialTimeout", "net.Dialer", "tls.Dial", "tls.DialWithDialer", "tls.Dialer", "tls.Client"},
	},
	{
		name: "nobody", instead: "crypto/rand is the only source of randomness, and memory is safe",
		imports: []string{"math/rand", "math/rand/v2", "unsafe", "plugin", "expvar", "net/http/pprof", "C"},
	},
}

const (
	fileLines     = 400
	functionLines = 80
)

func TestImportsGoDownwards(t *testing.T) {
	for _, f := range sources(t, ".") {
		for _, fault := range f.faults() {
			t.Error(fault)
		}
	}
}

func TestFilesAndFunctionsAreShort(t *testing.T) {
	for _, f := range sources(t, ".") {
		for _, fault := range f.lengths() {
			t.Error(fault)
		}
	}
}

// The rules are themselves tested: each line is a file that breaks one.
func TestHouseRefuses(t *testing.T) {
	for _, c := range []struct{ name, file, body, want string }{
		{"an import upwards", "internal/jwt/x.go", `import _ "` + module + `internal/dpop"`, "stands above"},
		{"a server that knows the client", "internal/server/x.go", `import _ "` + module + `internal/transport"`, "must not know"},
		{"a noun that knows another", "internal/commands/keycmd/x.go", `import _ "` + module + `internal/commands/certcmd"`, "must not know"},
		{"an unknown package", "internal/utils/x.go", ``, "has no place"},
		{"an import of an unknown package", "internal/cli/x.go", `import _ "` + module + `internal/helpers"`, "has no place"},
		{"a foreign module", "internal/dpop/x.go", `import _ "github.com/spf13/cobra"`, "github.com/spf13/cobra"},
		{"a module whose name begins alike", "internal/ui/x.go", `import _ "github.com/fatih/colorful"`, "colorful"},
		{"os", "internal/dpop/x.go", `import _ "os"`, "files reads and writes"},
		{"math/rand", "internal/cli/x.go", `import _ "math/rand/v2"`, "crypto/rand"},
		{"a listener", "internal/server/x.go", `import "net"; var L, _ = net.Listen("tcp", "")`, "cli.Env listens"},
		{"a client", "internal/oauth/x.go", `import "net/http"; var C = http.Client{}`, "transport.Do"},
		{"a client by another name", "internal/oauth/x.go", `import web "net/http"; var C = new(web.Transport)`, "transport.Do"},
		{"the clock", "internal/dpop/x.go", `import "time"; var T = time.Now()`, "take the time"},
		{"init", "internal/keys/x.go", `func init() {}`, "init"},
		{"linkname", "internal/keys/x.go", "//go:linkname a b\nfunc a()", "linkname"},
		{"a long file", "internal/keys/x.go", strings.Repeat("\n", fileLines), "lines"},
		{"a long function", "internal/keys/x.go", "func f() {" + strings.Repeat("\n", functionLines) + "}", "lines"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parse(t, c.file, []byte("package x\n"+c.body+"\n"))
			all := append(f.faults(), f.lengths()...)
			if len(all) != 1 || !strings.Contains(all[0], c.want) {
				t.Errorf("found %q, want one fault with %q", all, c.want)
			}
		})
	}
}

func TestHouseAllows(t *testing.T) {
	for _, c := range []struct{ name, file, body string }{
		{"an import downwards", "internal/dpop/x.go", `import _ "` + module + `internal/jwt"`},
		{"a package of a module", "internal/transport/x.go", `import _ "golang.org/x/net/idna"`},
		{"a test that reads files", "internal/dpop/x_test.go", `import _ "os"`},
		{"a test with an oracle", "internal/dpop/x_test.go", `import _ "github.com/go-jose/go-jose/v4"`},
		{"a method called init", "internal/keys/x.go", `type k int; func (k) init() {}`},
		{"a field that is named like a call", "internal/dpop/x.go", `type e struct{ Now int }; func f(time e) int { return time.Now }`},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := parse(t, c.file, []byte("package x\n"+c.body+"\n"))
			if all := append(f.faults(), f.lengths()...); len(all) > 0 {
				t.Errorf("found %q, want nothing", all)
			}
		})
	}
}

// source is one Go file of this module.
type source struct {
	path, dir string // slashes, from the root
	lines     int
	fset      *token.FileSet
	ast       *ast.File
}

func (s *source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// sources are all Go files under root, whatever their build constraints say.
func sources(t *testing.T, root string) []*source {
	t.Helper()
	var all []*source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || len(d.Name()) > 1 && d.Name()[0] == '.') {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		all = append(all, parse(t, filepath.ToSlash(name), text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func parse(t *testing.T, name string, text []byte) *source {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return &source{path: name, dir: path.Dir(name), lines: strings.Count(string(text), "\n"), fset: fset, ast: file}
}

// faults are what the file does that its package may not. A test file needs a
// package with a place, and is free otherwise: it may compare with anything.
func (s *source) faults() []string {
	if s.dir == "." || strings.HasPrefix(s.dir, "test/") {
		return nil
	}
	at := place(s.dir)
	if at < 0 {
		return []string{fmt.Sprintf("%s: package %s has no place in the house: put it into the table of arch_test.go", s.path, s.dir)}
	}
	if s.test() {
		return nil
	}
	var faults []string
	r := house[at]
	names := map[string]string{} // as written in this file -> import path
	for _, spec := range s.ast.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		local := path.Base(name)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		names[local] = name
		if fault := r.imports(at, name); fault != "" {
			faults = append(faults, s.path+": "+fault)
		}
	}
	return append(faults, s.body(r, names)...)
}

func place(dir string) int {
	return slices.IndexFunc(house, func(r room) bool { return r.path == dir })
}

// imports says why r, the room at that place, may not import name.
func (r room) imports(at int, name string) string {
	if own, ok := strings.CutPrefix(name, module); ok {
		switch below := place(own); {
		case slices.Contains(r.never, own) && own != r.path:
			return fmt.Sprintf("%s must not know %s", r.path, own)
		case below < 0:
			return fmt.Sprintf("%s imports %s, which has no place in the house", r.path, own)
		case below <= at:
			return fmt.Sprintf("%s imports %s, which stands above it", r.path, own)
		}
		return ""
	}
	if first, _, _ := strings.Cut(name, "/"); strings.Contains(first, ".") {
		for _, m := range r.outside {
			if name == m || strings.HasPrefix(name, m+"/") {
				return ""
			}
		}
		return fmt.Sprintf("%s imports %s, which is kept to other packages", r.path, name)
	}
	for _, f := range fences {
		if slices.Contains(f.imports, name) && !slices.Contains(r.powers, f.name) {
			return fmt.Sprintf("%s imports %s: %s", r.path, name, f.instead)
		}
	}
	return ""
}

// body finds the calls behind a fence, and what no package may hold.
func (s *source) body(r room, names map[string]string) []string {
	var faults []string
	say := func(pos token.Pos, format string, v ...any) {
		faults = append(faults, fmt.Sprintf("%s: %s", s.fset.Position(pos), fmt.Sprintf(format, v...)))
	}
	for _, group := range s.ast.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "//go:linkname") {
				say(c.Pos(), "linkname")
			}
		}
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				say(n.Pos(), "init: what runs is called from main")
			}
		case *ast.SelectorExpr:
			x, ok := n.X.(*ast.Ident)
			if !ok || names[x.Name] == "" {
				return true
			}
			what := path.Base(names[x.Name]) + "." + n.Sel.Name
			for _, f := range fences {
				if slices.Contains(f.calls, what) && !slices.Contains(r.powers, f.name) {
					say(n.Pos(), "%s in %s: %s", what, r.path, f.instead)
				}
			}
		}
		return true
	})
	return faults
}

func (s *source) lengths() []string {
	var faults []string
	if s.lines > fileLines {
		faults = append(faults, fmt.Sprintf("%s has %d lines, more than %d", s.path, s.lines, fileLines))
	}
	for _, d := range s.ast.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || s.test() {
			continue
		}
		if n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; n > functionLines {
			faults = append(faults, fmt.Sprintf("%s: %s has %d lines, more than %d", s.fset.Position(f.Pos()), f.Name.Name, n, functionLines))
		}
	}
	return faults
}
