package commands_test

import "testing"

func TestScreensOfDPoPVerify(t *testing.T) {
	const at = "2023-11-14T22:13:20Z"
	screens(t, "dpop-verify", []shot{
		{"nothing wrong", []string{"dpop", "verify", "@proof.txt", "--at", "iat"}},
		{"of another request, with another token", []string{
			"dpop", "verify", "@proof.txt", "-X", "post", "-u", "https://inner.example:8080/v1/orders?page=2", "--token", "another",
			"--nonce", "given", "--key", "other.jwk", "--at", at, "--strict",
		}},
		{"an access token", []string{"dpop", "verify", "@bound.txt", "-X", "GET", "--at", at}},
		{"two, joined", []string{"dpop", "verify", "eyJhbGciOiJFUzI1NiJ9.e30.AA, eyJhbGciOiJFUzI1NiJ9.e30.AA"}},
	})
}
