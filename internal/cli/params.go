package cli

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
)

// ownParams are those that only the request itself may set.
var ownParams = []string{"grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type"}

// Params returns the form of the token request, without what authenticates the
// client.
func (c *Client) Params(env *Env) (url.Values, error) {
	form := url.Values{"grant_type": {grants[0]}}
	if c.scope != "" {
		form.Set("scope", c.scope)
	}
	if c.apiAud != "" {
		form.Set("audience", c.apiAud)
	}
	for _, r := range c.resources {
		// "Its value MUST be an absolute URI … [and] MUST NOT include a fragment
		// component." https://www.rfc-editor.org/rfc/rfc8707#section-2
		if u, err := url.Parse(r); err != nil || !u.IsAbs() || u.Fragment != "" {
			return nil, Usage("--resource %q is not an absolute URI without fragment", r)
		}
		form.Add("resource", r)
	}
	if c.details != "" {
		details, err := c.authorizationDetails(env)
		if err != nil {
			return nil, err
		}
		form.Set("authorization_details", details)
	}
	for _, p := range c.more {
		name, value, ok := strings.Cut(p, "=")
		switch {
		case !ok || name == "":
			return nil, Usage("--param %q is not NAME=VALUE", shown(p))
		case slices.Contains(ownParams, name):
			return nil, Usage("--param %s: that parameter is made by the request itself", name)
		// "Request and response parameters MUST NOT be included more than once."
		// https://www.rfc-editor.org/rfc/rfc6749#section-3.2
		case form.Has(name) && name != "resource":
			return nil, Usage("--param %s: that parameter is there already", name)
		}
		form.Add(name, value)
	}
	return form, nil
}

// authorizationDetails reads --authorization-details. What an object must have beside
// its type only the server knows; the line breaks of a file are left out.
//
// "The request parameter authorization_details contains, in JSON notation, an array
// of objects. [...] type: [...] This field is REQUIRED."
// https://www.rfc-editor.org/rfc/rfc9396#section-2
func (c *Client) authorizationDetails(env *Env) (string, error) {
	const flag = "--authorization-details"
	text, err := env.Value("authorization-details", c.details)
	if err != nil {
		return "", err
	}
	var all []json.RawMessage
	if json.Unmarshal([]byte(text), &all) != nil || all == nil {
		fault := Usage("%s is not a JSON array of objects (RFC 9396 section 2)", flag)
		fault.Hint = `for example '[{"type":"payment_initiation","actions":["initiate"]}]'; @FILE reads it from a file`
		return "", fault
	}
	for i, one := range all {
		o, err := jwt.ParseObject(one)
		if err != nil {
			return "", Usage("%s: number %d is not a JSON object (RFC 9396 section 2)", flag, i+1)
		}
		if kind, ok := o.String("type"); !ok || kind == "" || slices.Contains(o.Duplicates(), "type") {
			return "", Usage("%s: number %d has no type, which is a string (RFC 9396 section 2)", flag, i+1)
		}
	}
	var compact bytes.Buffer
	err = json.Compact(&compact, []byte(text))
	return compact.String(), err
}
