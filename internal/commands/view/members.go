package view

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// withMembers encodes an object as a server sent it, in its order, and the members of
// ours, of which there is at least one, behind it.
func withMembers(object json.RawMessage, leftOut func(name string) bool, ours any) ([]byte, error) {
	members, err := orderedMembers(object)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for _, m := range members {
		if leftOut(m.name) {
			continue
		}
		name, _ := json.Marshal(m.name)
		fmt.Fprintf(&b, "%s:%s,", name, m.value)
	}
	more, err := json.Marshal(ours)
	if err != nil {
		return nil, err
	}
	b.Write(more[1:])
	return b.Bytes(), nil
}

type member struct {
	name  string
	value json.RawMessage
}

// orderedMembers returns the members of an object in their order. A nil object
// has none.
func orderedMembers(object json.RawMessage) ([]member, error) {
	if len(object) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(object))
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	var out []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		out = append(out, member{fmt.Sprint(name), value})
	}
	return out, nil
}
