// Foreign judges of proofs that oauthpop made; the file that ISSUER names keeps the key of an issuer.
//   node judge.mjs mint JKT AUDIENCE   prints an access token of that issuer, bound to that key
//   node judge.mjs                     judges each line of standard input, {alg, jkt, proof, method, url, token, aud}:
//                                      oauth4webapi's check of a resource request first, then jose's of the proof alone
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

const file = process.env.ISSUER;
if (!existsSync(file)) writeFileSync(file, JSON.stringify({ ...(await jose.exportJWK((await jose.generateKeyPair('ES256', { extractable: true })).privateKey)), kid: 'as', alg: 'ES256' }), { mode: 0o600 });
const { d, ...pub } = JSON.parse(readFileSync(file, 'utf8'));
const as = { issuer: 'https://as.example', jwks_uri: 'https://as.example/jwks' };

async function mint(jkt, aud) {
  const now = Math.floor(Date.now() / 1000);
  return new jose.SignJWT({ iss: as.issuer, sub: 'alice', aud, client_id: 'app', iat: now, exp: now + 600, jti: crypto.randomUUID(), cnf: { jkt } })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'as' }).sign(await jose.importJWK({ d, ...pub }, 'ES256'));
}

async function judge({ alg, jkt, proof, method, url, token, aud }) {
  const claims = await oauth.validateJwtAccessToken(as, new Request(url, { method, headers: { authorization: `DPoP ${token}`, dpop: proof } }), aud, {
    requireDPoP: true,
    signingAlgorithms: ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'Ed25519', 'EdDSA'],
    [oauth.customFetch]: async () => Response.json({ keys: [pub] }),
  });
  if (claims.cnf.jkt !== jkt) throw new Error(`bound to ${claims.cnf.jkt}`);
  const { protectedHeader: header } = await jose.jwtVerify(proof, jose.EmbeddedJWK, { typ: 'dpop+jwt', algorithms: [alg] });
  const members = Object.keys(header.jwk).sort().join();
  if (!['crv,kty,x,y', 'crv,kty,x', 'e,kty,n'].includes(members)) throw new Error(`jwk has ${members}`);
  const thumbprint = await jose.calculateJwkThumbprint(header.jwk);
  if (thumbprint !== jkt) throw new Error(`thumbprint ${thumbprint}, not ${jkt}`);
}

if (process.argv[2] === 'mint') {
  console.log(await mint(process.argv[3], process.argv[4]));
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    await judge(JSON.parse(line)).then(() => console.log('valid'), (e) => console.log(`invalid: ${e.message} ${e.cause?.message ?? JSON.stringify(e.cause ?? '')}`));
  }
}
