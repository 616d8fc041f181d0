package commands

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/material"
)

// localOptions say what a token is compared with.
type localOptions struct {
	keys, certs []string
	folder      string
	given       givenOptions
	passphrases cli.Passphrases
}

func (o *localOptions) add(cmd *cobra.Command) {
	o.addFiles(cmd)
	cmd.Flags().StringVar(&o.folder, "keys", "", "`DIR` with keys and certificates: which of them is the token bound to?")
	_ = cmd.MarkFlagDirname("keys")
	o.given.add(cmd)
}

// addFiles declares the flags that name files.
func (o *localOptions) addFiles(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringArrayVar(&o.keys, "key", nil, "`FILE` with a key, private or public, that the token may be bound to (repeatable)")
	f.StringArrayVar(&o.certs, "cert", nil, "`FILE` with a certificate that the token may be bound to (repeatable)")
	o.passphrases.Add(cmd)
	_ = cmd.MarkFlagFilename("key")
	_ = cmd.MarkFlagFilename("cert")
}

func (o *localOptions) load(env *cli.Env) (binding.Local, error) {
	var local binding.Local
	passphrases, err := o.passphrases.Read(env)
	if err != nil {
		return local, err
	}
	for _, name := range o.keys {
		k, err := readKey(env, name, passphrases)
		if err != nil {
			return local, err
		}
		local.Keys = append(local.Keys, k)
	}
	for _, name := range o.certs {
		data, err := env.Material("--cert", name)
		if err != nil {
			return local, err
		}
		chain, err := material.Chain(name, data, passphrases)
		if err != nil {
			return local, err
		}
		local.Certificates = append(local.Certificates, tokencmd.LocalCertificate(name, chain[0]))
	}
	if err := o.given.addTo(&local, env); err != nil || o.folder == "" {
		return local, err
	}
	found, err := readFolder(env, o.folder, passphrases)
	local.Keys = append(local.Keys, found.Keys...)
	local.Certificates = append(local.Certificates, found.Certificates...)
	return local, err
}

func readKey(env *cli.Env, name string, passphrases []string) (binding.LocalKey, error) {
	k, err := env.KeyFile("--key", name, passphrases, material.PublicKey)
	if err != nil {
		return binding.LocalKey{}, err
	}
	jkt, err := jwt.Thumbprint(k.Public)
	if err != nil {
		return binding.LocalKey{}, &cli.InputError{Message: fmt.Sprintf("%q", name), Err: err}
	}
	return binding.LocalKey{File: name, JKT: jkt}, nil
}

// found is what one file of a folder holds.
type found struct {
	binding.Local
	private bool
	err     error
}

// readFolder reads every key and certificate of a folder. What is none, or cannot
// be read, is passed over and said.
func readFolder(env *cli.Env, dir string, passphrases []string) (binding.Local, error) {
	names, err := files.List(dir)
	if err != nil {
		return binding.Local{}, err
	}
	if len(names) > bounds.Entries {
		return binding.Local{}, cli.Input("%q holds %d files, more than the %d that are read", dir, len(names), bounds.Entries)
	}
	all := make([]found, len(names))
	var wait sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		wait.Go(func() {
			for i := range next {
				all[i] = readFile(names[i], passphrases)
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	wait.Wait()
	return gather(env, dir, names, all)
}

// saidFiles is how many files are named that were passed over.
const saidFiles = 5

func gather(env *cli.Env, dir string, names []string, all []found) (binding.Local, error) {
	var local binding.Local
	skipped := 0
	for i, f := range all {
		if f.err != nil {
			if skipped++; skipped <= saidFiles {
				env.Say("skipped: %v", f.err)
			}
		}
		if f.private {
			env.WarnReadable(names[i])
		}
		local.Keys = append(local.Keys, f.Keys...)
		local.Certificates = append(local.Certificates, f.Certificates...)
	}
	if skipped > saidFiles {
		env.Say("skipped: %d more files", skipped-saidFiles)
	}
	if local.Empty() {
		return local, cli.Input("%q holds no key and no certificate that can be read", dir)
	}
	return local, nil
}

func readFile(name string, passphrases []string) found {
	var f found
	data, err := files.Read(name, bounds.KeyFile)
	if err != nil {
		f.err = err
		return f
	}
	// A certificate counts even where the key beside it cannot be opened.
	if chain, err := material.Chain(name, data, passphrases); err == nil {
		f.Certificates = append(f.Certificates, tokencmd.LocalCertificate(name, chain[0]))
	}
	contents, err := material.Parse(name, data, passphrases)
	if err != nil {
		f.err = err
		return f
	}
	if len(f.Certificates) == 0 {
		for _, c := range contents.Certificates {
			f.Certificates = append(f.Certificates, tokencmd.LocalCertificate(name, c))
		}
	}
	for _, k := range contents.Keys {
		f.private = f.private || k.Private != nil
		if jkt := tokencmd.Thumbprint(k.Public); jkt != "" {
			f.Keys = append(f.Keys, binding.LocalKey{File: name, JKT: jkt})
		}
	}
	return f
}
