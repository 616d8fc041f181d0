// Package bounds lists every upper bound of oauthpop in one place, each with
// its reason. Sizes are bytes unless the name says otherwise.
package bounds

import "time"

const (
	// Proof is the longest DPoP proof that is read. Servers commonly allow 8 KiB
	// for a whole header block; an RSA-4096 proof with a long htu stays below 4 KiB.
	Proof = 16 << 10
	// JTI is the longest jti that is accepted: servers should "reject DPoP proof JWTs
	// with unnecessarily large jti values" (RFC 9449 section 11.1).
	JTI = 512
	// Token is the longest access token that is read. Tokens with many claims
	// reach some tens of KiB; larger ones fit in no header.
	Token = 256 << 10
	// KeyFile is the longest key or certificate file that is read: a chain of
	// RSA-4096 certificates with its key is below 64 KiB.
	KeyFile = 1 << 20
	// ValueFile is the longest value that is read by @FILE or from standard input.
	ValueFile = 1 << 20
	// Metadata is the longest metadata document (RFC 8414).
	Metadata = 1 << 20
	// JWKS is the longest JWK set: ten thousand EC keys are below 4 MiB.
	JWKS = 4 << 20
	// Capture is the longest text that requests are looked for in: a HAR of a long
	// session, with the bodies of its answers, is some tens of MiB.
	Capture = 64 << 20
	// Exchanges is the most requests that are read from one text.
	Exchanges = 10_000
	// Fields is the most fields that are read of one captured header: servers refuse
	// more than a hundred or so.
	Fields = 1_000
	// Folds is the most lines that one captured field may stand on: a token of Token
	// bytes in lines of 64 has 4,096.
	Folds = 20_000
	// CommandLine is the longest curl command line that is read: Linux takes 128 KiB
	// for one argument. It also bounds how deep its quoting may be nested.
	CommandLine = 256 << 10
	// Answer is the longest answer of a token endpoint.
	Answer = 1 << 20
	// ErrorBody is how much of a body is kept to explain a refusal.
	ErrorBody = 64 << 10
	// Words is how much of a server's own words stands in a message.
	Words = 2 << 10
	// Header is the longest header block that is taken from a server.
	Header = 256 << 10
	// Nonce is the longest DPoP-Nonce that is kept: it comes back in each proof.
	Nonce = 4 << 10
	// ReplayBody is how much of a request body that comes from a pipe is kept, so
	// that the request can be sent again with a nonce.
	ReplayBody = 1 << 20
	// Redirects is how many redirects of one request are followed: servers need one or
	// two, and what has not arrived after five goes round in a loop.
	Redirects = 5
	// Repeat is how often a call is repeated at most, and Concurrency how many of those
	// are on their way at a time: some systems let a process open 256 files. Beyond
	// that begins what load generators are for.
	Repeat      = 1_000_000
	Concurrency = 128
	// Shown is the longest body that is shown inside a JSON object.
	Shown = 16 << 20
	// FormBody is the longest form that the test server reads.
	FormBody = 64 << 10
	// JSONDepth is how deep the JSON of a JWT may be nested. Verifiable credentials,
	// the deepest tokens in use, stay below 20.
	JSONDepth = 64
	// Entries is the most keys that one JWK set, or one folder of keys, may hold.
	Entries = 10_000
	// Bundle is the longest bundle of a system's CA certificates: those of Linux
	// distributions are below 1 MiB.
	Bundle = 8 << 20
	// RSABits is the shortest RSA modulus, in bits (RFC 7518 section 3.3).
	RSABits = 2048
	// RSAMaxBits is the longest RSA modulus, in bits: verification time grows with it.
	RSAMaxBits = 16384
	// PBKDF2Iterations is the most rounds that opening a key file may take: common
	// files have up to a million, and ten take some seconds.
	PBKDF2Iterations = 10_000_000
	// ScryptCost is the largest N*r that opening a key file may take: 128 times that
	// is the memory in bytes, 256 MiB.
	ScryptCost = 1 << 21
	// LogLine is the longest line of `dpop verify -`: a proof and an access token at
	// their bounds, as JSON with a URL, and room for the other members of a log.
	LogLine = 512 << 10
	// KnownKeys is how many keys of proofs are remembered at a time, and KnownKey
	// the longest jwk of those, in bytes: an RSA-4096 key has 700. With what is
	// decoded of it a key takes about 3 KiB at the most.
	KnownKeys = 1024
	KnownKey  = 1 << 10
	// ReplayEntries is the most proofs that a replay cache remembers at a time.
	ReplayEntries = 1_000_000
)

const (
	// ProofAge is how old a proof may be: "a relatively brief period on the order of
	// seconds or minutes" (RFC 9449 section 11.1).
	ProofAge = 5 * time.Minute
	// ProofSkew is how far in the future a proof's iat may be.
	ProofSkew = 60 * time.Second
	// StrictProofAge and StrictProofSkew are the window of --strict, that of
	// FAPI 2.0 clients and servers with synchronised clocks.
	StrictProofAge  = 60 * time.Second
	StrictProofSkew = 10 * time.Second
	// Timeout is the default for connecting and for the response headers.
	Timeout = 30 * time.Second
	// Assertion is how long a client assertion is valid: vendors take five minutes
	// at most, and it is used at once.
	Assertion = 60 * time.Second
	// ClockSkew is the least difference of clocks that a refusal is put down to:
	// servers take a proof from up to 10 s in the future (FAPI 2.0 section 5.3.2.1),
	// and a Date is of whole seconds and some time on its way.
	ClockSkew = 10 * time.Second
)
