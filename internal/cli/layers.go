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
		for name, values := range layer.Values {
			if len(values) == 0 {
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
