package oauth

import (
	"encoding/json"
	"fmt"
	"strings"
)

// What metadata says of a feature. That it says nothing is an answer of its own: no
// stands only where it denies, or where the RFC says what silence means.
const (
	SupportYes     = "yes"
	SupportNo      = "no"
	SupportNotSaid = "not-said"
)

// Support is what metadata says of one feature.
type Support struct {
	ID        string
	Section   string
	Supported string
	Values    []string
	Remarks   []string
}

// Feature is one row of the table of what a server supports.
type Feature struct {
	ID, Section, Title string
	// Members are what it is read from.
	Members []string
	read    func(document) Support
}

// SupportOf reads every feature of a list from metadata.
func SupportOf(raw json.RawMessage, list []Feature) []Support {
	d := readDocument(raw)
	all := make([]Support, 0, len(list))
	for _, f := range list {
		s := f.read(d)
		s.ID, s.Section = f.ID, f.Section
		all = append(all, s)
	}
	return all
}

func (s Support) remark(words ...string) Support {
	s.Remarks = append(s.Remarks, words...)
	return s
}

func mistypedMember(name string) Support {
	return Support{Supported: SupportNotSaid, Remarks: []string{name + " is of the wrong type and not used"}}
}

// listed reads a list; byDefault is what the RFC says that silence means.
func listed(d document, name string, byDefault ...string) Support {
	list, p := d.list(name)
	switch {
	case p == mistyped:
		return mistypedMember(name)
	case p == present && len(list) == 0:
		return Support{Supported: SupportNo, Remarks: []string{name + " is empty"}}
	case p == present:
		return Support{Supported: SupportYes, Values: list}
	case len(byDefault) > 0:
		return Support{Supported: SupportYes, Values: byDefault, Remarks: []string{"by default: " + name + " is not there"}}
	}
	return Support{Supported: SupportNotSaid}
}

// switched reads a boolean whose default is false.
func switched(d document, name string) Support {
	set, p := d.flag(name)
	switch {
	case p == mistyped:
		return mistypedMember(name)
	case set:
		return Support{Supported: SupportYes}
	case p == absent:
		return Support{Supported: SupportNo, Remarks: []string{"by default: " + name + " is not there"}}
	}
	return Support{Supported: SupportNo}
}

// offered reads an endpoint. That it is not published does not say that it is not
// there.
func offered(d document, name string) Support {
	url, p := d.text(name)
	switch p {
	case absent:
		return Support{Supported: SupportNotSaid}
	case mistyped:
		return mistypedMember(name)
	}
	s := Support{Supported: SupportYes}
	issuer, _ := d.text("issuer")
	if why := unfit(url, issuer); why != "" {
		return s.remark(name + " " + why)
	}
	return s
}

// required adds whether a feature is more than an offer. By default it is not.
func (s Support) required(d document, name string) Support {
	set, p := d.flag(name)
	switch {
	case p == mistyped:
		return s.remark(name + " is of the wrong type and not used")
	case set:
		return s.remark("required of every authorization request")
	case s.Supported == SupportYes:
		return s.remark("not required of every authorization request")
	}
	return s
}

// fromList and its like are features of one member.
func fromList(id, section, title, member string, byDefault ...string) Feature {
	return Feature{id, section, title, []string{member}, func(d document) Support { return listed(d, member, byDefault...) }}
}

func fromFlag(id, section, title, member string) Feature {
	return Feature{id, section, title, []string{member}, func(d document) Support { return switched(d, member) }}
}

// fromEndpoint is a feature that an endpoint stands for, with a list that belongs to
// it, if there is one, and its default.
func fromEndpoint(id, section, title, member, list string, byDefault ...string) Feature {
	f := Feature{id, section, title, []string{member}, func(d document) Support {
		s := offered(d, member)
		if list == "" || s.Supported != SupportYes {
			return s
		}
		more := listed(d, list, byDefault...)
		s.Values = more.Values
		return s.remark(more.Remarks...)
	}}
	if list != "" {
		f.Members = append(f.Members, list)
	}
	return f
}

// join names values of a server, as many as a person reads.
func join(list []string) string { return joinWith(list, ", ") }

func joinWith(list []string, separator string) string {
	const most, longest = 16, 400
	var words []string
	for i, v := range list {
		if i == most {
			words = append(words, fmt.Sprintf("and %d more", len(list)-most))
			break
		}
		if v = plain(v); len(v) > longest {
			v = strings.ToValidUTF8(v[:longest], "") + "…"
		}
		words = append(words, v)
	}
	return strings.Join(words, separator)
}
