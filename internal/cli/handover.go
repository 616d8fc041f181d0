package cli

import (
	"path/filepath"
	"strings"
)

// Handover is what the next command needs beside a token: the variables that name the
// key and the certificate, with "" for one that must not stay as it is.
//
// A file is named by its absolute path, since the shell may be elsewhere by then.
// What is nowhere kept can't be handed on.
func (c *Client) Handover(env *Env, proof, certificate bool) ([][2]string, error) {
	var all [][2]string
	for _, v := range []struct {
		flag, file string
		used       bool
	}{
		{"key", c.ProofKey, proof},
		{"cert", c.Certificate.Cert, certificate},
		{"cert-key", c.Certificate.keyFile(), certificate},
	} {
		name := Prefix + strings.ToUpper(strings.ReplaceAll(v.flag, "-", "_"))
		if !v.used || v.file == "" {
			if env.Getenv(name) != "" {
				all = append(all, [2]string{name, ""})
			}
			continue
		}
		file, err := env.lasting(v.flag, v.file)
		if err != nil {
			return nil, err
		}
		all = append(all, [2]string{name, file})
	}
	return all, nil
}

// lasting is the name of a file that another command can read, too.
func (e *Env) lasting(flag, file string) (string, error) {
	source, kid, chosen := e.chooses(file)
	switch {
	case strings.HasPrefix(source, "env:"):
		return file, nil
	case source == "-", strings.HasPrefix(source, "gen:"), strings.HasPrefix(source, "/dev/"), strings.HasPrefix(source, "/proc/"):
		return "", &UsageError{
			Message: "-o env can't hand on --" + flag + " " + file + ": no other command can read it",
			Hint:    "keep it in a file, and give that: 'oauthpop key generate --out key.jwk' makes a key",
		}
	}
	absolute, err := filepath.Abs(source)
	if err != nil {
		return "", &InputError{Message: "--" + flag + " " + file, Err: err}
	}
	if chosen {
		absolute += "#" + kid
	}
	return absolute, nil
}
