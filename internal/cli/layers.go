package cli

import (
	"slices"
)

// Layer is one place that values come from: the flags, the environment, later a
// session and a profile. Values are by flag name; a flag that is a list has
// several.
type Layer struct {
	Name   string
	Values map[string][]string
}

// Names of the layers, as they are shown.
const (
	FromFlag        = "flag"
	FromEnvironment = "environment"
)

// Choice is what a flag is in the end, and the layer that said so.
type Choice struct {
	Values []string
	Layer  string
}

// Units are values that only make sense together: all of them come from the
// highest layer that has any of them, so that a certificate of the command line
// never meets a key of the environment.
var Units = [][]string{
	{"cert", "cert-key"},
	{"issuer", "token-endpoint"},
	{"session", "token"},
}

// belongings are what authenticates a client: it goes with the client of its own
// layer, and never with one that a higher layer names. A secret of the environment
// is not sent for another client than that of the environment.
var belongings = []string{"client-secret", "client-key", "client-kid", "auth-method"}

// foreign says whether a layer names another client than the one that a higher
// layer has chosen.
func foreign(merged map[string]Choice, layer Layer) bool {
	chosen, named := merged["client-id"].Values, layer.Values["client-id"]
	return len(chosen) > 0 && len(named) > 0 && !slices.Equal(chosen, named)
}

// Merge takes each value from the highest layer that has it, and each unit from
// one layer alone. Layers are given from the highest to the lowest.
func Merge(layers ...Layer) map[string]Choice {
	merged := map[string]Choice{}
	taken := map[string]string{} // member of a unit -> the layer that the unit comes from
	for _, layer := range layers {
		for _, unit := range Units {
			if slices.ContainsFunc(unit, func(m string) bool { return len(layer.Values[m]) > 0 }) {
				for _, member := range unit {
					if taken[member] == "" {
						taken[member] = layer.Name
					}
				}
			}
		}
		others := foreign(merged, layer)
		for name, values := range layer.Values {
			if len(values) == 0 || others && slices.Contains(belongings, name) {
				continue
			}
			if owner := taken[name]; owner != "" && owner != layer.Name {
				continue
			}
			if _, done := merged[name]; !done {
				merged[name] = Choice{values, layer.Name}
			}
		}
	}
	return merged
}
