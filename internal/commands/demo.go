package commands

import (
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/bounds"
	"github.com/oauthpop/oauthpop/internal/certs"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/keys"
	"github.com/oauthpop/oauthpop/internal/material"
	"github.com/oauthpop/oauthpop/internal/profile"
	"github.com/oauthpop/oauthpop/internal/server"
	"github.com/oauthpop/oauthpop/internal/server/state"
	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/wire"
)

func newDemoCmd(env *cli.Env) *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Tell the whole story on a server of its own, in a few seconds",
		Long: `Start a test server on free ports, make a key and a client certificate, get a
token bound to each, call the API, look at the tokens, and then be the thief who
has the tokens and not the keys. It fails if any step does not come out as it
should.`,
		Example: `  oauthpop demo
  oauthpop demo -o json`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd.Context(), env) },
	}
}

// demo is the story while it is told.
type demo struct {
	env   *cli.Env
	ctx   context.Context
	stand *standing
	roots *x509.CertPool
	story view.Demo
}

func runDemo(ctx context.Context, env *cli.Env) error {
	serve := &serveOptions{
		env: env, listen: "127.0.0.1:0", listenMTLS: "127.0.0.1:0",
		nonces: string(server.NoncesRequired), lifetime: 5 * time.Minute,
	}
	stand, err := serve.stand(ctx, true)
	if err != nil {
		return err
	}
	defer stand.close()
	d := &demo{env: env, ctx: ctx, stand: stand, roots: x509.NewCertPool()}
	d.roots.AddCert(stand.state.ServerCA.Certificate)
	for _, chapter := range []func() error{d.dpop, d.mtls} {
		if err := chapter(); err != nil {
			return err
		}
	}
	return env.Result(&d.story, d.failure())
}

func (d *demo) failure() error {
	for _, c := range d.story.Chapters {
		for _, s := range c.Steps {
			if !s.OK {
				return &cli.CheckError{Message: fmt.Sprintf("%s: %s: %s (%s)", c.Title, s.What, s.Outcome, s.Detail)}
			}
		}
	}
	return nil
}

func (d *demo) chapter(title string) {
	d.story.Chapters = append(d.story.Chapters, view.DemoChapter{Title: title})
}

// step tells one step of the chapter.
func (d *demo) step(s view.DemoStep) {
	c := &d.story.Chapters[len(d.story.Chapters)-1]
	c.Steps = append(c.Steps, s)
}

// client returns a built-in client that authenticates as it is registered.
func (d *demo) client(id string) state.Client {
	for _, c := range d.stand.state.Clients {
		if c.ID == id {
			return c
		}
	}
	return state.Client{}
}

// transport reaches the server, with a certificate if there is one.
func (d *demo) transport(cert *tls.Certificate) *transport.Transport {
	return transport.New(transport.Config{Roots: d.roots, Certificate: cert, Timeout: bounds.Timeout, Now: d.env.Now})
}

// obtain gets a token and tells what it is bound to.
func (d *demo) obtain(spec profile.Spec, t *transport.Transport, resource string) (*tokencmd.Obtained, error) {
	spec.Issuer = d.stand.ready.Issuer
	client, err := profile.New(spec)
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"client_credentials"}, "resource": {resource}}
	o, err := tokencmd.Obtain(d.ctx, d.env, client, t, tokencmd.Ask{Form: form, RequireVerified: true})
	if err != nil {
		return nil, err
	}
	d.step(view.DemoStep{What: "get a token", Outcome: o.Binding.Verdict, Detail: o.Binding.Detail, OK: o.AsAsked})
	return o, nil
}

// dpop is the story of RFC 9449.
func (d *demo) dpop() error {
	d.chapter("DPoP (RFC 9449): the token is bound to a key")
	key, other, err := twoKeys()
	if err != nil {
		return err
	}
	t := d.transport(nil)
	defer t.Close()
	basic := d.client(state.Basic)
	spec := profile.Spec{ClientID: basic.ID, Secret: basic.Client.Secret, DPoP: true, Key: &key, KeyFile: "own key"}
	d.step(view.DemoStep{What: "make a key", Outcome: "ES256", Detail: "thumbprint " + tokencmd.Thumbprint(key.Public), OK: true})
	o, err := d.obtain(spec, t, d.stand.ready.Resource)
	if err != nil {
		return err
	}
	d.inspect(o.Answer.AccessToken, binding.Local{Keys: []binding.LocalKey{{File: "another key", JKT: tokencmd.Thumbprint(other.Public)}}})
	thief := &dpopThief{demo: d, transport: t, token: o.Answer.AccessToken, url: d.stand.ready.Resource, owner: o.Prover}
	if thief.own, err = profile.Prover(&other, nil); err != nil {
		return err
	}
	return thief.story()
}

// mtls is the story of RFC 8705.
func (d *demo) mtls() error {
	d.chapter("Mutual TLS (RFC 8705): the token is bound to a client certificate")
	client := d.client(state.TLS)
	own := client.Certificate
	d.step(view.DemoStep{What: "have a certificate of a CA", Outcome: certs.SubjectDN(own.Leaf), Detail: "x5t#S256 " + certs.Thumbprint(own.Leaf), OK: true})
	t := d.transport(own)
	defer t.Close()
	spec := profile.Spec{ClientID: client.ID, MTLS: true, Certificate: own, CertFile: "own certificate"}
	o, err := d.obtain(spec, t, d.stand.ready.MTLSResource)
	if err != nil {
		return err
	}
	another, reissued, err := d.thiefCertificates(own)
	if err != nil {
		return err
	}
	d.inspect(o.Answer.AccessToken, binding.Local{Certificates: []binding.LocalCertificate{{File: "another certificate", X5T: certs.Thumbprint(another.Leaf)}}})
	thief := &mtlsThief{demo: d, token: o.Answer.AccessToken, url: d.stand.ready.MTLSResource}
	return thief.story(own, another, reissued)
}

// inspect compares the token with material that it is not bound to.
func (d *demo) inspect(t wire.Secret, foreign binding.Local) {
	b := tokencmd.CompareWith(t, foreign)
	d.step(view.DemoStep{
		What: "inspect it with what it is not bound to", Outcome: b.Verdict, Detail: b.Reason,
		OK: b.Verdict == string(binding.BoundToAnotherKey),
	})
}

// thiefCertificates are another certificate of the same CA, and one that was
// issued anew for the key of the owner.
func (d *demo) thiefCertificates(own *tls.Certificate) (another, reissued *tls.Certificate, err error) {
	key, err := keys.Generate("ES256", 0)
	if err != nil {
		return nil, nil, err
	}
	if another, err = d.issue("CN=thief", key.Private); err != nil {
		return nil, nil, err
	}
	reissued, err = d.issue(certs.SubjectDN(own.Leaf), own.PrivateKey.(crypto.Signer))
	return another, reissued, err
}

func (d *demo) issue(subject string, key crypto.Signer) (*tls.Certificate, error) {
	name, err := certs.ParseDN(subject)
	if err != nil {
		return nil, err
	}
	now := d.env.Now()
	cert, err := d.stand.state.ClientCA.Issue(certs.Request{
		Subject: name, Usage: certs.UsageClient, PublicKey: key.Public(),
		NotBefore: now.Add(-time.Minute), NotAfter: now.Add(time.Hour),
	})
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}, nil
}

func twoKeys() (a, b material.Key, err error) {
	if a, err = keys.Generate("ES256", 0); err != nil {
		return a, b, err
	}
	b, err = keys.Generate("ES256", 0)
	return a, b, err
}
