// Proofs made by foreign libraries, npm dpop and oauth4webapi: one JSON object a line with all that it was made for: the request,
// the token that `ath` is of, the nonce and the key's thumbprint.
import * as dpop from 'dpop';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

const say = (o) => console.log(JSON.stringify(o));
const URLS = ['https://api.example.com/v1/accounts', 'https://api.example.com:8443/a%2Fb/~me', 'https://[2001:db8::1]:8443/', 'https://xn--bcher-kva.example/k%C3%A4se'];
const TOKEN = 'an.opaque-token_for~ath+/==';
const jkt = async (key) => jose.calculateJwkThumbprint(await jose.exportJWK(key));

for (const alg of ['ES256', 'RS256', 'PS256', 'Ed25519']) {
  const kp = await dpop.generateKeyPair(alg);
  for (const url of URLS) {
    for (const [nonce, token] of [[undefined, undefined], ['n-1', undefined], [undefined, TOKEN], ['n-2', TOKEN]]) {
      say({ proof: await dpop.generateProof(kp, url, 'POST', nonce, token), method: 'POST', url, nonce, token, jkt: await jkt(kp.publicKey) });
    }
  }
}

// oauth4webapi writes proofs only into requests: take them out of those. A query is sent, and must not be in htu.
// Each URL has an origin of its own, whose nonce the second request knows from the first one's answer.
for (const alg of ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'Ed25519']) {
  const kp = await oauth.generateKeyPair(alg);
  const DPoP = oauth.DPoP({ client_id: 'app' }, kp);
  for (const [method, nonce] of [['GET', undefined], ['DELETE', 'n-of-the-origin']]) {
    for (const url of URLS.map((u) => new URL(`${u}?q=a%20b`))) {
      await oauth.protectedResourceRequest(TOKEN, method, url, undefined, undefined, {
        DPoP,
        [oauth.customFetch]: async (_, { headers }) => {
          say({ proof: new Headers(headers).get('dpop'), method, url: url.href, nonce, token: TOKEN, jkt: await jkt(kp.publicKey) });
          return new Response('', { headers: { 'dpop-nonce': 'n-of-the-origin' } });
        },
      });
    }
  }
}
