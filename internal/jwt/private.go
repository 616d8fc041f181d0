package jwt

// privateMembers are those of RSA, EC, OKP and symmetric keys.
// https://www.rfc-editor.org/rfc/rfc7518#section-6
var privateMembers = [...]string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

// PrivateMembers returns the members of a JWK that are there and that nobody but
// its holder may know.
func (o *Object) PrivateMembers() []string {
	var found []string
	for _, name := range privateMembers {
		if _, ok := o.Get(name); ok {
			found = append(found, name)
		}
	}
	return found
}
