// Interop peer for oauthpop: panva/node-oidc-provider, a certified authorization server that this project did not write,
// over HTTPS on 127.0.0.1, twice: "plain" (DPoP nonce optional) and "nonce" (DPoP nonce required),
// each with a second mTLS port (mtls_endpoint_aliases), plus one resource server.
// All settings by environment: AS_PORT AS_MTLS_PORT NONCE_AS_PORT NONCE_AS_MTLS_PORT RS_PORT (listeners, all on 127.0.0.1),
// PKI_DIR (made by pki.sh when absent), AT_TTL, RT_ROTATE=0, INTERACTION=dev (real login pages), LOG=0,
// EXTRA_CLIENTS (a JSON array of RFC 7591 metadata, registered beside the clients below),
// EXTRA_CLIENT_CA (PEM, trusted for client certificates beside pki/client-ca.pem),
// CLIENT_CERT=1 (the resource server takes the certificate from the field Client-Cert of RFC 9440, as behind a proxy that ends TLS),
// EXIT_WITH_STDIN=1 (end when standard input does, so that it never outlives who started it).
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as https from 'node:https';
import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import Provider, { errors } from 'oidc-provider';
import * as jose from 'jose';
import * as oauth from 'oauth4webapi';

const here = path.dirname(fileURLToPath(import.meta.url));
const env = process.env;
const BIND = env.BIND || '127.0.0.1';
const HOST = env.HOSTNAME_IN_URLS || 'localhost';
const PKI = path.resolve(env.PKI_DIR || path.join(here, 'pki'));
const P = {
  as: +(env.AS_PORT || 9443), asMtls: +(env.AS_MTLS_PORT || 9444),
  nas: +(env.NONCE_AS_PORT || 9453), nasMtls: +(env.NONCE_AS_MTLS_PORT || 9454),
  rs: +(env.RS_PORT || 9445),
};
const AT_TTL = +(env.AT_TTL || 300);
const RT_ROTATE = env.RT_ROTATE !== '0';
const DEV = env.INTERACTION === 'dev'; // real login/consent pages instead of auto-approval
const LOG = env.LOG !== '0';
if (env.EXIT_WITH_STDIN) process.stdin.on('end', () => process.exit(0)).resume();

execFileSync('sh', [path.join(here, 'pki.sh')], { env: { ...env, PKI_DIR: PKI }, stdio: 'inherit' });
const read = (f) => fs.readFileSync(path.join(PKI, f), 'utf8');
const pubJwk = (f, extra = {}) => ({ ...createPublicKey(createPrivateKey(read(f))).export({ format: 'jwk' }), ...extra });
const sha256b64u = (b) => createHash('sha256').update(b).digest('base64url');
const certJwk = (f) => {
  const c = new X509Certificate(read(f));
  return { ...c.publicKey.export({ format: 'jwk' }), kid: f, use: 'sig', x5c: [c.raw.toString('base64')], 'x5t#S256': sha256b64u(c.raw) };
};

// --- AS signing keys, kept in the PKI folder so that restarts keep tokens verifiable
const jwksFile = path.join(PKI, 'as-jwks.json');
if (!fs.existsSync(jwksFile)) {
  const keys = [];
  for (const [alg, kid] of [['RS256', 'as-rsa'], ['ES256', 'as-ec'], ['EdDSA', 'as-ed']]) {
    const { privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    keys.push({ ...(await jose.exportJWK(privateKey)), kid, use: 'sig', ...(alg === 'EdDSA' ? {} : { alg }) });
  }
  fs.writeFileSync(jwksFile, JSON.stringify({ keys }), { mode: 0o600 });
}
const asJwks = JSON.parse(fs.readFileSync(jwksFile, 'utf8'));

// --- clients
const loopback = ['http://127.0.0.1/callback', 'http://[::1]/callback', 'http://localhost/callback'];
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
const cc = { authorization_details_types: ['payment_initiation'], grant_types: ['client_credentials'], response_types: [], redirect_uris: [] };
const user = {
  authorization_details_types: ['payment_initiation'],
  grant_types: ['authorization_code', 'refresh_token', DEVICE], response_types: ['code'],
  application_type: 'native', redirect_uris: loopback,
};
const all = { ...user, grant_types: [...user.grant_types, 'client_credentials'] };
const bound = { tls_client_certificate_bound_access_tokens: true };
const dpop = { dpop_bound_access_tokens: true };
const secret = 'interop-secret-0123456789abcdefghijklmnopqrstuvwxyz';
const dn = 'CN=mtls-ca-client,O=oauthpop interop,C=NO';
export const clients = [
  { client_id: 'public', token_endpoint_auth_method: 'none', ...user },
  { client_id: 'public-dpop', token_endpoint_auth_method: 'none', ...user, ...dpop },
  { client_id: 'public-mtls-bound', token_endpoint_auth_method: 'none', ...user, ...bound },
  { client_id: 'public-par', token_endpoint_auth_method: 'none', ...user, ...dpop, require_pushed_authorization_requests: true },
  { client_id: 'basic', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic', ...all },
  { client_id: 'basic-dpop', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic', ...all, ...dpop },
  { client_id: 'post', client_secret: secret, token_endpoint_auth_method: 'client_secret_post', ...all },
  { client_id: 'secret-jwt', client_secret: secret, token_endpoint_auth_method: 'client_secret_jwt', ...all },
  { client_id: 'basic-mtls-bound', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic', ...all, ...bound },
  { client_id: 'pkjwt', token_endpoint_auth_method: 'private_key_jwt', ...all, jwks: { keys: [pubJwk('pkjwt.key', { kid: 'pkjwt', alg: 'ES256', use: 'sig' })] } },
  { client_id: 'pkjwt-dpop', token_endpoint_auth_method: 'private_key_jwt', ...all, ...dpop, jwks: { keys: [pubJwk('pkjwt.key', { kid: 'pkjwt', alg: 'ES256', use: 'sig' })] } },
  { client_id: 'jar', token_endpoint_auth_method: 'private_key_jwt', ...all, ...dpop, request_object_signing_alg: 'ES256', require_signed_request_object: true, jwks: { keys: [pubJwk('jar.key', { kid: 'jar', alg: 'ES256', use: 'sig' })] } },
  { client_id: 'mtls-ca', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: dn, ...all, ...bound },
  { client_id: 'mtls-ca-dns', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'mtls-ca.client.test', ...all, ...bound },
  { client_id: 'mtls-ca-uri', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_uri: 'urn:oauthpop:mtls-ca', ...all, ...bound },
  { client_id: 'mtls-ca-email', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_email: 'mtls@client.test', ...all, ...bound },
  { client_id: 'mtls-ca-ip', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_ip: '127.0.0.1', ...all, ...bound },
  { client_id: 'mtls-ca-unbound', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: dn, ...all },
  { client_id: 'mtls-ca-dpop', token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_subject_dn: dn, ...all, ...dpop },
  { client_id: 'mtls-self', token_endpoint_auth_method: 'self_signed_tls_client_auth', ...all, ...bound, jwks: { keys: [certJwk('mtls-self.pem'), certJwk('mtls-self-rsa.pem')] } },
  { client_id: 'rs', client_secret: secret, token_endpoint_auth_method: 'client_secret_basic', ...cc }, // the resource server, for introspection
  ...(env.EXTRA_CLIENTS ? JSON.parse(fs.readFileSync(env.EXTRA_CLIENTS, 'utf8')) : []),
];

// --- mTLS helpers
const peer = (ctx) => {
  const c = ctx.socket.getPeerX509Certificate?.();
  return c && c.raw ? c : undefined;
};
const subjectRfc4514 = (c) => c.subject.split('\n').reverse().join(',');
const sans = (c, kind) => (c.subjectAltName || '').split(', ').filter((s) => s.startsWith(kind)).map((s) => s.slice(kind.length));
function subjectMatches(ctx, property, expected) {
  const c = peer(ctx);
  switch (property) {
    case 'tls_client_auth_subject_dn': return subjectRfc4514(c) === expected;
    case 'tls_client_auth_san_dns': return sans(c, 'DNS:').includes(expected);
    case 'tls_client_auth_san_uri': return sans(c, 'URI:').includes(expected);
    case 'tls_client_auth_san_email': return sans(c, 'email:').includes(expected);
    case 'tls_client_auth_san_ip': return sans(c, 'IP Address:').includes(expected);
    default: return false;
  }
}

const RESOURCE = `https://${HOST}:${P.rs}/`;
const okResource = (r) => r === RESOURCE || r.startsWith(`${RESOURCE}api`);
const RAR = 'payment_initiation';

function makeProvider({ port, mtlsPort, requireNonce }) {
  const issuer = `https://${HOST}:${port}`;
  const alias = (p) => `https://${HOST}:${mtlsPort}${p}`;
  const provider = new Provider(issuer, {
    clients,
    jwks: asJwks,
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: ['openid', 'offline_access', 'api:read', 'api:write'],
    claims: { openid: ['sub'], profile: ['name'] },
    ttl: { AccessToken: AT_TTL, ClientCredentials: AT_TTL, DeviceCode: 600, RefreshToken: 86400, Session: 3600, Grant: 86400, Interaction: 600, IdToken: 3600 },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, name: id }) }),
    issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: () => RT_ROTATE,
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
    enabledJWA: { dPoPSigningAlgValues: ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'Ed25519', 'EdDSA'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    discovery: {
      mtls_endpoint_aliases: {
        token_endpoint: alias('/token'), revocation_endpoint: alias('/token/revocation'),
        introspection_endpoint: alias('/token/introspection'), device_authorization_endpoint: alias('/device/auth'),
        pushed_authorization_request_endpoint: alias('/request'), userinfo_endpoint: alias('/me'),
      },
    },
    ...(DEV ? {} : { interactions: { url: (ctx, i) => `/interaction/${i.uid}` } }),
    renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
    features: {
      devInteractions: { enabled: DEV },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      pushedAuthorizationRequests: { enabled: true },
      requestObjects: { enabled: true },
      userinfo: { enabled: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => requireNonce },
      mTLS: {
        enabled: true, certificateBoundAccessTokens: true, selfSignedTlsClientAuth: true, tlsClientAuth: true,
        getCertificate: (ctx) => peer(ctx)?.toString(),
        certificateAuthorized: (ctx) => ctx.socket.authorized === true,
        certificateSubjectMatches: subjectMatches,
      },
      richAuthorizationRequests: {
        enabled: true,
        types: { [RAR]: { validate(ctx, d) { if (!Array.isArray(d.actions)) throw new errors.InvalidAuthorizationDetails(`${RAR} needs actions`); } } },
        authorizationDetailsForGrantSource: (ctx) => ctx.oidc.grant.rar,
        authorizationDetailsForAccessToken: (ctx, token, source) => source?.rar
          ?? (ctx.oidc.params.authorization_details ? JSON.parse(ctx.oidc.params.authorization_details) : undefined),
        authorizationDetailsForIntrospection: (ctx, token) => token.rar,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: (ctx, client, oneOf) => {
          if (oneOf) return oneOf[0];
          const scopes = (ctx.oidc.params?.scope || '').split(' ');
          return scopes.includes('openid') ? undefined : RESOURCE;
        },
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => {
          if (!okResource(resource)) throw new errors.InvalidTarget();
          return {
            scope: 'api:read api:write', audience: resource, accessTokenTTL: AT_TTL,
            ...(resource.endsWith('/opaque') ? { accessTokenFormat: 'opaque' } : { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
          };
        },
      },
    },
  });
  const say = (n) => (ctx, err) => LOG && console.error(`[as:${port}] ${n}`, ctx?.oidc?.client?.clientId ?? '-', err.error ?? err.name, err.error_description ?? err.message, err.error_detail ?? '', err.cause?.message ?? '');
  for (const e of ['server_error', 'grant.error', 'authorization.error', 'pushed_authorization_request.error', 'device_authorization.error', 'introspection.error', 'userinfo.error', 'revocation.error']) provider.on(e, say(e));
  const cb = provider.callback();
  const handler = async (req, res) => {
    if (!DEV && req.url.startsWith('/interaction/')) {
      try { return await autoApprove(provider, req, res); } catch (e) { console.error('interaction', e); res.statusCode = 400; return res.end(String(e)); }
    }
    return cb(req, res);
  };
  return { provider, handler, issuer };
}

// every login is `login_hint` or "alice"; every consent is granted. login_hint=deny refuses.
async function autoApprove(provider, req, res) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(req, res);
  if (params.login_hint === 'deny') return provider.interactionFinished(req, res, { error: 'access_denied', error_description: 'End-User refused' });
  if (prompt.name === 'login') return provider.interactionFinished(req, res, { login: { accountId: params.login_hint || 'alice' } });
  const grant = grantId ? await provider.Grant.find(grantId) : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const d = prompt.details;
  if (d.missingOIDCScope) grant.addOIDCScope(d.missingOIDCScope.join(' '));
  if (d.missingOIDCClaims) grant.addOIDCClaims(d.missingOIDCClaims);
  for (const [r, s] of Object.entries(d.missingResourceScopes || {})) grant.addResourceScope(r, s.join(' '));
  for (const r of d.rar || []) grant.addRar(r);
  return provider.interactionFinished(req, res, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

// --- resource server. DPoP checks are oauth4webapi's (panva); the certificate check is ours.
const jwksLocal = jose.createLocalJWKSet({ keys: asJwks.keys.map(({ d, p, q, dp, dq, qi, ...pub }) => pub) });
const seenJti = new Map();
let rsNonce = randomBytes(12).toString('base64url');
async function rs(req, res) {
  const url = new URL(req.url, `https://${req.headers.host}`);
  const send = (code, body, headers = {}) => { res.writeHead(code, { 'content-type': 'application/json', ...headers }); res.end(`${JSON.stringify(body)}\n`); };
  if (url.pathname === '/rotate-nonce') { rsNonce = randomBytes(12).toString('base64url'); return send(200, { ok: true }); }
  if (url.pathname === '/.well-known/oauth-protected-resource') {
    return send(200, { resource: RESOURCE, authorization_servers: [`https://${HOST}:${P.as}`, `https://${HOST}:${P.nas}`], scopes_supported: ['api:read', 'api:write'],
      tls_client_certificate_bound_access_tokens: true, dpop_signing_alg_values_supported: ['ES256', 'RS256', 'PS256', 'EdDSA'] });
  }
  if (!/^\/api(-nonce)?(\/|$)/.test(url.pathname)) return send(404, { error: 'not_found' });
  const needNonce = url.pathname.startsWith('/api-nonce');
  const nonceHdr = needNonce ? { 'dpop-nonce': rsNonce } : {};
  const no = (err, desc, scheme = 'DPoP', extra = {}) => send(401, { error: err, error_description: desc },
    { 'www-authenticate': `${scheme} error="${err}", error_description="${String(desc).replace(/["\\]/g, "'")}"${scheme === 'DPoP' ? ', algs="ES256 RS256 PS256 EdDSA"' : ''}`, ...nonceHdr, ...extra });
  const m = /^(Bearer|DPoP) ([A-Za-z0-9._~+/-]+=*)$/i.exec(req.headers.authorization || '');
  if (!m) return send(401, {}, { 'www-authenticate': 'DPoP algs="ES256 RS256 PS256 EdDSA", Bearer', ...nonceHdr });
  const scheme = m[1].toLowerCase();
  try {
    const { payload } = await jose.jwtVerify(m[2], jwksLocal, { typ: 'at+jwt' });
    if (![`https://${HOST}:${P.as}`, `https://${HOST}:${P.nas}`].includes(payload.iss)) return no('invalid_token', 'unknown issuer');
    if (!okResource(String(payload.aud))) return no('invalid_token', 'wrong audience');
    const cnf = payload.cnf || {};
    if (cnf['x5t#S256']) {
      if (scheme !== 'bearer') return no('invalid_token', 'certificate-bound tokens use the Bearer scheme', 'Bearer');
      const forwarded = env.CLIENT_CERT && /^:([A-Za-z0-9+/=]+):$/.exec(req.headers['client-cert'] || '');
      const c = forwarded ? new X509Certificate(Buffer.from(forwarded[1], 'base64')) : peer({ socket: req.socket });
      if (!c) return no('invalid_token', 'no client certificate', 'Bearer');
      if (sha256b64u(c.raw) !== cnf['x5t#S256']) return no('invalid_token', 'certificate does not match cnf x5t#S256', 'Bearer');
      return send(200, { bound: 'mtls', sub: payload.sub, client_id: payload.client_id, scope: payload.scope, cnf, authorization_details: payload.authorization_details });
    }
    if (cnf.jkt) {
      if (scheme !== 'dpop') return no('invalid_token', 'DPoP-bound token presented as Bearer');
      const proof = req.headers.dpop;
      if (!proof) return no('invalid_dpop_proof', 'no DPoP proof');
      await oauth.validateJwtAccessToken({ issuer: payload.iss, jwks_uri: 'https://local/jwks' }, new Request(url, { method: req.method, headers: { authorization: req.headers.authorization, dpop: proof } }), String(payload.aud), {
        requireDPoP: true, signingAlgorithms: ['ES256', 'RS256', 'PS256', 'ES384', 'ES512', 'Ed25519', 'EdDSA'],
        [oauth.customFetch]: async () => new Response(JSON.stringify({ keys: asJwks.keys.map(({ d, p, q, dp, dq, qi, ...pub }) => pub) }), { headers: { 'content-type': 'application/json' } }),
      });
      const claims = jose.decodeJwt(proof);
      if (needNonce && claims.nonce !== rsNonce) return no('use_dpop_nonce', 'Resource server requires nonce in DPoP proof');
      if (seenJti.has(claims.jti)) return no('invalid_dpop_proof', 'jti replayed');
      seenJti.set(claims.jti, Date.now());
      return send(200, { bound: 'dpop', sub: payload.sub, client_id: payload.client_id, scope: payload.scope, cnf, authorization_details: payload.authorization_details });
    }
    return send(200, { bound: 'none', sub: payload.sub, client_id: payload.client_id, scope: payload.scope });
  } catch (e) {
    if (LOG) console.error(`[rs:${P.rs}]`, e.code ?? e.name, e.message, e.cause?.message ?? '');
    return no(e.cause?.claims || /DPoP/.test(e.message) ? 'invalid_dpop_proof' : 'invalid_token', e.message);
  }
}

const tls = { key: read('server.key'), cert: read('server-chain.pem'), minVersion: 'TLSv1.2' };
const mtls = { ...tls, requestCert: true, rejectUnauthorized: false, ca: [read('client-ca.pem'), ...(env.EXTRA_CLIENT_CA ? [fs.readFileSync(env.EXTRA_CLIENT_CA, 'utf8')] : [])] };
const listen = (port, opts, h, what) => new Promise((ok, bad) => {
  const s = https.createServer(opts, h); s.on('error', bad);
  s.listen(port, BIND, () => { console.error(`${what}: https://${HOST}:${port}`); ok(s); });
});
const a = makeProvider({ port: P.as, mtlsPort: P.asMtls, requireNonce: false });
const b = makeProvider({ port: P.nas, mtlsPort: P.nasMtls, requireNonce: true });
await listen(P.as, tls, a.handler, 'AS plain');
await listen(P.asMtls, mtls, a.handler, 'AS plain, mTLS aliases');
await listen(P.nas, tls, b.handler, 'AS nonce');
await listen(P.nasMtls, mtls, b.handler, 'AS nonce, mTLS aliases');
await listen(P.rs, mtls, rs, 'RS');
console.error(`CA: ${path.join(PKI, 'server-ca.pem')}\nready (pid ${process.pid})`);
