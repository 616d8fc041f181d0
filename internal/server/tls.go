package server

import "crypto/tls"

// TLSConfig is that of the main port, which asks for no client certificate.
func TLSConfig(cert tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
		ClientAuth:   tls.NoClientCert,
	}
}

// MTLSConfig is that of the certificate port. It asks for a certificate and takes
// any, or none, and names no CAs: clients would not send a self-signed one to a
// server that does. Who a certificate belongs to is decided request by request.
func MTLSConfig(cert tls.Certificate) *tls.Config {
	c := TLSConfig(cert)
	c.ClientAuth = tls.RequestClientCert
	return c
}
