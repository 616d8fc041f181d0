package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/files"
)

// Passphrases are the flag --passphrase, for all commands that read key files.
type Passphrases struct {
	list  []string
	known []string // once they were read: standard input can be read only once
}

// Add declares the flag.
func (p *Passphrases) Add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&p.list, "passphrase", nil, "opens an encrypted file; each is tried on each (repeatable, @FILE)")
}

// Read returns the passphrases themselves.
func (p *Passphrases) Read(env *Env) ([]string, error) {
	if p.known == nil {
		var err error
		if p.known, err = env.Values("passphrase", p.list); err != nil {
			return nil, err
		}
	}
	return p.known, nil
}

// WarnReadable warns of a private key file that others may read.
func (e *Env) WarnReadable(name string) {
	name, _, _ = e.chooses(name)
	if name == "-" || strings.HasPrefix(name, "env:") {
		return
	}
	if files.WorldReadable(name) {
		e.Warn("the private key file " + name + " can be read by others; chmod 600 " + name)
	}
}
