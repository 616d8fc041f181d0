package diagnose

// headerCauses are seen in the header alone.
func headerCauses() []Cause {
	return []Cause{
		{
			"two-proofs", "RFC 9449 section 4.3",
			"the request has more than one DPoP header field",
			"send one proof a request: look which layer (an interceptor, a proxy) adds the second",
			twoProofs,
		},
		{
			"private-key", "RFC 9449 section 4.3",
			"the proof's jwk holds the private key",
			"make a new key, this one is known now, and export only kty, crv, x, y or n, e",
			failed("no-private-key"),
		},
		{
			"bearer-with-bound-token", "RFC 9449 section 7.2",
			"the token is bound to a DPoP key and was sent with the scheme Bearer",
			"send the token as Authorization: DPoP, with a proof; with call, give --key FILE",
			bearerWithBoundToken,
		},
		{
			"dpop-with-unbound-token", "RFC 9449 section 7.1",
			"the token is not bound to a DPoP key and was sent with the scheme DPoP or with a proof",
			"get a token by a token request that has a proof, and look at its cnf.jkt; or send this one as Bearer without a proof",
			dpopWithUnboundToken,
		},
		{
			"cnf-malformed", "RFC 8705 section 3.1",
			"the token's cnf holds no thumbprint that could be compared",
			"the issuer has to write it: base64url, without padding, of a SHA-256; the client can do nothing",
			cnfMalformed,
		},
		{
			"proof-missing", "RFC 9449 section 7.1",
			"a proof was needed and the request has none",
			"send a proof, made for this request, in the header DPoP (token --dpop, call --key FILE); a copied request may have lost it",
			proofMissing,
		},
	}
}

// formCauses are proofs that no server takes for any request.
func formCauses() []Cause {
	return []Cause{
		{
			"proof-malformed", "RFC 9449 section 4.2",
			"the proof is not a well-formed JWT with all its claims",
			"make it by a library for JWTs, with the header typ, alg, jwk and the claims jti, htm, htu, iat",
			malformed,
		},
		{
			"typ", "RFC 9449 section 4.2",
			"the proof's typ is not dpop+jwt",
			"set the header parameter typ to dpop+jwt, written just so",
			failed("typ"),
		},
		{
			"alg-not-offered", "RFC 9449 section 5.1",
			"the proof is signed by an algorithm that the server does not offer",
			"make a key for one of the server's dpop_signing_alg_values_supported, and get a token for it",
			failed("alg"),
		},
		{
			"signature", "RFC 9449 section 4.3",
			"the proof's signature does not verify with the key in its jwk",
			"sign with the private key of the jwk, as r and s in fixed width (RFC 7518 section 3.4), and change nothing after",
			failed("signature"),
		},
	}
}

// claimCauses are proofs of another request, another time, or another token.
func claimCauses() []Cause {
	return []Cause{
		{
			"proof-reused", "RFC 9449 section 11.1",
			"this proof, or its jti, was sent before",
			"make a new proof with a new jti for each request, each retry and each redirect",
			proofReused,
		},
		{
			"token-expired", "RFC 6750 section 3.1",
			"the access token has expired",
			"get a new one, or refresh it; the proof is not to blame",
			tokenExpired,
		},
		{
			"clock-skew", "RFC 9449 section 11.1",
			"the clocks of this machine and of the server differ",
			"set the clock of this machine (timedatectl, w32tm); if it is right, the server's is wrong",
			clockSkew,
		},
		{
			"proof-not-fresh", "RFC 9449 section 11.1",
			"the proof was not made when it was sent",
			"make the proof just before the request, with iat in seconds since 1970; one that was kept or copied is too old",
			proofNotFresh,
		},
		{
			"method-differs", "RFC 9449 section 4.3",
			"the proof was made for another method",
			"set htm to the method as it is sent, in upper case; redirects and retries may change it",
			failed("htm"),
		},
		{
			"htu-inner", "RFC 9449 section 4.3",
			"the proof's URL and that of the request are two names of one server: one side of a proxy each",
			"sign the URL that the client calls, and configure that public URL at the server: X-Forwarded-* of anyone must not decide",
			htuInner,
		},
		{
			"htu-differs", "RFC 9449 section 4.3",
			"the proof was made for another URL than the one that was called",
			"leave out --htu; for a server behind a proxy that rewrites URLs give the URL that the server sees",
			htuDiffers,
		},
		{
			"ath-missing", "RFC 9449 section 7",
			"the proof came with an access token and has no ath",
			"add ath: the base64url, without padding, of the SHA-256 of the token alone",
			athMissing,
		},
		{
			"ath-differs", "RFC 9449 section 7",
			"the proof's ath is not the hash of the token that came with it",
			"ath is the base64url, without padding, of the SHA-256 of the token alone: no scheme, no line break, and this token",
			athDiffers,
		},
		{
			"key-differs", "RFC 9449 section 7.1",
			"the proof is signed by another key than the one that the token is bound to",
			"sign with the key of the token request, or get a new token with this key: a reload or a second instance may have made a new one",
			keyDiffers,
		},
		{
			"htu-query", "RFC 9449 section 4.2",
			"the proof's htu has a query or a fragment",
			"cut htu before ? and #: many servers ignore them, some compare the whole",
			htuQuery,
		},
	}
}

func nonceCauses() []Cause {
	return []Cause{
		{
			"nonce-missing", "RFC 9449 section 8",
			"the server asks for a nonce and gives none that can be used",
			"the server must send one DPoP-Nonce field with the refusal: look whether something in between drops it",
			nonceMissing,
		},
		{
			"nonce-repeated", "RFC 9449 section 8",
			"the server asks for the nonce that it was sent",
			"the server does not recognise its own nonce: several instances that do not share their secret do that",
			nonceRepeated,
		},
		{
			"nonce-not-sent", "RFC 9449 section 8",
			"the server asks for a nonce, and the proof had none",
			"send the request again, once, with a new proof that has the DPoP-Nonce of this answer as its nonce",
			nonceNotSent,
		},
		{
			"nonce-of-another-server", "RFC 9449 section 9",
			"the proof has a nonce that another server gave",
			"keep nonces by origin: the issuer's are not for the API, nor the other way round",
			nonceOfAnotherServer,
		},
		{
			"nonce-again", "RFC 9449 section 8",
			"the server asked for a nonce, was sent it, and asks for another",
			"its nonces live too short, or several instances do not share their secret; try once more",
			nonceAgain,
		},
	}
}

func certificateCauses() []Cause {
	return []Cause{
		{
			"certificate-not-asked", "RFC 8705 section 5",
			"a client certificate was given, and the server did not ask for it, so that none was sent",
			"call the host or port that asks for certificates: the server's mtls_endpoint_aliases name it",
			certificateNotAsked,
		},
		{
			"certificate-not-sent", "RFC 8705 section 2",
			"a client certificate was needed, and there was none to send",
			"give the certificate with --cert FILE and --cert-key FILE",
			certificateNotSent,
		},
		{
			"certificate-renewed", "RFC 8705 section 6.3",
			"the certificate was renewed with the same key, and the token is bound to the old one",
			"get a new token with the new certificate: a token is bound to the certificate, not to its key",
			certificateRenewed,
		},
		{
			"certificate-differs", "RFC 8705 section 3",
			"the token is bound to another certificate than the one that was presented",
			"present the certificate of the token request, or get a new token with this one",
			certificateDiffers,
		},
		{
			"certificate-at-proxy", "RFC 8705 section 6.5",
			"TLS ends at a proxy, and the certificate does not reach the server behind it",
			"let the proxy send it on (Client-Cert of RFC 9440, X-Forwarded-Client-Cert), remove what clients send by that name, and configure the server to read it",
			certificateAtProxy,
		},
	}
}

// otherCauses are habits of servers.
func otherCauses() []Cause {
	return []Cause{
		{
			"token-unbound", "RFC 9449 section 5",
			"a proof was sent with the token request, and the token that came back is not bound",
			"discard it; let the server require the binding: at Auth0 for the API (audience), at Keycloak for the client",
			tokenUnbound,
		},
		{
			"certificate-unused", "RFC 8705 section 3.4",
			"a client certificate was presented with the token request, and the token that came back is not bound to it",
			"register the client with tls_client_certificate_bound_access_tokens; that it authenticates by its certificate does not bind its tokens",
			certificateUnused,
		},
		{
			"refused-in-front", "RFC 6750 section 3",
			"the refusal has neither a challenge nor a body: it does not come from what checks tokens",
			"look at what stands in front (gateway, firewall, load balancer) and its log; then at what the token is allowed to do",
			refusedInFront,
		},
	}
}
