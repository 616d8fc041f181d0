package commands

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/tokencmd"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/files"
	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/token"
	"github.com/oauthpop/oauthpop/internal/wire"
)

type inspectOptions struct {
	env *cli.Env

	local         localOptions
	issuer        issuerOptions
	introspecting cli.Introspecting
	decryptKeys   []string
	requireBound  bool
	requireValid  bool
}

func newInspectCmd(env *cli.Env) *cobra.Command {
	o := &inspectOptions{env: env}
	cmd := &cobra.Command{
		Use:   "inspect [TOKEN|@FILE|-]",
		Short: "Say whether a token is really bound to a key or a certificate",
		Long: `Read an access token and say what it is bound to, and whether that is one of the
keys and certificates given. The token may be pasted as it comes: with its scheme
or the whole header in front, quoted, wrapped, or as a whole token response.
Without an argument it is $OAUTHPOP_TOKEN or standard input.

A key that can't be exported, such as a browser's, is known by a proof that it made
(--proof), or by its thumbprint (--jkt, --x5t).

An opaque token says nothing: --introspect asks its issuer, as the client that the
flags name, --introspect-cert being its certificate. What the issuer says counts
before what the token says itself.

Exit 3 unless the token is bound to what it was compared with.`,
		Example: `  oauthpop inspect @token.txt --key key.jwk
  oauthpop inspect - --cert client.pem --issuer https://as.example.com --require-valid < token.txt
  oauthpop inspect @token.txt --keys ~/keys -o json
  oauthpop inspect @token.txt --proof @proof.txt
  oauthpop inspect @token.txt --key key.jwk --issuer https://as.example.com --introspect --client-id api --client-secret @secret`,
		Args: cli.AtMostOneArg("the token"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd, args) },
	}
	cli.ReadsEnvironment(cmd)
	o.local.add(cmd)
	f := cmd.Flags()
	o.issuer.add(cmd)
	o.introspecting.Add(cmd)
	f.StringArrayVar(&o.decryptKeys, "decrypt-key", nil, "`FILE` with the private key that an encrypted token (JWE) is for (repeatable)")
	f.BoolVar(&o.requireBound, "require-bound", false, "exit 3 unless the token is bound, also where nothing is compared")
	f.BoolVar(&o.requireValid, "require-valid", false, "exit 3 if the token is expired or not valid yet, or its signature is not checked")
	_ = cmd.MarkFlagFilename("decrypt-key")
	return cmd
}

func (o *inspectOptions) run(cmd *cobra.Command, args []string) error {
	if err := o.issuer.check(o.env, cmd); err != nil {
		return err
	}
	local, err := o.local.load(o.env)
	if err != nil {
		return err
	}
	keys, err := o.decryptionKeys()
	if err != nil {
		return err
	}
	client, err := o.introspector(cmd)
	if err != nil {
		return err
	}
	reading, err := o.read(args)
	if err != nil {
		return err
	}
	opened := o.open(reading, keys)
	signature, err := o.signature(cmd.Context(), opened.inside)
	if err != nil {
		return err
	}
	said, err := o.introspect(cmd, client, reading)
	if err != nil {
		return err
	}
	v := o.view(opened, signature, said, local)
	return o.env.Result(v, o.verdict(v, !local.Empty()))
}

// read finds the token: the argument, the environment, standard input.
func (o *inspectOptions) read(args []string) (token.Reading, error) {
	text, where := o.env.Getenv(cli.Prefix+"TOKEN"), cli.Prefix+"TOKEN"
	if len(args) > 0 || text == "" {
		arg := "-"
		if len(args) > 0 {
			arg = args[0]
		} else if o.env.StdinTerminal {
			o.env.Say("paste the token, then end the input (Ctrl-D)")
		}
		var err error
		if text, err = o.env.Value("the token", arg); err != nil {
			return token.Reading{}, err
		}
		where = nameOf(arg)
	}
	r, err := token.Read(text)
	if err != nil {
		return r, unreadable(where, err)
	}
	if r.Kind == token.Opaque && len(args) > 0 && args[0] == r.Token && files.Exists(r.Token) {
		o.env.Warn(fmt.Sprintf("%q is taken as the token itself; there is a file of that name, which is @%s", r.Token, r.Token))
	}
	return r, nil
}

// nameOf names where a value came from; "" for the command line itself.
func nameOf(arg string) string {
	switch file, isFile := strings.CutPrefix(arg, "@"); {
	case arg == "-":
		return "standard input"
	case isFile && !strings.HasPrefix(file, "@"):
		return fmt.Sprintf("%q", file)
	}
	return ""
}

func unreadable(where string, err error) error {
	if where == "" {
		return err
	}
	return &cli.InputError{Message: where, Hint: hintOf(err), Err: err}
}

func (o *inspectOptions) view(d opened, s view.Signature, said *tokencmd.Said, local binding.Local) *view.Inspect {
	r := d.inside
	e := binding.EvidenceOf(r)
	e.Locked = d.locked
	// A right signature with a fault told beside it is of another issuer than the one
	// that was asked about.
	e.Verified = s.Verdict == view.SignatureValid && s.Detail == ""
	e.SignatureInvalid = s.Verdict == view.SignatureInvalid
	v := &view.Inspect{
		Kind: string(d.outside.Kind), TokenType: r.TokenType, Header: d.outside.RawHeader,
		Signature: s, Binding: binding.Judge(said.Evidence(e), local),
	}
	now := o.env.Now()
	if said != nil {
		v.Introspection, v.Vouched = said.Raw, said.Trusted && said.Active
		if claims, err := jwt.ParseObject(said.Raw); err == nil && said.Active {
			v.Times = view.NewTimes(token.TimesOf(claims, now), now)
		}
	}
	if d.decrypted() {
		v.Nested = view.NewNested(r)
	}
	if r.Compact != nil {
		v.Claims = r.Compact.RawPayload
		v.Times = view.NewTimes(token.TimesOf(r.Compact.Payload, now), now)
	}
	return v
}

// verdict is the error of what was asked for and does not hold.
func (o *inspectOptions) verdict(v *view.Inspect, compared bool) error {
	var faults []string
	hint := ""
	if !binding.ExitOK(v.Binding, compared || o.requireBound || len(o.decryptKeys) > 0 && v.Binding.Reason == string(binding.Encrypted)) {
		faults = append(faults, v.Binding.Verdict+": "+v.Binding.Detail)
		hint = inspectHint(v)
	}
	if o.requireValid {
		faults = append(faults, validity(v)...)
	}
	if len(faults) == 0 {
		return nil
	}
	return &cli.CheckError{Message: strings.Join(faults, "; "), Hint: hint}
}

// validity lists what keeps a token from being good now.
func validity(v *view.Inspect) []string {
	var faults []string
	if t := v.Times; t != nil {
		if t.Expired {
			faults = append(faults, "the token is expired")
		}
		if t.NotYetValid {
			faults = append(faults, "the token is not valid yet")
		}
		faults = append(faults, t.Faults...)
	}
	switch s := v.Signature; {
	case s.Verdict == view.SignatureNotChecked && v.Vouched:
		// Its issuer itself has said that it is good.
	case s.Verdict == view.SignatureNotChecked:
		faults = append(faults, "the signature is not checked")
	case s.Detail != "":
		faults = append(faults, "the signature is "+s.Verdict+", but "+s.Detail)
	case s.Verdict == view.SignatureInvalid:
		faults = append(faults, "the signature is invalid")
	}
	return faults
}

const introspectionHint = "the issuer may say what it is bound to: --introspect asks it (RFC 7662)"

// inspectHint says what to try, by what the token is and then by its binding.
func inspectHint(v *view.Inspect) string {
	switch {
	case v.NoToken():
		return "the access token is the member access_token of a token response, and stands in the header Authorization of a request"
	case v.Binding.Reason == string(binding.Encrypted) && !decryptable(v.Header):
		return introspectionHint
	}
	return bindingHint(v.Binding)
}

// bindingHint says what to try.
func bindingHint(b wire.Binding) string {
	switch binding.Reason(b.Reason) {
	case binding.NoCnf:
		return "'oauthpop token --dpop --key FILE' asks for a token that is bound to a key, --mtls --cert FILE for one that is bound to a certificate"
	case binding.KeyDiffers, binding.CertificateDiffers:
		return "--keys DIR compares it with every key and certificate in a folder"
	case binding.NotCompared, binding.HalfCompared:
		for _, c := range b.Candidates {
			if c.Kind == "key" {
				return "give the certificate with --cert"
			}
		}
		return "give the key with --key, or a proof of it with --proof"
	case binding.MalformedCnf:
		return "the issuer has to write the thumbprint as base64url without padding (RFC 7638, RFC 8705 section 3.1)"
	case binding.UnknownCnf:
		return "jkt (RFC 9449) and x5t#S256 (RFC 8705) are known"
	case binding.Opaque:
		return introspectionHint
	case binding.Encrypted:
		return "--decrypt-key opens it with the private key of the resource server; " + introspectionHint
	case binding.SignatureInvalid:
		return "is the token from another issuer, or was it changed?"
	case binding.NotAToken: // a proof
		return "'oauthpop dpop verify' checks a proof"
	}
	return ""
}
