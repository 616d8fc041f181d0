package main

import (
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/binding"
	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands"
	"github.com/oauthpop/oauthpop/internal/diagnose"
	"github.com/oauthpop/oauthpop/internal/dpop"
	"github.com/oauthpop/oauthpop/internal/forge"
	"github.com/oauthpop/oauthpop/internal/oauth"
)

// lists is one page with every closed list, each from the one place where it
// lives.
func lists() string {
	var b strings.Builder
	b.WriteString("# Lists\n\nEvery list on this page is generated from the code that obeys it.\n")
	var exits, variables, checks, causes [][]string
	for _, e := range commands.ExitCodes {
		exits = append(exits, []string{fmt.Sprint(e.Code), e.Meaning})
	}
	for _, v := range cli.Variables {
		read := "client commands"
		if v.Everywhere {
			read = "every command"
		}
		variables = append(variables, []string{"`" + cli.Prefix + v.Name + "`", "`--" + v.Flag + "`", read})
	}
	for _, c := range dpop.Checks() {
		checks = append(checks, []string{"`" + c.ID + "`", c.Section})
	}
	for _, c := range diagnose.List() {
		causes = append(causes, []string{"`" + c.ID + "`", c.Section, c.Text})
	}
	table(&b, "Exit codes", []string{"code", "meaning"}, exits)
	table(&b, "Variables of the environment", []string{"variable", "flag", "read by"}, variables)
	table(&b, "Verdicts (`binding.verdict`)", []string{"verdict", "meaning"}, terms(binding.Verdicts()))
	table(&b, "Reasons (`binding.reason`)", []string{"reason", "meaning"}, terms(binding.Reasons()))
	table(&b, "Warnings (`binding.warnings`)", []string{"warning", "meaning"}, terms(binding.Warnings()))
	table(&b, "Methods (`binding.method`)", []string{"method", "meaning"}, terms(binding.Methods()))
	table(&b, "Sources (`binding.source`)", []string{"source", "meaning"}, terms(binding.Sources()))
	table(&b, "Checks of a proof (`dpop verify`)", []string{"check", "section"}, checks)
	table(&b, "Causes of a refusal", []string{"cause", "section", "what it says"}, causes)
	features(&b, "Features of an authorization server (`discover`)", oauth.Features())
	features(&b, "Features of an API (`discover --protected-resource`)", oauth.ResourceFeatures())
	for _, p := range oauth.Profiles() {
		clauses(&b, fmt.Sprintf("Clauses of the %s (`discover --check %s`)", p.Title, p.ID), p.Server)
		clauses(&b, fmt.Sprintf("Clauses of the %s on APIs (`discover --protected-resource --check %s`)", p.Title, p.ID), p.Resource)
	}
	headers := []string{"case", "what is sent", "section", "strength", "checks that fail", "why more than one"}
	table(&b, "Defects of a proof (`dpop proof --break`)", headers, proofCases(forge.Defects()))
	table(&b, "Oddities of a proof (`dpop proof --break`), which a careful server accepts", headers[:4], proofCases(forge.Oddities()))
	return b.String()
}

func features(b *strings.Builder, title string, list []oauth.Feature) {
	var rows [][]string
	for _, f := range list {
		members := ""
		if len(f.Members) > 0 {
			members = "`" + strings.Join(f.Members, "` `") + "`"
		}
		rows = append(rows, []string{"`" + f.ID + "`", f.Title, f.Section, members})
	}
	table(b, title, []string{"feature", "what it is", "section", "read from"}, rows)
}

func clauses(b *strings.Builder, title string, list []oauth.Clause) {
	var rows [][]string
	for _, c := range list {
		rows = append(rows, []string{"`" + c.ID + "`", c.Section, c.Text})
	}
	table(b, title, []string{"clause", "section", "what it says"}, rows)
}

func proofCases(list []forge.Case) [][]string {
	var rows [][]string
	for _, c := range list {
		row := []string{"`" + c.ID + "`", c.Title, c.Section, c.Strength}
		if len(c.Fails) > 0 {
			row = append(row, "`"+strings.Join(c.Fails, "` `")+"`", c.Why)
		}
		rows = append(rows, row)
	}
	return rows
}

func terms(list []binding.Term) [][]string {
	var rows [][]string
	for _, t := range list {
		rows = append(rows, []string{"`" + t.Code + "`", t.Means})
	}
	return rows
}

func table(b *strings.Builder, title string, headers []string, rows [][]string) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	row := func(cells []string) {
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", "\\|")
		}
		fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
	}
	row(headers)
	fmt.Fprintf(b, "|%s\n", strings.Repeat(" --- |", len(headers)))
	for _, r := range rows {
		row(r)
	}
}
