// Package hostile is a server for tests: an authorization server and an API that
// are right but for one fault. [Faults] is the list of them, and says what a client
// must make of each. Only tests import it.
package hostile

import (
	"crypto/tls"
	"net/http"
	"slices"
)

// Place is a part of the server, the one that has the fault. The others are right.
type Place string

// Places.
const (
	Metadata      Place = "metadata" // both well-known forms
	Token         Place = "token"
	Keys          Place = "keys" // the JWK set of the issuer
	Introspection Place = "introspection"
	Revocation    Place = "revocation"
	Resource      Place = "resource"
)

// Fault is one way to be wrong.
type Fault struct {
	Name string
	Does string
	// Want is what a client must make of it, at the places where it can be met.
	Want map[Place]Outcome
	// Hangs: nothing but the client's patience ends it.
	Hangs bool
	// HTTP2 is the protocol that it is told in. The others are told in HTTP/1.1.
	HTTP2 bool

	// One of these makes it. All but the first two are of the connection, and so of
	// every place.
	answer     func(s *Server, w http.ResponseWriter, r *http.Request)
	bytes      func(s *Server, c *tls.Conn, r *http.Request) // of HTTP/1.1
	connection func(s *Server, c *conn)                      // before TLS
	frames     func(s *Server, c *tls.Conn)                  // of HTTP/2
	tls        func(s *Server, c *tls.Config)
	down       bool

	ignorable bool // it is all in the body of a success
}

// Outcome is what a client must make of a fault.
type Outcome struct {
	// Code is the exit code, Type that of the error object.
	Code int
	Type string
	// Cause stands in what is said.
	Cause string
	// Requests is how many the place must see; 0: it does not matter.
	Requests int
	// Args are what the client needs to be told, above all how long to wait.
	Args []string
}

// Faults are all of them.
func Faults() []Fault {
	return slices.Concat(
		connectionFaults(), certificateFaults(), alsoBeside(slowFaults()), alsoBeside(framingFaults()), alsoBeside(headerFaults()), frameFaults(),
		alsoBeside(inBoth(bodyFaults())), alsoBeside(inBoth(redirectFaults())), alsoBeside(contentFaults()),
		tokenFaults(), refusalFaults(), inBoth(nonceFaults()), issuerFaults(),
	)
}

// Places are all of them.
func Places() []Place {
	return []Place{Metadata, Token, Keys, Introspection, Revocation, Resource}
}

// alsoBeside puts faults at the endpoints beside that of tokens, where the same must
// come of them; but of the body of a revocation nothing is read.
func alsoBeside(list []Fault) []Fault {
	for _, f := range list {
		o, ok := f.Want[Token]
		if _, set := f.Want[Introspection]; !ok || set {
			continue
		}
		f.Want[Introspection] = o
		if !f.ignorable {
			f.Want[Revocation] = o
		}
	}
	return list
}

// inBoth tells faults in HTTP/2, too.
func inBoth(list []Fault) []Fault {
	for _, f := range slices.Clone(list) {
		if f.answer != nil && !f.HTTP2 {
			f.Name, f.HTTP2 = f.Name+" in HTTP/2", true
			list = append(list, f)
		}
	}
	return list
}

// Named returns the fault of that name; without a name it is none.
func Named(name string) Fault {
	for _, f := range Faults() {
		if f.Name == name {
			return f
		}
	}
	panic("no fault is called " + name)
}

// right is an outcome: the fault does no harm.
func right() Outcome { return Outcome{} }

// useless is an outcome: the server said what cannot be used, or no.
func useless(cause string) Outcome { return Outcome{Code: 4, Type: "server", Cause: cause} }

// nothing is an outcome: no answer came.
func nothing(cause string) Outcome { return Outcome{Code: 5, Type: "network", Cause: cause} }

// by gives an outcome arguments of the client.
func (o Outcome) by(args ...string) Outcome {
	o.Args = args
	return o
}

// after says how many requests it takes.
func (o Outcome) after(requests int) Outcome {
	o.Requests = requests
	return o
}

// everywhere is the same outcome at the places that answer whole.
func everywhere(o Outcome) map[Place]Outcome {
	return map[Place]Outcome{Metadata: o, Token: o, Keys: o, Resource: o}
}
