package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/oauthpop/oauthpop/internal/bounds"
)

// Site is one port with what answers on it.
type Site struct {
	Listener net.Listener
	Handler  http.Handler
	TLS      *tls.Config
}

const (
	// headerTimeout bounds how long a client may take to say what it wants.
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	// farewell is how long requests may take that are being answered at the end.
	farewell = 2 * time.Second
)

// Serve answers on all sites until ctx ends, or until one of them fails. The
// listeners are closed when it returns.
func (e *Env) Serve(ctx context.Context, sites ...Site) error {
	failed := make(chan error, len(sites))
	servers := make([]*http.Server, 0, len(sites))
	for _, s := range sites {
		server := &http.Server{
			Handler: s.Handler, TLSConfig: s.TLS,
			ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
			MaxHeaderBytes: bounds.Header,
			ErrorLog:       log.New(handshakes{e}, "", 0),
		}
		servers = append(servers, server)
		go func() { failed <- server.ServeTLS(s.Listener, "", "") }()
	}
	var err error
	running := len(sites)
	select {
	case <-ctx.Done():
	case err = <-failed:
		running--
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	for _, s := range servers {
		if s.Shutdown(end) != nil {
			_ = s.Close()
		}
	}
	for range running {
		<-failed // ErrServerClosed, as it was asked to
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// handshakes takes what a server has to say of connections that came to nothing,
// for a person who asked for it: most of all, clients that do not trust the CA.
type handshakes struct{ env *Env }

func (h handshakes) Write(b []byte) (int, error) {
	if h.env.Global.Verbose {
		h.env.Say("* %s", strings.TrimSpace(string(b)))
	}
	return len(b), nil
}
