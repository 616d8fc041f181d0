package commands

import (
	"errors"
	"testing"

	"github.com/oauthpop/oauthpop/internal/cli"
	"github.com/oauthpop/oauthpop/internal/commands/view"
)

func TestTheDemoFailsWhereAThiefGetsIn(t *testing.T) {
	d := &demo{}
	d.chapter("a")
	d.step(view.DemoStep{What: "call", Outcome: "accepted", OK: true})
	if err := d.failure(); err != nil {
		t.Fatal(err)
	}
	d.step(view.DemoStep{What: "thief", Outcome: "accepted", Thief: true})
	var check *cli.CheckError
	if err := d.failure(); !errors.As(err, &check) {
		t.Errorf("got %v", err)
	}
}
