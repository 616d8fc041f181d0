package ui

import "strings"

// Shell is a word as it is written for a POSIX shell: quoted where that is needed, or
// with an expansion that is meant.
type Shell string

// Word quotes a word so that a POSIX shell takes it as it is: "Enclosing
// characters in single-quotes shall preserve the literal value of each character
// within the single-quotes. A single-quote cannot occur within single-quotes."
// https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
func Word(s string) Shell {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("-_./:@%+,", r)
	}) < 0
	if plain {
		return Shell(s)
	}
	return Shell("'" + strings.ReplaceAll(s, "'", `'\''`) + "'")
}

// Words quotes each of several words.
func Words(list ...string) []Shell {
	quoted := make([]Shell, len(list))
	for i, s := range list {
		quoted[i] = Word(s)
	}
	return quoted
}

// Variable is the value of a variable, as one word.
func Variable(name string) Shell { return Shell(`"$` + name + `"`) }

// ContentOf is what a file holds, without the line ends behind it, as one word.
func ContentOf(file string) Shell { return `"$(cat -- ` + Word(file) + `)"` }
