package cli

import (
	"io"
	"strings"
	"unicode/utf16"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/material"
)

// Value reads the value of a flag or argument: @FILE is the content of a file, -
// that of standard input, @@x the literal @x; anything else is itself. One final
// LF or CRLF is cut and nothing else, since a token with a newline has another
// hash; a byte order mark is dropped and UTF-16 decoded.
//
// A value that came from the environment is literal.
func (e *Env) Value(flag, s string) (string, error) {
	if e.origins[flag] != "" {
		return s, nil
	}
	switch {
	case s == "-":
		b, err := e.ReadStdin(flag, bounds.ValueFile)
		return Text(b), err
	case strings.HasPrefix(s, "@@"):
		return s[1:], nil
	case strings.HasPrefix(s, "@"):
		b, err := e.readFile(s[1:], bounds.ValueFile)
		return Text(b), err
	}
	return s, nil
}

// Values reads each of a list of values.
func (e *Env) Values(flag string, list []string) ([]string, error) {
	var out []string
	for _, s := range list {
		v, err := e.Value(flag, s)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Material reads a key, certificate or CA file: a path, - or env:NAME. Behind a #
// stands the kid of the key of a JWK set that is meant.
func (e *Env) Material(flag, name string) ([]byte, error) {
	source, kid, chosen := e.chooses(name)
	data, err := e.materialOf(flag, source)
	if err != nil || !chosen {
		return data, err
	}
	return material.Choose(name, data, kid)
}

// chooses splits FILE#KID. A # may be part of the name of a file that is there,
// and of a kid.
func (e *Env) chooses(name string) (source, kid string, chosen bool) {
	if !strings.Contains(name, "#") || files.Exists(name) {
		return name, "", false
	}
	for i, r := range name {
		if r != '#' {
			continue
		}
		source, kid = name[:i], name[i+1:]
		if source == "-" || strings.HasPrefix(source, "env:") || files.Exists(source) {
			return source, kid, true
		}
	}
	return name, "", false
}

func (e *Env) materialOf(flag, name string) ([]byte, error) {
	if variable, ok := strings.CutPrefix(name, "env:"); ok {
		v, ok := e.Environ[variable]
		if !ok {
			return nil, &InputError{Message: "the environment has no variable " + variable, Hint: "env:NAME reads the variable NAME; a file of that name is ./" + name}
		}
		return []byte(v), nil
	}
	if name == "-" {
		return e.ReadStdin(flag, bounds.KeyFile)
	}
	return e.readFile(name, bounds.KeyFile)
}

// ReadStdin reads standard input whole. Only one value of a command may be
// standard input.
func (e *Env) ReadStdin(who string, limit int64) ([]byte, error) {
	if err := e.ClaimStdin(who); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(e.Stdin, limit+1))
	if err != nil {
		return nil, &InputError{Message: "read standard input", Err: err}
	}
	if int64(len(b)) > limit {
		return nil, Input("standard input is longer than %d bytes", limit)
	}
	return b, nil
}

// ClaimStdin notes that standard input is used, and refuses a second use.
func (e *Env) ClaimStdin(who string) error {
	if e.stdinUsed != "" {
		return Usage("%s and %s can't both be standard input", e.stdinUsed, who)
	}
	e.stdinUsed = who
	return nil
}

func (e *Env) readFile(path string, limit int64) ([]byte, error) {
	b, err := files.Read(path, limit)
	if err != nil {
		return nil, &InputError{Err: err}
	}
	return b, nil
}

// Text decodes what a file holds as a value: one final LF or CRLF is cut, a byte
// order mark dropped, UTF-16 with its mark decoded.
func Text(b []byte) string {
	s := string(b)
	if len(b) >= 2 && (b[0] == 0xff && b[1] == 0xfe || b[0] == 0xfe && b[1] == 0xff) {
		s = decodeUTF16(b[2:], b[0] == 0xfe)
	}
	s = strings.TrimPrefix(s, "\ufeff")
	if t, ok := strings.CutSuffix(s, "\n"); ok {
		s = strings.TrimSuffix(t, "\r")
	}
	return s
}

func decodeUTF16(b []byte, bigEndian bool) string {
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		lo, hi := b[i], b[i+1]
		if bigEndian {
			lo, hi = hi, lo
		}
		units = append(units, uint16(hi)<<8|uint16(lo))
	}
	return string(utf16.Decode(units))
}
