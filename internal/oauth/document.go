package oauth

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// document is metadata as it came, by member: of one that stands twice it is the
// last. What it does not say is not the same as what it denies, so each reading
// comes with what became of the member.
type document map[string]json.RawMessage

// readDocument reads metadata that was parsed before; what cannot be read says
// nothing.
func readDocument(raw json.RawMessage) document {
	var d document
	if json.Unmarshal(raw, &d) != nil {
		return nil
	}
	return d
}

// presence says what became of a member.
type presence int

const (
	absent presence = iota
	mistyped
	present
)

// read decodes a member. A null says as little as a member that is not there.
func (d document) read(name string, into any) presence {
	raw, ok := d[name]
	switch {
	case !ok || string(raw) == "null":
		return absent
	case json.Unmarshal(raw, into) != nil:
		return mistyped
	}
	return present
}

func (d document) list(name string) ([]string, presence) {
	var list []string
	p := d.read(name, &list)
	if p != present {
		return nil, p
	}
	return list, p
}

func (d document) flag(name string) (bool, presence) {
	var set bool
	p := d.read(name, &set)
	return set && p == present, p
}

func (d document) text(name string) (string, presence) {
	var s string
	p := d.read(name, &s)
	if p != present {
		return "", p
	}
	return s, p
}

// aliases are the URLs of mtls_endpoint_aliases; one that is no string is "".
func (d document) aliases() (map[string]string, presence) {
	var all map[string]any
	p := d.read("mtls_endpoint_aliases", &all)
	if p != present {
		return nil, p
	}
	urls := map[string]string{}
	for name, v := range all {
		urls[name] = text(v)
	}
	return urls, p
}

// browserEndpoints are those that the user's browser is sent to: no client makes a
// direct request to them.
var browserEndpoints = []string{"authorization_endpoint", "end_session_endpoint"}

// endpoints are the names of the endpoints that clients make direct requests to.
func (d document) endpoints() []string {
	return d.names(func(name string) bool {
		return strings.HasSuffix(name, "_endpoint") && !slices.Contains(browserEndpoints, name)
	})
}

// names are those of the members that fit, sorted.
func (d document) names(fit func(string) bool) []string {
	names := slices.Sorted(maps.Keys(d))
	return slices.DeleteFunc(names, func(name string) bool { return !fit(name) })
}
