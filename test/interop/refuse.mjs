// A server that refuses wrong client certificates in the TLS handshake itself (oidc-provider refuses them over HTTP).
// Environment: PKI_DIR, CLIENT_CA, MAX_VERSION (TLSv1.2 or TLSv1.3). Prints its port; ends when standard input does.
import * as fs from 'node:fs';
import * as https from 'node:https';
import * as path from 'node:path';

const pki = (f) => fs.readFileSync(path.join(process.env.PKI_DIR, f));
const server = https.createServer({
  key: pki('server.key'), cert: pki('server-chain.pem'), ca: fs.readFileSync(process.env.CLIENT_CA),
  requestCert: true, rejectUnauthorized: true, maxVersion: process.env.MAX_VERSION,
}, (req, res) => req.resume().on('end', () => res.end(`${JSON.stringify({ subject: req.socket.getPeerX509Certificate().subject })}\n`)));
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
