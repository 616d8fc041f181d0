package oauth

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/oauthpop/oauthpop/internal/jwt"
	"github.com/oauthpop/oauthpop/internal/transport"
)

const resourceForm = "oauth-protected-resource"

// ResourceMetadata is protected resource metadata (RFC 9728). Raw is the document
// as it came.
type ResourceMetadata struct {
	Resource, URL string
	Raw           json.RawMessage
}

// ResourceError says that there is no metadata of a resource that may be used.
type ResourceError struct{ Resource, Why, Hint string }

func (e *ResourceError) Error() string {
	return fmt.Sprintf("no metadata of the resource %q: %s", e.Resource, e.Why)
}

// HintText says what to try.
func (e *ResourceError) HintText() string { return e.Hint }

// DiscoverResource returns the metadata of a protected resource and what a person
// should know about it.
func DiscoverResource(ctx context.Context, t *transport.Transport, given string) (*ResourceMetadata, []string, error) {
	resource, place, err := cutResource(given)
	if err != nil {
		return nil, nil, err
	}
	body, tried, err := fetchDocument(ctx, t, place)
	if err != nil {
		return nil, nil, err
	}
	if tried.Why != "" || tried.Status != http.StatusOK {
		return nil, nil, &ResourceError{
			Resource: resource, Why: "tried " + tried.String(),
			Hint: "give the resource identifier, which may be shorter than the URL that is called; a 401 may name its metadata as resource_metadata",
		}
	}
	o, err := jwt.ParseObject(body)
	if err != nil {
		return nil, nil, &ResourceError{Resource: resource, Why: place + " is not JSON"}
	}
	notes, why := repeated(o)
	if why != "" {
		return nil, nil, &ResourceError{Resource: resource, Why: place + " holds " + why}
	}
	found, _ := o.String("resource")
	note, ok := sameResource(resource, found)
	if !ok {
		return nil, nil, foreignResource(resource, found, place)
	}
	if note != "" {
		notes = append(notes, note)
	}
	return &ResourceMetadata{Resource: found, URL: place, Raw: body}, notes, nil
}

func foreignResource(resource, found, place string) *ResourceError {
	if found == "" {
		return &ResourceError{Resource: resource, Why: place + " holds JSON without a resource"}
	}
	return &ResourceError{
		Resource: resource, Why: fmt.Sprintf("that at %q is of the resource %q (RFC 9728 section 3.3)", place, plain(found)),
		Hint: "if that is the resource you mean, give it as it writes itself; one that poses as another would look the same",
	}
}

// sameResource compares the identifier that was asked for with the one that
// answered. A host with and without a slash behind it is one URL, and has its
// metadata in one place.
//
// "The resource value returned MUST be identical to the protected resource's
// resource identifier value into which the well-known URI path suffix was inserted
// [...]. If these values are not identical, the data contained in the response MUST
// NOT be used." https://www.rfc-editor.org/rfc/rfc9728#section-3.3
func sameResource(expected, found string) (note string, ok bool) {
	if found == expected {
		return "", true
	}
	longer, shorter := found, expected
	if len(longer) < len(shorter) {
		longer, shorter = shorter, longer
	}
	u, err := url.Parse(shorter)
	if err == nil && u.Path == "" && u.RawQuery == "" && longer == shorter+"/" {
		return fmt.Sprintf("the resource writes itself %q: that is used, not %q", found, expected), true
	}
	return "", false
}

// cutResource returns the resource identifier of what a person gives as one, and
// where its metadata is: the URL of the metadata is taken, too.
//
// "any terminating slash (/) following the host component MUST be removed before
// inserting /.well-known/ and the well-known URI path suffix between the host
// component and the path and/or query components"
// https://www.rfc-editor.org/rfc/rfc9728#section-3.1
func cutResource(given string) (resource, place string, err error) {
	u, err := urlOfHost("the resource", given)
	if err != nil {
		return "", "", err
	}
	if strings.Contains(given, "#") {
		// "a URL that uses the https scheme and has no fragment component"
		// https://www.rfc-editor.org/rfc/rfc9728#section-1.2
		return "", "", &InputError{What: "the resource", Value: given, Why: "has a fragment, which no resource has", Hint: "cut it off"}
	}
	origin, rest := u.Scheme+"://"+u.Host, u.EscapedPath()
	if u.RawQuery != "" {
		rest += "?" + u.RawQuery
	}
	if after, ok := strings.CutPrefix(rest, wellKnown+resourceForm); ok && (after == "" || strings.ContainsAny(after[:1], "/?")) {
		return origin + after, given, nil
	}
	if u.Path == "/" {
		rest = rest[1:]
	}
	return given, origin + wellKnown + resourceForm + rest, nil
}

// ResourceFeatures are what is told of a protected resource, in the order of the
// table.
func ResourceFeatures() []Feature {
	const section = "RFC 9728 section 2"
	return []Feature{
		fromList("authorization-servers", section, "issuers whose tokens it takes", "authorization_servers"),
		fromList("bearer-methods", section, "where a token may stand (RFC 6750)", bearerMethods),
		{"dpop", section, "tokens bound to a key, and the algorithms of proofs", []string{dpopAlgs}, readDPoP},
		fromFlag("dpop-required", section, "no other tokens than those bound to a key", "dpop_bound_access_tokens_required"),
		fromFlag("mtls-tokens", section, "tokens bound to a client certificate", mtlsBound),
		fromList("rar", section, "types of authorization_details", "authorization_details_types_supported"),
		fromList("scopes", section, "scopes to ask for", "scopes_supported"),
		fromList("signed-answers", section, "the algorithms that it signs answers with", "resource_signing_alg_values_supported"),
	}
}
