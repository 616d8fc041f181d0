// Gendocs writes all documentation that comes from code: the command reference,
// the lists (exit codes, variables, verdicts, checks) and the JSON schemas under
// docs, and on request the man pages.
//
//	go run ./cmd/gendocs              writes docs/reference, docs/lists.md and docs/schema
//	go run ./cmd/gendocs -man DIR     writes the man pages into DIR
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
)

func main() {
	man := flag.String("man", "", "write the man pages into this folder, and nothing else")
	date := flag.String("date", "", "date of the man pages, as 2006-01-02 (default: today)")
	docs := flag.String("docs", "docs", "the folder of the documentation")
	flag.Parse()
	root := commands.New(cli.System(cli.Build{}))
	hideGenerated(root)
	var err error
	if *man != "" {
		err = manPages(root, *man, *date)
	} else {
		err = documentation(root, *docs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

// hideGenerated keeps lines out of the pages that would change with every run.
func hideGenerated(cmd *cobra.Command) {
	cmd.DisableAutoGenTag = true
	for _, c := range cmd.Commands() {
		hideGenerated(c)
	}
}

func manPages(root *cobra.Command, dir, date string) error {
	when := time.Now()
	if date != "" {
		var err error
		if when, err = time.Parse(time.DateOnly, date); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return doc.GenManTree(root, &doc.GenManHeader{Title: "OAUTHPOP", Section: "1", Source: "oauthpop", Date: &when}, dir)
}

func documentation(root *cobra.Command, docs string) error {
	reference := filepath.Join(docs, "reference")
	schemas := filepath.Join(docs, "schema")
	for _, dir := range []string{reference, schemas} {
		// A page of a command that is gone would stay for ever.
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	if err := doc.GenMarkdownTree(root, reference); err != nil {
		return err
	}
	if err := writeSchemas(schemas); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(docs, "lists.md"), []byte(lists()), 0o644)
}
