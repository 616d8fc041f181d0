package oauth

import "encoding/json"

// What metadata shows of a clause. A clause that does not apply to the server is
// neither kept nor broken.
const (
	ClausePassed        = "passed"
	ClauseFailed        = "failed"
	ClauseCannotTell    = "cannot-tell"
	ClauseNotApplicable = "not-applicable"
)

// Profile is a security profile as far as metadata can show it. What a server does
// beside that, no reading of metadata tells.
type Profile struct {
	ID, Title, Link string
	// Server are the clauses on authorization servers, Resource those on APIs.
	Server, Resource []Clause
}

// Clause is one requirement of a profile.
type Clause struct {
	ID, Section, Text string
	judge             func(document) finding
}

// finding is what one clause makes of metadata.
type finding struct{ status, found string }

// ClauseResult is what became of a clause.
type ClauseResult struct {
	ID      string
	Section string
	Status  string
	Text    string
	Found   string
}

// CheckClauses judges metadata by every clause, in their order. The verdict is that
// of the worst: a clause that failed, else one that cannot be told.
func CheckClauses(raw json.RawMessage, clauses []Clause) (verdict string, results []ClauseResult) {
	d := readDocument(raw)
	verdict = ClausePassed
	for _, c := range clauses {
		f := c.judge(d)
		results = append(results, ClauseResult{c.ID, c.Section, f.status, c.Text, f.found})
		if f.status == ClauseFailed || f.status == ClauseCannotTell && verdict == ClausePassed {
			verdict = f.status
		}
	}
	return verdict, results
}

// Profiles are those that metadata can be checked against.
func Profiles() []Profile { return []Profile{fapi2()} }

// ProfileOf returns the profile of that name.
func ProfileOf(id string) (Profile, bool) {
	for _, p := range Profiles() {
		if p.ID == id {
			return p, true
		}
	}
	return Profile{}, false
}

// ProfileNames are the names that ProfileOf knows.
func ProfileNames() []string {
	var names []string
	for _, p := range Profiles() {
		names = append(names, p.ID)
	}
	return names
}

func passed(found string) finding     { return finding{ClausePassed, found} }
func failed(found string) finding     { return finding{ClauseFailed, found} }
func cannotTell(found string) finding { return finding{ClauseCannotTell, found} }

func wrongType(member string) finding { return cannotTell(member + " is of the wrong type") }
