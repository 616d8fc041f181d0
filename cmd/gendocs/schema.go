package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/commands/view"
	"github.com/oauthpop/oauthpop/internal/token"
)

// writeSchemas writes a schema for the JSON of every command, from the struct
// that is encoded.
func writeSchemas(dir string) error {
	for _, r := range commands.Results {
		reflector := &jsonschema.Reflector{
			ExpandedStruct: true, DoNotReference: true, Anonymous: true,
			// More members may be added; a reader must not break on one.
			AllowAdditionalProperties: true,
			Mapper:                    asIs,
		}
		s := reflector.ReflectFromType(reflect.TypeOf(r.View).Elem())
		s.Title = "oauthpop " + strings.ReplaceAll(r.Name, "-", " ")
		closeLists(s)
		b, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, r.Name+".json"), append(b, '\n'), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// closeLists gives kind and the members of a binding the closed lists that they
// are from.
func closeLists(s *jsonschema.Schema) {
	if kind, ok := s.Properties.Get("kind"); ok {
		for _, k := range token.Kinds() {
			kind.Enum = append(kind.Enum, k)
		}
	}
	b, ok := s.Properties.Get("binding")
	if !ok {
		return
	}
	for name, list := range map[string][]binding.Term{
		"verdict": binding.Verdicts(), "method": binding.Methods(), "source": binding.Sources(), "reason": binding.Reasons(),
	} {
		if member, ok := b.Properties.Get(name); ok {
			member.Enum = codes(list)
		}
	}
	if warnings, ok := b.Properties.Get("warnings"); ok {
		warnings.Items.Enum = codes(binding.Warnings())
	}
}

func codes(list []binding.Term) []any {
	var out []any
	for _, t := range list {
		out = append(out, t.Code)
	}
	return out
}

// asIs gives schemas to the types that encode themselves.
func asIs(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return jsonschema.TrueSchema
	case reflect.TypeFor[view.Token]():
		return tokenSchema()
	}
	return nil
}

// tokenSchema is the answer of a token endpoint, whose members are the server's,
// with the binding.
func tokenSchema() *jsonschema.Schema {
	reflector := &jsonschema.Reflector{DoNotReference: true, Anonymous: true, AllowAdditionalProperties: true}
	shape := reflector.ReflectFromType(reflect.TypeFor[view.TokenShape]())
	return shape
}
