package cli

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestMerge(t *testing.T) {
	// A layer is written "name=value name=value"; a list repeats its name.
	tests := []struct{ name, flags, environment, want string }{
		{"nothing", "", "", ""},
		{"a flag alone", "issuer=A", "", "issuer=A@flag"},
		{"the environment alone", "", "client-id=c", "client-id=c@environment"},
		{"a flag is above the environment", "client-id=f", "client-id=e", "client-id=f@flag"},
		{"values that are no unit mix", "client-id=f", "scope=e", "client-id=f@flag scope=e@environment"},
		{"a list is taken whole", "resource=1", "resource=2 resource=3", "resource=1@flag"},
		{"a list of the environment keeps its order", "", "resource=2 resource=3", "resource=2,3@environment"},
		{"a certificate does not meet the environment's key", "cert=a", "cert-key=b", "cert=a@flag"},
		{"nor a key the environment's certificate", "cert-key=a", "cert=b cert-key=c", "cert-key=a@flag"},
		{"a pair of the environment stays together", "key=k", "cert=b cert-key=c", "cert=b@environment cert-key=c@environment key=k@flag"},
		{"a token endpoint shuts out the environment's issuer", "token-endpoint=T", "issuer=I", "token-endpoint=T@flag"},
		{"an issuer shuts out the environment's token endpoint", "issuer=I", "token-endpoint=T issuer=J", "issuer=I@flag"},
		{"both of one layer stay", "issuer=I token-endpoint=T", "", "issuer=I@flag token-endpoint=T@flag"},
		{"a token shuts out the environment's session", "token=t", "session=s", "token=t@flag"},
		{"a secret serves a client of the command line where it is nobody else's", "client-id=f", "client-secret=s", "client-id=f@flag client-secret=s@environment"},
		{"but not where it belongs to another client", "client-id=f", "client-id=e client-secret=s client-key=k auth-method=m scope=x", "client-id=f@flag scope=x@environment"},
		{"the same client named twice keeps it", "client-id=e", "client-id=e client-secret=s", "client-id=e@flag client-secret=s@environment"},
		{"an empty list is no value", "issuer=", "issuer=J", "issuer=J@environment"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := written(Merge(layer(FromFlag, tt.flags), layer(FromEnvironment, tt.environment))); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func layer(name, s string) Layer {
	l := Layer{name, map[string][]string{}}
	for pair := range strings.FieldsSeq(s) {
		if k, v, _ := strings.Cut(pair, "="); v != "" {
			l.Values[k] = append(l.Values[k], v)
		} else {
			l.Values[k] = nil
		}
	}
	return l
}

func written(m map[string]Choice) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+"="+strings.Join(m[k].Values, ",")+"@"+m[k].Layer)
	}
	return strings.Join(out, " ")
}
