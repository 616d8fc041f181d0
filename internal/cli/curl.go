package cli

import (
	"errors"
	"strconv"
	"strings"

	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// Curl returns the options by which curl connects as these flags say.
func (c *Connection) Curl() ([]ui.Shell, error) {
	var words []ui.Shell
	if c.cacert != "" {
		if err := curlReads("cacert", c.cacert); err != nil {
			return nil, err
		}
		words = append(words, "--cacert", ui.Word(c.cacert))
	}
	if c.insecure {
		words = append(words, "--insecure")
	}
	for _, r := range c.resolve {
		words = append(words, "--resolve", ui.Word(r))
	}
	if c.maxTime > 0 {
		words = append(words, "--max-time", ui.Word(strconv.FormatFloat(c.maxTime.Seconds(), 'f', -1, 64)))
	}
	return words, nil
}

// Curl returns the options by which curl presents the certificate. literal says that
// a passphrase stands in them.
func (c *ClientCertificate) Curl(env *Env, p *Passphrases) (words []ui.Shell, literal bool, err error) {
	if c.Cert == "" {
		return nil, false, nil
	}
	locked := ""
	for _, part := range []struct{ flag, option, file string }{{"cert", "--cert", c.Cert}, {"cert-key", "--key", c.keyFile()}} {
		if part.file == "" {
			continue
		}
		format, isLocked, err := curlFormat(c.prefix+part.flag, part.file, p.known)
		if err != nil {
			return nil, false, err
		}
		if format != "PEM" {
			words = append(words, ui.Words(part.option+"-type", format)...)
		}
		if isLocked {
			locked = part.file
		}
		// "--cert <certificate[:password]> [...] If the filename contains a colon, it must
		// be escaped" https://curl.se/docs/manpage.html#-E
		words = append(words, ui.Words(part.option, strings.NewReplacer(`\`, `\\`, ":", `\:`).Replace(part.file))...)
	}
	if locked == "" {
		return words, false, nil
	}
	pass, literal := p.inShell(env, locked)
	return append(words, "--pass", pass), literal, nil
}

// curlReads refuses what only this program can read.
func curlReads(flag, file string) error {
	if file == "-" || strings.HasPrefix(file, "env:") || strings.HasPrefix(file, "/dev/") || strings.HasPrefix(file, "/proc/") {
		return &UsageError{Message: "--" + flag + " " + file + " can't stand in a curl command", Hint: "keep it in a file, and give that"}
	}
	return nil
}

// curlFormat is what curl calls the form of a file, and whether it opens only with a
// passphrase.
func curlFormat(flag, file string, passphrases []string) (format string, locked bool, err error) {
	if err := curlReads(flag, file); err != nil {
		return "", false, err
	}
	data, err := files.Read(file, bounds.KeyFile)
	if err != nil {
		return "", false, err
	}
	if _, err := material.Parse(file, data, nil); errors.Is(err, material.ErrLocked) {
		locked = true
	}
	contents, err := material.Parse(file, data, passphrases)
	if err != nil {
		return "", false, err
	}
	for _, known := range []struct{ part, format string }{{"PKCS#12", "P12"}, {"DER", "DER"}, {"PEM", "PEM"}} {
		if strings.Contains(contents.Format, known.part) {
			return known.format, locked, nil
		}
	}
	return "", false, &UsageError{Message: "--" + flag + " " + file + " can't stand in a curl command: curl reads no " + contents.Format, Hint: "'oauthpop key convert --format pem' writes it as PEM"}
}

// inShell is the passphrase that opens a file, as a shell finds it.
func (p *Passphrases) inShell(env *Env, file string) (word ui.Shell, literal bool) {
	data, err := files.Read(file, bounds.KeyFile)
	if err != nil {
		return ui.Word(""), false
	}
	for i, value := range p.known {
		if _, err := material.Parse(file, data, []string{value}); err == nil {
			word, literal := env.InShell("passphrase", p.list[i], value)
			if len(p.known) > 1 && env.origins["passphrase"] != "" { // one line of several
				return ui.Word(value), true
			}
			return word, literal
		}
	}
	return ui.Word(""), false
}

// SecretInShell is the client's secret as a shell finds it: the variable or the file
// that it came from. literal says that it is the secret itself.
func (i *Identity) SecretInShell(env *Env, value string) (word ui.Shell, literal bool) {
	return env.InShell(i.prefix+"client-secret", i.secret, value)
}

// InShell is the value of a flag as a shell finds it: the variable or the file that it
// came from. literal says that it is the value itself.
func (e *Env) InShell(flag, given, value string) (word ui.Shell, literal bool) {
	if e.origins[flag] == FromEnvironment {
		for _, v := range Variables {
			if v.Flag == flag {
				return ui.Variable(Prefix + v.Name), false
			}
		}
	}
	file, isFile := strings.CutPrefix(given, "@")
	if isFile && !strings.HasPrefix(file, "@") && !strings.HasPrefix(file, "/dev/") && !strings.HasPrefix(file, "/proc/") {
		// A shell cuts off all the line ends behind it, and nothing else.
		data, err := files.Read(file, bounds.ValueFile)
		if err == nil && strings.TrimRight(string(data), "\n") == value {
			return ui.ContentOf(file), false
		}
	}
	return ui.Word(value), true
}
