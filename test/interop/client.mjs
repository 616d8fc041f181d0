// Foreign clients against `oauthpop serve`, run by `oauthpop serve --dpop-nonce required -- node client.mjs`: each gets a DPoP-bound token,
// for which a nonce is needed, and calls the resource with it. The CA is trusted through NODE_EXTRA_CA_CERTS, which serve sets.
import assert from 'node:assert/strict';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';

const { OAUTHPOP_ISSUER: issuer, OAUTHPOP_RESOURCE: resource, OAUTHPOP_CLIENT_ID: id, OAUTHPOP_CLIENT_SECRET: secret } = process.env;

// A fetch that counts, so that it is known that a nonce was asked for and not merely possible.
const counting = () => {
  const seen = [];
  const f = async (url, options) => { const r = await fetch(url, options); seen.push(r.status); return r; };
  return [f, seen];
};
const bound = async (token, keyPair) => assert.equal(jose.decodeJwt(token).cnf.jkt, await jose.calculateJwkThumbprint(await jose.exportJWK(keyPair.publicKey)), 'cnf.jkt');

async function withOAuth4webapi() {
  const [customFetch, seen] = counting();
  const options = { [oauth.customFetch]: customFetch };
  const as = await oauth.processDiscoveryResponse(new URL(issuer), await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...options }));
  const client = { client_id: id }, keyPair = await oauth.generateKeyPair('ES256'), DPoP = oauth.DPoP(client, keyPair);
  const again = (f) => f().catch((e) => { assert.ok(oauth.isDPoPNonceError(e), `${e.message} ${e.error_description ?? ''}`); return f(); });
  seen.length = 0;
  const answer = await again(async () => oauth.processClientCredentialsResponse(as, client,
    await oauth.clientCredentialsGrantRequest(as, client, oauth.ClientSecretBasic(secret), { resource }, { DPoP, ...options })));
  assert.deepEqual(seen, [400, 200], 'token requests');
  assert.equal(answer.token_type, 'dpop');
  await bound(answer.access_token, keyPair);
  seen.length = 0;
  const call = await again(async () => oauth.protectedResourceRequest(answer.access_token, 'GET', new URL(resource), undefined, undefined, { DPoP, ...options }));
  assert.equal(call.status, 200);
  assert.ok(seen.length === 1 || seen[0] === 401, `resource requests ${seen}`);
  await assert.rejects(oauth.protectedResourceRequest(answer.access_token, 'GET', new URL(resource), undefined, undefined, options), (e) => e.status === 401, 'as Bearer');
  return answer.access_token;
}

async function withOpenidClient() {
  const [customFetch, seen] = counting();
  const config = await openid.discovery(new URL(issuer), id, undefined, openid.ClientSecretBasic(secret), { algorithm: 'oauth2', [openid.customFetch]: customFetch });
  const keyPair = await openid.randomDPoPKeyPair('ES256'), DPoP = openid.getDPoPHandle(config, keyPair);
  seen.length = 0;
  const answer = await openid.clientCredentialsGrant(config, { resource }, { DPoP });
  assert.deepEqual(seen, [400, 200], 'token requests');
  await bound(answer.access_token, keyPair);
  const call = await openid.fetchProtectedResource(config, answer.access_token, new URL(resource), 'GET', undefined, undefined, { DPoP });
  assert.equal(call.status, 200);
}

const token = await withOAuth4webapi();
await withOpenidClient();

// The token is a JWT that the published keys verify.
const metadata = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json();
await jose.jwtVerify(token, jose.createLocalJWKSet(await (await fetch(metadata.jwks_uri)).json()), { issuer, typ: 'at+jwt' });
console.log('both clients got a bound token with a nonce, and called the resource');
