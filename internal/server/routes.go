package server

import (
	"net/http"
	"path"
	"slices"
	"strings"
)

// Paths of the endpoints.
const (
	tokenPath     = "/token"
	jwksPath      = "/jwks"
	resourcePath  = "/api"
	metadataPath  = "/.well-known/oauth-authorization-server"
	discoveryPath = "/.well-known/openid-configuration"
)

// access says who a route answers.
type access string

const (
	// public routes answer everybody.
	public access = "public"
	// forClients is the token endpoint: clients authenticate themselves in it.
	forClients access = "clients"
	// forHolders needs an access token that belongs to whoever sends it: the router
	// asks the guard before the route is run.
	forHolders access = "holders"
)

// route is one endpoint.
type route struct {
	path string
	// below says that everything under the path is meant as well.
	below bool
	// methods are those it takes; none is all.
	methods []string
	access  access
	run     func(*exchange)
}

// table is every route there is.
func (p *site) table() []route {
	get := []string{http.MethodGet, http.MethodHead}
	return []route{
		{path: metadataPath, methods: get, access: public, run: (*exchange).metadata},
		{path: discoveryPath, methods: get, access: public, run: (*exchange).metadata},
		{path: jwksPath, methods: get, access: public, run: (*exchange).jwks},
		{path: tokenPath, methods: []string{http.MethodPost}, access: forClients, run: (*exchange).token},
		{path: resourcePath, below: true, access: forHolders, run: (*exchange).resource},
	}
}

// ServeHTTP answers one request.
func (p *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := p.newExchange(w, r)
	defer x.log()
	x.headers()
	if preflight(r) {
		x.preflight()
		return
	}
	route := p.find(r.URL.Path)
	switch {
	case route == nil:
		x.fail(&OAuthError{Status: http.StatusNotFound, Code: "not_found", Description: "there is no such endpoint"})
	case route.methods != nil && !slices.Contains(route.methods, r.Method):
		w.Header().Set("Allow", strings.Join(route.methods, ", "))
		x.fail(&OAuthError{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Description: "this endpoint takes " + strings.Join(route.methods, ", ")})
	default:
		x.run(route)
	}
}

// run gives nonces where proofs are expected, and lets nobody into a protected
// route but the holder of a token.
func (x *exchange) run(route *route) {
	if route.access != public {
		x.giveNonce()
	}
	if route.access == forHolders && !x.admit() {
		return
	}
	route.run(x)
}

// find returns the route of a path. A path with dot segments has none: it would
// be one URL to the router and another to whoever compares URLs.
// https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2.3
func (p *site) find(urlPath string) *route {
	segments := strings.Split(urlPath, "/")
	if slices.Contains(segments, ".") || slices.Contains(segments, "..") {
		return nil
	}
	for i, r := range p.routes {
		if urlPath == r.path || r.below && strings.HasPrefix(urlPath, path.Clean(r.path)+"/") {
			return &p.routes[i]
		}
	}
	return nil
}
