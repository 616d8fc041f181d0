package server_test

import (
	"testing"
	"time"

	"github.com/oauthpop/oauthpop/internal/server"
)

// Each port remembers its own proofs, so that two of one name would take one twice.
func TestBothPortsNeedNamesOfTheirOwn(t *testing.T) {
	cfg := server.Config{Issuer: "https://localhost:1", MTLS: "https://localhost:1/", Key: newKey(t), Now: time.Now}
	if _, err := server.New(cfg); err == nil {
		t.Error("one base URL was taken for both")
	}
	cfg.MTLS = "https://localhost:2"
	if _, err := server.New(cfg); err != nil {
		t.Error(err)
	}
}
