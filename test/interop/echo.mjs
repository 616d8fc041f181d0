// An API that leads elsewhere, gives bodies back, and tells what it was sent, with the proof as jose reads it.
// Environment: PKI_DIR. Prints its port; ends when standard input does.
import * as fs from 'node:fs';
import * as https from 'node:https';
import * as path from 'node:path';
import * as jose from 'jose';

const pki = (f) => fs.readFileSync(path.join(process.env.PKI_DIR, f));
const seen = new Set();

async function proofOf(header) {
  if (!header) return null;
  const { payload } = await jose.jwtVerify(header, jose.EmbeddedJWK, { typ: 'dpop+jwt', maxTokenAge: '60s' });
  if (seen.has(payload.jti)) throw new Error('jti replayed');
  seen.add(payload.jti);
  return payload;
}

const server = https.createServer({ key: pki('server.key'), cert: pki('server-chain.pem') }, async (req, res) => {
  const url = new URL(req.url, `https://${req.headers.host}`);
  const status = Number(/^\/(30\d)(\/|$)/.exec(url.pathname)?.[1]);
  try {
    const proof = await proofOf(req.headers.dpop);
    const told = { method: req.method, path: url.pathname, authorization: req.headers.authorization ?? '', proof, contentType: req.headers['content-type'] ?? '' };
    if (status) {
      if (proof?.htu !== `${url.origin}${url.pathname}` || proof.htm !== req.method) throw new Error(`a proof for ${proof?.htm} ${proof?.htu}`);
      res.writeHead(status, { location: url.searchParams.get('to') }).end();
    } else if (url.pathname === '/raw') {
      req.pipe(res.writeHead(200, { 'x-told': JSON.stringify(told) }));
    } else {
      req.resume().on('end', () => res.end(JSON.stringify(told)));
    }
  } catch (e) {
    res.writeHead(401, { 'www-authenticate': `DPoP error="invalid_dpop_proof", error_description="${e.message}"` }).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
