package hostile

import "testing"

func TestEachFaultSaysWhatMustComeOfIt(t *testing.T) {
	names := map[string]bool{}
	for _, f := range Faults() {
		if names[f.Name] || f.Name == "" || f.Does == "" || len(f.Want) == 0 {
			t.Errorf("fault %q: does %q, wants %v", f.Name, f.Does, f.Want)
		}
		names[f.Name] = true
		if Named(f.Name).Does != f.Does {
			t.Errorf("%q is not found by its name", f.Name)
		}
		kinds := map[int]string{0: "", 3: "check", 4: "server", 5: "network"}
		for at, o := range f.Want {
			kind, ok := kinds[o.Code]
			if !ok || o.Type != kind || (o.Code != 0) != (o.Cause != "") {
				t.Errorf("%s at %s: %+v", f.Name, at, o)
			}
			if f.Hangs && len(o.Args) == 0 {
				t.Errorf("%s at %s: the client is not told how long to wait", f.Name, at)
			}
		}
	}
}
