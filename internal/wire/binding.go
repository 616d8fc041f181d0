package wire

// Thumbprints are the confirmation members that oauthpop knows.
type Thumbprints struct {
	JKT string `json:"jkt,omitempty"`
	X5T string `json:"x5t#S256,omitempty"`
}

// Candidate is one piece of local material that a token was compared with.
type Candidate struct {
	File    string `json:"file"`
	Kind    string `json:"kind"` // "key" or "certificate"
	JKT     string `json:"jkt,omitempty"`
	X5T     string `json:"x5t#S256,omitempty"`
	Matches bool   `json:"matches"`
}

// Binding says whether a token is bound, to what, and how that is known.
type Binding struct {
	Verdict    string       `json:"verdict"`
	Method     string       `json:"method"`
	Requested  string       `json:"requested,omitempty"`
	Found      Thumbprints  `json:"found"`
	Expected   *Thumbprints `json:"expected,omitempty"`
	Candidates []Candidate  `json:"candidates,omitempty"`
	Source     string       `json:"source"`
	Verified   bool         `json:"verified"`
	Reason     string       `json:"reason,omitempty"`
	Detail     string       `json:"detail,omitempty"`
	Warnings   []string     `json:"warnings,omitempty"`
}
