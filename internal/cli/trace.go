package cli

import (
	"crypto/tls"
	"fmt"
	"strings"

	"github.com/oauthpop/oauthpop/internal/transport"
	"github.com/oauthpop/oauthpop/internal/ui"
)

// trace draws what goes over the wire on standard error. Secrets come shortened.
func (e *Env) trace(t transport.TraceEvent) {
	p := e.Err()
	switch t.Kind {
	case transport.TraceRequest:
		line(p, ">", fmt.Sprintf("%s %s", t.Method, t.URL))
		fields(p, ">", t.Header)
		if len(t.Form) > 0 {
			line(p, ">", "")
			fields(p, ">", t.Form)
		}
	case transport.TraceConnection:
		line(p, "*", connection(t))
	case transport.TraceAnswer:
		line(p, "<", t.Proto+" "+t.Status)
		fields(p, "<", t.Header)
	case transport.TraceRetry, transport.TraceWarning:
		line(p, "*", t.Text)
	}
}

func line(p *ui.Printer, mark, text string) { p.Line("%s %s", p.Word(ui.Faint, mark), text) }

func fields(p *ui.Printer, mark string, list []transport.Field) {
	for _, f := range list {
		line(p, mark, f.Name+": "+f.Value)
	}
}

// connection says what the connection is, and what became of the certificate.
func connection(t transport.TraceEvent) string {
	s := "connected to " + t.Remote
	if t.Reused {
		s = "the connection to " + t.Remote + " is used again"
	}
	switch {
	case !t.TLS.Used:
		return s + ", without TLS"
	case t.TLS.Sent:
		s += ", client certificate sent"
	case t.TLS.Asked:
		s += ", client certificate asked for and not sent"
	default:
		s += ", client certificate not asked for"
	}
	if cas := t.TLS.AcceptableCAs; len(cas) > 0 {
		s += " (the server names the CAs " + strings.Join(cas, "; ") + ")"
	}
	return s + ", " + tls.VersionName(t.TLS.Version)
}
