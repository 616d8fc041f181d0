// Makes the captures of this folder anew: real requests of real clients to real servers, right ones and wrong ones.
//   node --experimental-websocket make.mjs          (see README.md)
import { spawn, execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import * as https from 'node:https';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL, fileURLToPath } from 'node:url';
import * as peers from './peers.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // every server here is this script's own
const here = path.dirname(fileURLToPath(import.meta.url));
const interop = path.join(here, '..', 'interop');
const load = async (name) => import(pathToFileURL(createRequire(path.join(interop, 'server.mjs')).resolve(name)).href);
const jose = await load('jose');
const { default: Provider } = await load('oidc-provider');
const work = mkdtempSync(path.join(tmpdir(), 'captures-'));
const out = path.join(here, 'files');
const oauthpop = path.join(work, 'oauthpop');
execFileSync('go', ['build', '-o', oauthpop, '../../cmd/oauthpop'], { cwd: here });
const started = [];
process.on('exit', () => {
  for (const p of started) p.kill();
  try { rmSync(work, { recursive: true, force: true }); } catch { console.error(`${work} is left: a process is still writing there`); }
});
const SECRET = 'interop-secret-0123456789abcdefghijklmnopqrstuvwxyz';

// --- servers
const freePort = () => new Promise((ok) => { const s = net.createServer().listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => ok(port)); }); });
function start(command, args, env, ready) {
  const p = spawn(command, args, { cwd: interop, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  started.push(p);
  let said = '';
  return new Promise((ok, bad) => {
    for (const s of [p.stdout, p.stderr]) s.on('data', (d) => { said += d; const m = ready.exec(said); if (m) ok(m); });
    p.on('exit', () => bad(new Error(`${command} ended: ${said}`)));
  });
}

// serve starts the project's own server.
async function serve(name, ...args) {
  const ready = path.join(work, `${name}.json`);
  await start(oauthpop, ['serve', '--listen', '127.0.0.1:0', '--state', path.join(work, name), '--ready-file', ready, ...args], {}, /https:[^]*\n/);
  for (;;) try { return JSON.parse(readFileSync(ready, 'utf8')); } catch { await new Promise((r) => setTimeout(r, 50)); }
}

// oidc starts the certified oidc-provider of test/interop with its resource server.
async function oidc() {
  const p = await Promise.all([1, 2, 3, 4, 5].map(freePort));
  const pki = path.join(work, 'pki');
  await start('node', ['server.mjs'], { EXIT_WITH_STDIN: '1', CLIENT_CERT: '1', AT_TTL: '3600', PKI_DIR: pki, LOG: '0', ...Object.fromEntries(['AS_PORT', 'AS_MTLS_PORT', 'NONCE_AS_PORT', 'NONCE_AS_MTLS_PORT', 'RS_PORT'].map((n, i) => [n, `${p[i]}`])) }, /ready \(pid/);
  const url = (i) => `https://localhost:${p[i]}`;
  return { token: `${url(0)}/token`, mtls: `${url(1)}/token`, nonceToken: `${url(2)}/token`, metadata: `${url(0)}/.well-known/openid-configuration`, api: `${url(4)}/api`, nonceAPI: `${url(4)}/api-nonce`, rs: p[4], pki };
}

// withoutDPoP is an oidc-provider whose feature is switched off, as it is by default in many servers.
async function withoutDPoP(pki) {
  const port = await freePort();
  const issuer = `https://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'basic', client_secret: SECRET, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }],
    features: { dPoP: { enabled: false }, devInteractions: { enabled: false }, clientCredentials: { enabled: true }, resourceIndicators: {
      enabled: true, defaultResource: () => 'https://api.example', useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'read', audience: 'https://api.example', accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    } },
  });
  await new Promise((ok) => https.createServer({ key: readFileSync(`${pki}/server.key`), cert: readFileSync(`${pki}/server-chain.pem`) }, provider.callback()).listen(port, '127.0.0.1', ok));
  return { token: `${issuer}/token` };
}

// gateway ends TLS, and passes /outer on as /api under the inner name, with the client certificate, and /bare without it: what the server
// behind it received is kept as raw text.
async function gateway(o) {
  const port = await freePort();
  const g = { url: `https://localhost:${port}/outer`, bare: `https://localhost:${port}/bare`, front: `https://localhost:${port}/closed` };
  https.createServer({ key: readFileSync(`${o.pki}/server.key`), cert: readFileSync(`${o.pki}/server-chain.pem`), requestCert: true, rejectUnauthorized: false }, (req, res) => {
    if (req.url.startsWith('/closed')) { res.writeHead(403, { 'Content-Length': 0 }); return res.end(); }
    const cert = req.socket.getPeerX509Certificate?.();
    const headers = { ...req.headers, host: `localhost:${o.rs}`, 'x-forwarded-host': `localhost:${port}`, 'x-forwarded-proto': 'https', ...(cert?.raw && !req.url.startsWith('/bare') ? { 'client-cert': `:${cert.raw.toString('base64')}:` } : {}) };
    const inner = req.url.replace(/^\/(outer|bare)/, '/api');
    const r = https.request({ host: 'localhost', port: o.rs, method: req.method, path: inner, headers, rejectUnauthorized: false, agent: false }, (back) => {
      let text = '';
      back.on('data', (d) => { text += d; });
      back.on('end', () => {
        const lines = (raw) => { const l = []; for (let i = 0; i < raw.length; i += 2) l.push(`${raw[i]}: ${raw[i + 1]}`); return l.join('\r\n'); };
        g.received = `${req.method} ${inner} HTTP/1.1\r\n${Object.entries(headers).map(([n, v]) => `${n}: ${v}`).join('\r\n')}\r\n\r\nHTTP/1.1 ${back.statusCode} ${back.statusMessage}\r\n${lines(back.rawHeaders)}\r\n\r\n${text}`;
        res.writeHead(back.statusCode, back.headers);
        res.end(text);
      });
    });
    req.pipe(r);
  }).listen(port, '127.0.0.1');
  return g;
}

// --- proofs and tokens, by jose
const sha = (s, enc = 'base64url') => createHash('sha256').update(s).digest(enc);
async function newKey(alg = 'ES256') {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true });
  const jwk = await jose.exportJWK(publicKey);
  return { alg, privateKey, jwk, secret: await jose.exportJWK(privateKey), jkt: await jose.calculateJwkThumbprint(jwk) };
}
async function proof(k, method, url, { token, header, claims, signer } = {}) {
  const payload = { jti: randomUUID(), htm: method, htu: url.replace(/[?#].*/, ''), iat: Math.floor(Date.now() / 1000), ...(token ? { ath: sha(token) } : {}), ...claims };
  for (const n of Object.keys(payload)) if (payload[n] === undefined) delete payload[n];
  return new jose.CompactSign(new TextEncoder().encode(JSON.stringify(payload))).setProtectedHeader({ typ: 'dpop+jwt', alg: k.alg, jwk: k.jwk, ...header }).sign((signer ?? k).privateKey);
}
const FORM = ['Content-Type', 'application/x-www-form-urlencoded'];
const basic = (id) => ['Authorization', `Basic ${Buffer.from(`${id}:${SECRET}`).toString('base64')}`];
const tokenRequest = (url, id, dpop, more = '') => ({ method: 'POST', url, headers: [FORM, basic(id), ...(dpop ? [['DPoP', dpop]] : [])], body: `grant_type=client_credentials&scope=api%3Aread${more}` });
async function fetchToken(url, id, k) {
  const r = await peers.nodeFetch()(tokenRequest(url, id, k && await proof(k, 'POST', url)));
  if (r.status !== 200) throw new Error(`no token: ${r.body}`);
  return JSON.parse(r.body).access_token;
}

const o = await oidc();
const off = await serve('off', '--dpop-nonce', 'off');
const ownClient = JSON.parse(readFileSync(off.serve_clients, 'utf8')).find((c) => c.client_id === 'mtls-ca');
const ownPair = { cert: ownClient.cert, key: ownClient.cert_key };
const ownMTLSToken = JSON.parse((await peers.node()({ method: 'POST', url: `${new URL(off.mtls_resource).origin}/token`, headers: [FORM], body: 'grant_type=client_credentials&client_id=mtls-ca', cert: ownPair })).body).access_token;
const short = await serve('short', '--dpop-nonce', 'off', '--token-lifetime', '1s');
const u = await withoutDPoP(o.pki);
const g = await gateway(o);
const K = await newKey();
const other = await newKey();
const own = { token: `${off.issuer}/token`, api: off.resource, mtlsAPI: off.mtls_resource };
const bound = await fetchToken(o.token, 'basic-dpop', K);
const second = await fetchToken(o.token, 'basic-dpop', K);
const unbound = await fetchToken(o.token, 'basic');
const pair = (n) => ({ cert: `${o.pki}/${n}.pem`, key: `${o.pki}/${n}.key` });
const mtlsToken = JSON.parse((await peers.node()({ method: 'POST', url: o.mtls, headers: [FORM], body: 'grant_type=client_credentials&client_id=mtls-ca&scope=api%3Aread', cert: pair('mtls-ca') })).body).access_token;

const expired = JSON.parse((await peers.nodeFetch()({ method: 'POST', url: `${short.issuer}/token`, headers: [FORM, ['Authorization', `Basic ${Buffer.from(`${short.client_id}:${short.client_secret}`).toString('base64')}`], ['DPoP', await proof(K, 'POST', `${short.issuer}/token`)]], body: 'grant_type=client_credentials' })).body).access_token;
await new Promise((r) => setTimeout(r, 2000));
const renewed = path.join(work, 'renewed.pem'); // another certificate of the same key
execFileSync(oauthpop, ['cert', 'issue', '--cn', 'mtls-ca-client', '--self-signed', '--key', pair('mtls-ca').key, '--out', renewed, '-q']);

const api = async (url, token, options = {}) => {
  const method = options.method ?? 'GET';
  const p = options.proof ?? await proof(options.key ?? K, options.for?.method ?? method, options.for?.url ?? url, { token, ...options });
  return { method, url, headers: [['Authorization', `${options.scheme ?? 'DPoP'} ${token}`], ...[p].flat().filter(Boolean).map((v) => ['DPoP', v])], cert: options.cert };
};

// --- the exchanges: cause is the first that explain is to name, "" for none; check the first that fails where the text has no answer
const all = [
  { name: 'right-api', cause: '', run: async (send) => send(await api(o.api, bound)) },
  { name: 'right-api-query', cause: '', run: async (send) => send(await api(`${o.api}/orders?page=2`, bound)) },
  { name: 'right-token', cause: '', run: async (send) => send(tokenRequest(o.token, 'basic-dpop', await proof(K, 'POST', o.token))) },
  { name: 'right-own-token', cause: '', run: async (send) => send({ ...tokenRequest(own.token, 'x', await proof(K, 'POST', own.token)), headers: [FORM, ['Authorization', `Basic ${Buffer.from(`${off.client_id}:${off.client_secret}`).toString('base64')}`], ['DPoP', await proof(K, 'POST', own.token)]], body: 'grant_type=client_credentials' }) },
  { name: 'right-nonce', code: 3, cause: '', last: true, run: async (send) => {
    const first = await send(await api(o.nonceAPI, bound));
    return send(await api(o.nonceAPI, bound, { claims: { nonce: first.headers['dpop-nonce'] } }));
  } },
  { name: 'old', cause: 'proof-not-fresh', check: 'fresh', run: async (send) => send(await api(o.api, bound, { claims: { iat: Math.floor(Date.now() / 1000) - 3600 } })) },
  { name: 'clock-ahead', cause: 'clock-skew', check: 'fresh', only: 'text', run: async (send) => send(await api(o.api, bound, { claims: { iat: Math.floor(Date.now() / 1000) + 3600 } })) },
  { name: 'milliseconds', cause: 'proof-not-fresh', check: 'fresh', run: async (send) => send(await api(o.api, bound, { claims: { iat: Date.now() } })) },
  { name: 'method', cause: 'method-differs', check: 'htm', run: async (send) => send(await api(o.api, bound, { method: 'PUT', for: { method: 'GET' } })) },
  { name: 'htu', cause: 'htu-differs', check: 'htu', run: async (send) => send(await api(o.api, bound, { for: { url: `${o.api}/orders` } })) },
  { name: 'ath-missing', cause: 'ath-missing', check: 'ath', run: async (send) => send(await api(o.api, bound, { claims: { ath: undefined } })) },
  { name: 'ath-other', cause: 'ath-differs', check: 'ath', run: async (send) => send(await api(o.api, bound, { claims: { ath: sha(second) } })) },
  { name: 'ath-padded', cause: 'ath-differs', check: 'ath', run: async (send) => send(await api(o.api, bound, { claims: { ath: `${sha(bound)}=` } })) },
  { name: 'ath-hex', cause: 'ath-differs', check: 'ath', run: async (send) => send(await api(o.api, bound, { claims: { ath: sha(bound, 'hex') } })) },
  { name: 'ath-newline', cause: 'ath-differs', check: 'ath', run: async (send) => send(await api(o.api, bound, { claims: { ath: sha(`${bound}\n`) } })) },
  { name: 'key', cause: 'key-differs', check: 'binding', run: async (send) => send(await api(o.api, bound, { key: other })) },
  { name: 'reused', cause: 'proof-reused', last: true, run: async (send) => {
    const r = await api(o.api, bound);
    await send(r);
    return send(r);
  } },
  { name: 'nonce-missing', cause: 'nonce-not-sent', check: '-', run: async (send) => send(await api(o.nonceAPI, bound)) },
  { name: 'nonce-missing-token', cause: 'nonce-not-sent', copied: true, check: '-', run: async (send) => send(tokenRequest(o.nonceToken, 'basic-dpop', await proof(K, 'POST', o.nonceToken))) },
  { name: 'nonce-stale', cause: 'nonce-again', check: '-', run: async (send) => send(await api(o.nonceAPI, bound, { claims: { nonce: 'a-nonce-from-before' } })) },
  { name: 'nonce-elsewhere', cause: 'nonce-of-another-server', last: true, run: async (send) => {
    const first = await send(tokenRequest(o.nonceToken, 'basic-dpop', await proof(K, 'POST', o.nonceToken)));
    return send(await api(o.nonceAPI, bound, { claims: { nonce: first.headers['dpop-nonce'] } }));
  } },
  { name: 'bearer', cause: 'bearer-with-bound-token', check: 'scheme', run: async (send) => send(await api(o.api, bound, { scheme: 'Bearer', proof: [] })) },
  { name: 'bearer-proof', cause: 'bearer-with-bound-token', check: 'scheme', run: async (send) => send(await api(o.api, bound, { scheme: 'Bearer' })) },
  { name: 'unbound', cause: 'dpop-with-unbound-token', check: 'scheme', run: async (send) => send(await api(own.api, unbound)) },
  { name: 'no-proof', cause: 'proof-missing', check: 'scheme', run: async (send) => send(await api(o.api, bound, { proof: [] })) },
  { name: 'two-proofs', cause: 'two-proofs', check: 'single-header', inBrowser: 'well-formed', run: async (send) => send(await api(o.api, bound, { proof: [await proof(K, 'GET', o.api, { token: bound }), await proof(K, 'GET', o.api, { token: bound })] })) },
  { name: 'private-key', cause: 'private-key', check: 'no-private-key', run: async (send) => { const k = await newKey(); return send(tokenRequest(o.token, 'basic-dpop', await proof(k, 'POST', o.token, { header: { jwk: k.secret } }))); } },
  { name: 'alg', code: 0, cause: 'alg-not-offered', last: true, run: async (send) => {
    const k = await newKey('PS384');
    await send({ method: 'GET', url: o.metadata });
    return send(tokenRequest(o.token, 'basic-dpop', await proof(k, 'POST', o.token)));
  } },
  { name: 'expired', cause: 'token-expired', code: 0, run: async (send) => send(await api(short.resource, expired)) },
  { name: 'typ', cause: 'typ', check: 'typ', run: async (send) => send(await api(o.api, bound, { header: { typ: 'JWT' } })) },
  { name: 'signature', cause: 'signature', check: 'signature', run: async (send) => send(await api(o.api, bound, { signer: other })) },
  { name: 'no-jti', cause: 'proof-malformed', check: 'claims', run: async (send) => send(await api(o.api, bound, { claims: { jti: undefined } })) },
  { name: 'token-unbound', cause: 'token-unbound', copied: true, check: '-', run: async (send) => send({ ...tokenRequest(u.token, 'basic', await proof(K, 'POST', u.token)), body: 'grant_type=client_credentials&scope=read' }) },
  { name: 'forbidden', code: 0, cause: 'refused-in-front', check: '-', run: async (send) => send(await api(g.front, bound)) },
  { name: 'certificate-right', cause: '', unseen: 'certificate', only: 'text', run: async (send) => send(await api(o.api, mtlsToken, { scheme: 'Bearer', proof: [], cert: pair('mtls-ca') })) },
  { name: 'certificate-not-sent', code: 0, cause: 'certificate-not-sent', unseen: 'certificate', only: 'text', run: async (send) => send(await api(o.api, mtlsToken, { scheme: 'Bearer', proof: [] })) },
  { name: 'certificate-not-asked', code: 0, cause: 'certificate-not-asked', only: 'handshake', args: ['--cert', 'FILES/own.pem'], run: async (send) => send(await api(own.api, ownMTLSToken, { scheme: 'Bearer', proof: [], cert: ownPair })) },
  { name: 'certificate-unused', code: 0, cause: 'certificate-unused', only: 'handshake', run: async (send) => send({ method: 'POST', url: o.mtls, headers: [FORM], body: 'grant_type=client_credentials&client_id=mtls-ca-unbound&scope=api%3Aread', cert: pair('mtls-ca') }) },
  { name: 'htu-inner', cause: 'htu-inner', only: 'gateway', run: async (send) => send(await api(g.url, bound)) },
  { name: 'certificate-at-proxy', code: 0, cause: 'certificate-at-proxy', only: 'gateway', run: async (send) => send(await api(g.bare, mtlsToken, { scheme: 'Bearer', proof: [], cert: pair('mtls-ca') })) },
  { name: 'certificate-forwarded', cause: '', only: 'gateway', run: async (send) => send(await api(g.url, mtlsToken, { scheme: 'Bearer', proof: [], cert: pair('mtls-ca') })) },
  { name: 'certificate-other', cause: 'certificate-differs', only: 'gateway', run: async (send) => send(await api(g.url, mtlsToken, { scheme: 'Bearer', proof: [], cert: pair('mtls-self') })) },
  { name: 'certificate-renewed', cause: 'certificate-renewed', only: 'gateway', args: ['--cert', 'FILES/mtls-ca.pem', '--cert', 'FILES/renewed.pem'], run: async (send) => send(await api(g.url, mtlsToken, { scheme: 'Bearer', proof: [], cert: { cert: renewed, key: pair('mtls-ca').key } })) },
];

// --- one run
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const manifest = [];
const keep = (c, peer, file, text, more = {}) => {
  const clean = text.replaceAll(work, 'WORK').replaceAll('\0', '');
  writeFileSync(path.join(out, file), clean);
  const entry = { file, peer, cause: c.cause, code: c.code, ...more };
  entry.code ??= entry.cause === '' || entry.note ? 0 : 3;
  manifest.push(entry);
};
const texts = { 'curl-v': peers.curlVerbose, 'curl-trace': peers.curlTrace, 'curl-line': peers.curlLine, node: peers.node, 'node-fetch': peers.nodeFetch };
for (const c of all) {
  for (const [peer, make] of Object.entries(texts)) {
    const handshake = ['curl-v', 'curl-trace'].includes(peer);
    if (c.only === 'handshake' && !handshake) continue;
    if (c.only === 'gateway' ? peer !== 'node' : (peer === 'node-fetch' || peer === 'curl-line') && c.last) continue;
    if (peer === 'node-fetch' && c.name.startsWith('certificate-right')) continue; // fetch takes no certificate
    const wrote = [];
    const send = make(work);
    await c.run(async (r) => { const got = await send(r); wrote.push(got.wrote); return got; });
    if (c.only === 'gateway') { keep(c, 'node, as the server behind a proxy got it', `${c.name}.gateway.txt`, g.received, { args: c.args }); continue; }
    keep(c, peer, `${c.name}.${peer}.txt`, wrote.join('\n\n'), c.unseen && !handshake ? { cause: '', code: 0, open: c.unseen } : { args: c.args });
  }
}
if (!process.env.NO_CHROMIUM) {
  const chromium = await peers.Chromium.start(work);
  for (const c of all.filter((c) => !c.only)) {
    await chromium.visit(o.metadata);
    await c.run(chromium.send());
    const w = await chromium.wrote();
    keep(c, 'chromium', `${c.name}.chromium.har`, w.har);
    if (['right-api', 'key', 'bearer'].includes(c.name)) keep(c, 'chromium', `${c.name}.chromium-sanitized.har`, w.sanitized, { cause: undefined, code: c.name === 'right-api' || c.name === 'key' || c.name === 'bearer' ? 0 : 3, note: 'no Authorization' });
    if (c.copied) keep(c, 'chromium', `${c.name}.chromium-copied.har`, w.copied, { cause: '', code: undefined, note: 'body of the answer' });
    if (c.check && c.check !== '-') {
      // A line that is copied has no time.
      const more = { cause: undefined, check: c.inBrowser ?? c.check, args: c.check === 'fresh' ? undefined : ['--at', 'iat'] };
      keep(c, 'chromium', `${c.name}.chromium-bash.txt`, w.bash, more);
      keep(c, 'chromium', `${c.name}.chromium-cmd.txt`, w.cmd, more);
    }
  }
  await chromium.stop();
  // A browser whose clock is off: its HAR says when it sent the request, and the answer when it came.
  for (const [name, offset] of [['clock-of-browser-behind', -600], ['clock-of-browser-ahead', 600]]) {
    const skewed = await peers.Chromium.start(work, offset);
    await skewed.visit(o.metadata);
    await skewed.send()(await api(o.api, bound, { claims: { iat: Math.floor(Date.now() / 1000) + offset } }));
    keep({ cause: 'clock-skew' }, 'chromium', `${name}.chromium.har`, (await skewed.wrote()).har);
    await skewed.stop();
  }
}
for (const [to, from] of [['mtls-ca.pem', pair('mtls-ca').cert], ['renewed.pem', renewed], ['own.pem', ownPair.cert]]) writeFileSync(path.join(out, to), readFileSync(from, 'utf8').match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n/)[0]);
writeFileSync(path.join(here, 'manifest.json'), `${JSON.stringify(manifest, null, 1)}\n`);
console.log(`${manifest.length} captures of ${all.length} exchanges, ${readdirSync(out).length} files`);
process.exit(0);
