// Foreign verdicts on proofs. The file that ISSUER names keeps the key of an issuer.
//   node differ.mjs mint         prints an access token of that issuer for each thumbprint of standard input
//   node differ.mjs              judges each line of standard input, {proof, method, url, token, at, jkt}, as of its time at, and prints
//                                {"oauth4webapi": REASON, "jose": REASON}; an empty reason is a valid proof:
//                                oauth4webapi judges the request with its access token, jose the JWT with the key in its header
import { readFileSync, writeFileSync, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

const file = process.env.ISSUER;
if (!existsSync(file)) writeFileSync(file, JSON.stringify({ ...(await jose.exportJWK((await jose.generateKeyPair('ES256', { extractable: true })).privateKey)), kid: 'as', alg: 'ES256' }), { mode: 0o600 });
const { d, ...pub } = JSON.parse(readFileSync(file, 'utf8'));
const as = { issuer: 'https://as.example', jwks_uri: 'https://as.example/jwks' };
const algs = ['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
const leeway = 60;
const reason = (e) => `${e.message} ${e.cause?.message ?? ''}`.trim() || String(e);

async function mint(jkt) {
  const iat = 1_600_000_000;
  return new jose.SignJWT({ iss: as.issuer, sub: 'alice', aud: 'api', client_id: 'app', iat, exp: iat + 1_000_000_000, jti: 'token', cnf: { jkt } })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'as' }).sign(await jose.importJWK({ d, ...pub }, 'ES256'));
}

async function oauth4webapi({ proof, method, url, token, at }) {
  let request;
  try {
    request = new Request(url, { method, headers: { authorization: `DPoP ${token}`, dpop: proof } });
  } catch (e) {
    return `no request: ${reason(e)}`; // a header field that cannot be sent
  }
  return oauth.validateJwtAccessToken(as, request, 'api', {
    requireDPoP: true,
    signingAlgorithms: algs,
    [oauth.clockSkew]: at - Math.floor(Date.now() / 1000),
    [oauth.clockTolerance]: leeway,
    [oauth.customFetch]: async () => Response.json({ keys: [pub] }),
  }).then(() => '', reason);
}

const asJose = async ({ proof, at }) => jose.jwtVerify(proof, jose.EmbeddedJWK, { typ: 'dpop+jwt', algorithms: algs, currentDate: new Date(at * 1000), clockTolerance: leeway })
  .then(() => '', reason);

const lines = createInterface({ input: process.stdin });
if (process.argv[2] === 'mint') {
  for await (const jkt of lines) console.log(await mint(jkt));
} else {
  for await (const line of lines) {
    const request = JSON.parse(line);
    console.log(JSON.stringify({ oauth4webapi: await oauth4webapi(request), jose: await asJose(request) }));
  }
}
