package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/oauthpop/oauthpop/internal/ui"
)

// Global are the flags of every command.
type Global struct {
	Output, Color  string
	Quiet, Verbose bool
}

// AddGlobal declares the flags of every command on the root.
func (e *Env) AddGlobal(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVarP(&e.Global.Output, "output", "o", "text", "form of the result: text or json, and more where the command says so")
	f.BoolVarP(&e.Global.Quiet, "quiet", "q", false, "on standard error only errors and warnings about a binding")
	f.BoolVarP(&e.Global.Verbose, "verbose", "v", false, "requests and answers on standard error, and where values came from")
	f.StringVar(&e.Global.Color, "color", "auto", "colour: auto, always or never (NO_COLOR is honoured)")
	Complete(root, "color", "auto", "always", "never")
	_ = root.RegisterFlagCompletionFunc("output", func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		return formats(cmd), cobra.ShellCompDirectiveNoFileComp
	})
}

const moreFormats = "oauthpop_formats"

// Formats declares forms of the result beside text and json. The result must be
// a ui.Formatter.
func Formats(cmd *cobra.Command, names ...string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[moreFormats] = strings.Join(names, " ")
}

func formats(cmd *cobra.Command) []string {
	return append([]string{"text", "json"}, strings.Fields(cmd.Annotations[moreFormats])...)
}

// Complete offers the values of a flag to the shell.
func Complete(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// Prepare reads the environment into the flags and checks the global ones. It
// runs before every command.
func (e *Env) Prepare(cmd *cobra.Command, _ []string) error {
	if err := e.applyEnvironment(cmd); err != nil {
		return err
	}
	if !slices.Contains([]string{"auto", "always", "never"}, e.Global.Color) {
		bad := e.Global.Color
		e.Global.Color = "never"
		return Usage("--color %q is not auto, always or never", bad)
	}
	if !slices.Contains(formats(cmd), e.Global.Output) {
		err := Usage("-o %q is not a form of this result: it has %s", e.Global.Output, strings.Join(formats(cmd), ", "))
		if strings.Contains(e.Global.Output, ".") && cmd.Flags().Lookup("out-file") != nil {
			err.Hint = "-O FILE writes the body to a file; -o chooses the form of the result"
		}
		e.Global.Output = "text"
		return err
	}
	e.warnUnknown()
	e.tellOrigins(cmd)
	return nil
}

// JSON says whether the result is to be JSON.
func (e *Env) JSON() bool { return e.Global.Output == "json" }

func (e *Env) colored(terminal bool) bool {
	switch e.Global.Color {
	case "always":
		return true
	case "never":
		return false
	}
	// https://no-color.org: present and not empty, whatever its value.
	return terminal && e.Environ["NO_COLOR"] == "" && e.Environ["TERM"] != "dumb"
}

// Out returns the printer for results.
func (e *Env) Out() *ui.Printer {
	p := ui.New(e.Stdout, e.colored(e.StdoutTerminal))
	p.SetWidth(e.StdoutWidth)
	return p
}

// Err returns the printer for all that is said to a person besides.
func (e *Env) Err() *ui.Printer {
	p := ui.New(e.Stderr, e.colored(e.StderrTerminal))
	p.SetWidth(e.StderrWidth)
	return p
}

// Say writes a remark to standard error, unless --quiet.
func (e *Env) Say(format string, args ...any) {
	if !e.Global.Quiet {
		e.Err().Line(format, args...)
	}
}

// Warn writes a warning to standard error, unless --quiet.
func (e *Env) Warn(message string) {
	if !e.Global.Quiet {
		e.Err().Warn(message)
	}
}

// WarnBinding writes a warning about a binding, which --quiet does not silence.
func (e *Env) WarnBinding(message string) { e.Err().Warn(message) }

// Result writes the result of a command in the form that was asked for. With an
// error, which a check gave (exit 3), the result is shown all the same: drawn, or
// in one object with the error.
func (e *Env) Result(v ui.Drawer, err error) error {
	if err != nil {
		if e.JSON() {
			e.result = v
		} else if e.Global.Output == "text" {
			v.Draw(e.Out())
		}
		return err
	}
	switch e.Global.Output {
	case "json":
		b, err := encode(v)
		if err != nil {
			return err
		}
		return e.write(b)
	case "text":
		p := e.Out()
		v.Draw(p)
		if err := p.Err(); err != nil {
			return fmt.Errorf("write the result: %w", err)
		}
		return nil
	}
	f, ok := v.(ui.Formatter)
	if !ok {
		return Usage("-o %q is not a form of this result", e.Global.Output)
	}
	return e.write([]byte(f.Format(e.Global.Output)))
}

func (e *Env) write(b []byte) error {
	if _, err := e.Stdout.Write(b); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// ErrorObject is the JSON of an error.
type ErrorObject struct {
	Code       int         `json:"code"`
	Type       string      `json:"type"`
	Message    string      `json:"message"`
	Hint       string      `json:"hint,omitempty"`
	OAuth      *OAuthError `json:"oauth,omitempty"`
	HTTPStatus int         `json:"http_status,omitempty"`
}

// OAuthError are the server's own words (RFC 6749 section 5.2).
type OAuthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description,omitempty"`
	URI         string `json:"error_uri,omitempty"`
}

// Fail reports the error that ended a command: two lines on standard error, or
// with -o json one object on standard output, together with the result if a
// check said no.
func (e *Env) Fail(o ErrorObject) {
	if !e.JSON() {
		e.Err().Error(o.Message, o.Hint)
		return
	}
	b, err := mergedObject(e.result, o)
	if err != nil {
		e.Err().Error(err.Error(), "")
		return
	}
	if err := e.write(b); err != nil {
		e.Err().Error(o.Message, o.Hint)
	}
}

// mergedObject encodes the members of a result, if there is one, and the error
// as its last member.
func mergedObject(result ui.Drawer, o ErrorObject) ([]byte, error) {
	failure, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	if result == nil {
		return indent([]byte(`{"error":` + string(failure) + `}`))
	}
	b, err := json.Marshal(result)
	if err != nil {
		return nil, err
	}
	members := bytes.TrimSuffix(b, []byte("}"))
	if !bytes.HasSuffix(members, []byte("{")) {
		members = append(members, ',')
	}
	return indent(append(members, `"error":`+string(failure)+`}`...))
}

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return indent(b)
}

// indent lays out JSON; the bytes of numbers and strings stay as they are.
func indent(b []byte) ([]byte, error) {
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

// OutputOf finds -o in arguments that could not be parsed, so that even then the
// error has the form that was asked for.
func OutputOf(args []string, environ map[string]string) string {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	fs.ParseErrorsWhitelist.UnknownFlags = true
	fs.Usage = func() {}
	out := fs.StringP("output", "o", environ[Prefix+"OUTPUT"], "")
	_ = fs.Parse(args)
	return *out
}
