// The clients that send the requests, each writing down what it sent and got in its own way.
import { spawn, execFile } from 'node:child_process';
import * as https from 'node:https';
import { mkdtempSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const parse = (text) => {
  const [head, ...rest] = text.split('\r\n\r\n');
  const [status, ...fields] = head.split('\r\n');
  const headers = Object.fromEntries(fields.map((f) => [f.slice(0, f.indexOf(':')).toLowerCase(), f.slice(f.indexOf(':') + 1).trim()]));
  return { status: +status.split(' ')[1], headers, body: rest.join('\r\n\r\n') };
};

// --- curl: its -v, its --trace-ascii, and the command line with what -i prints below it
const quote = (s) => (/^[\w./:=@-]+$/.test(s) ? s : `'${s.replaceAll("'", `'\\''`)}'`);
function curl(extra, write) {
  return async ({ method, url, headers = [], body, cert }) => {
    const args = ['-X', method, ...headers.flatMap(([n, v]) => ['-H', `${n}: ${v}`]), ...(body === undefined ? [] : ['-d', body]), url];
    const flags = ['-sk', '-i'];
    const pair = cert ? ['--cert', cert.cert, '--key', cert.key] : [];
    const { stdout, stderr } = await new Promise((ok, bad) => execFile('curl', [...flags, ...pair, ...extra, ...args], (e, stdout, stderr) => (e && !stdout && !stderr ? bad(e) : ok({ stdout, stderr }))));
    return { ...parse(stdout.replace(/^HTTP\/2 (\d+) ?/, 'HTTP/2 $1 ')), wrote: write({ args: [...flags, ...pair.map((v) => path.basename(v)), ...args], stdout, stderr }) };
  };
}
export const curlVerbose = () => curl(['-v'], ({ stdout, stderr }) => `${stderr}\n${stdout.split('\r\n\r\n').slice(1).join('\r\n\r\n')}`);
export const curlTrace = (folder) => curl(['--trace-ascii', path.join(folder, 'trace')], () => readFileSync(path.join(folder, 'trace'), 'utf8'));
export const curlLine = () => curl([], ({ args, stdout }) => `curl ${args.map(quote).join(' ')}\n\n${stdout}`);

// --- node: the bytes that its HTTP client writes and reads
export const node = () => ({ method, url, headers = [], body, cert }) => new Promise((ok, bad) => {
  let sent = '', got = '';
  const fields = {};
  for (const [n, v] of headers) fields[n] = n in fields ? [fields[n], v].flat() : v;
  if (body !== undefined) fields['Content-Length'] ??= Buffer.byteLength(body);
  const r = https.request(url, { method, headers: fields, rejectUnauthorized: false, agent: false, ...(cert ? { cert: readFileSync(cert.cert), key: readFileSync(cert.key) } : {}) }, (res) => {
    let text = '';
    res.on('data', (d) => { text += d; });
    res.on('end', () => ok({ status: res.statusCode, headers: res.headers, body: text, wrote: `${sent}\n\n${got}` }));
  });
  r.on('socket', (s) => {
    const write = s.write.bind(s);
    s.write = (d, ...rest) => { sent += d; return write(d, ...rest); };
    s.on('data', (d) => { got += d; });
  });
  r.on('error', bad);
  r.end(body);
});

// --- node: what a program logs of fetch
export const nodeFetch = () => async ({ method, url, headers = [], body }) => {
  const h = new Headers();
  for (const [n, v] of headers) h.append(n, v);
  const res = await fetch(url, { method, headers: h, body, redirect: 'manual' });
  const text = await res.text();
  const all = (list) => [...list].map(([n, v]) => `${n}: ${v}`).join('\n');
  return {
    status: res.status, headers: Object.fromEntries(res.headers), body: text,
    wrote: `${method} ${url}\n${all(h)}\n\n${body ?? ''}\n\nHTTP/1.1 ${res.status} ${res.statusText}\n${all(res.headers)}\n\n${text}`,
  };
};

// --- Chromium: fetch in a page, and what its DevTools make of that
export class Chromium {
  // folder is where its profile goes, offset are the seconds by which its clock is off.
  static async start(folder, offset) {
    const c = new Chromium();
    c.dir = mkdtempSync(path.join(folder, 'chromium-'));
    const browser = process.env.CHROMIUM || 'chromium';
    const [command, ...first] = offset ? ['faketime', '-f', `${offset > 0 ? '+' : ''}${offset}s`, browser] : [browser];
    c.process = spawn(command, [
      ...first,
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--remote-debugging-port=0', '--remote-allow-origins=*', '--ignore-certificate-errors', '--disable-web-security', `--user-data-dir=${c.dir}`, 'about:blank',
    ], { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    const port = await new Promise((ok) => {
      let said = '';
      c.process.stderr.on('data', (d) => { said += d; const m = /ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said); if (m) ok(m[1]); });
    });
    const base = `http://127.0.0.1:${port}`;
    const page = (await (await fetch(`${base}/json`)).json()).find((t) => t.type === 'page');
    const tools = `${base}/devtools/inspector.html?ws=127.0.0.1:${port}/devtools/page/${page.id}`;
    c.page = await connect(page.webSocketDebuggerUrl);
    c.tools = await connect((await (await fetch(`${base}/json/new?${encodeURIComponent(tools)}`, { method: 'PUT' })).json()).webSocketDebuggerUrl);
    // The page of the tools is there some time after its tab.
    while (!await c.inTools("location.pathname.endsWith('inspector.html') && document.readyState === 'complete'").catch(() => false)) await new Promise((r) => setTimeout(r, 100));
    await c.inTools(`(async () => {
      globalThis.har = await import('./models/har/har.js');
      globalThis.logs = await import('./models/logs/logs.js');
      globalThis.network = await import('./panels/network/network.js');
      while (!document.querySelector('.root-view')) await new Promise((r) => setTimeout(r, 100));
      globalThis.all = () => logs.NetworkLog.NetworkLog.instance().requests().filter((r) => /^https:/.test(r.url()) && r.requestMethod !== 'OPTIONS');
    })()`);
    return c;
  }

  async inTools(expression) { return evaluate(this.tools, expression); }

  // visit opens a page of the server, so that DevTools begin a new log.
  async visit(url) {
    await this.page.send('Page.navigate', { url });
    await evaluate(this.page, 'new Promise((r) => setTimeout(r, 300))');
    this.from = await this.inTools('all().length');
  }

  send() {
    return async ({ method, url, headers = [], body }) => {
      const r = await evaluate(this.page, `(async () => {
        const h = new Headers();
        for (const [n, v] of ${JSON.stringify(headers)}) h.append(n, v);
        const r = await fetch(${JSON.stringify(url)}, { method: ${JSON.stringify(method)}, headers: h, body: ${JSON.stringify(body)}, cache: 'no-store' });
        return { status: r.status, headers: Object.fromEntries(r.headers), body: await r.text() };
      })()`);
      return { ...r, wrote: '' };
    };
  }

  // wrote are the HAR of what was sent since the visit, with what is sensitive and without, and the last request as cURL.
  async wrote() {
    // "Export HAR" and "Copy all as HAR": only the first has the bodies of answers.
    const exported = (sanitize) => this.inTools(`(async () => {
      let text = '';
      const progress = { canceled: false, done: false, title: '', totalWork: 1, worked: 1, isCanceled: () => false, createSubProgress: () => progress, setTotalWork() {}, setTitle() {}, setWorked() {}, incrementWorked() {}, done() {} };
      await har.Writer.Writer.write({ write: async (s) => { text += s; }, close: async () => {} }, all().slice(${this.from}), { sanitize: ${sanitize} }, progress);
      return text;
    })()`);
    const copied = () => this.inTools(`har.Log.Log.build(all().slice(${this.from}), { sanitize: false }).then((log) => JSON.stringify({ log }, null, 2))`);
    const line = (os) => this.inTools(`network.NetworkLogView.NetworkLogView.generateCurlCommand(all().at(-1), '${os}')`);
    await new Promise((r) => setTimeout(r, 300)); // the last events of the network are under way
    return { har: await exported(false), sanitized: await exported(true), copied: await copied(), bash: await line('unix'), cmd: await line('win') };
  }

  async stop() {
    const ended = new Promise((ok) => this.process.on('exit', ok));
    process.kill(-this.process.pid); // with the helpers that it started
    await ended;
  }
}

function connect(url) {
  const ws = new WebSocket(url);
  const waiting = new Map();
  let id = 0;
  ws.onmessage = ({ data }) => { const d = JSON.parse(data); waiting.get(d.id)?.(d); waiting.delete(d.id); };
  return new Promise((ok, bad) => {
    ws.onerror = bad;
    ws.onopen = () => ok({ send: (method, params = {}) => new Promise((r) => { waiting.set(++id, r); ws.send(JSON.stringify({ id, method, params })); }) });
  });
}

async function evaluate(target, expression) {
  const { result, error } = await target.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
  if (error || result.exceptionDetails) throw new Error(error?.message ?? result.exceptionDetails.exception?.description ?? 'evaluation failed');
  return result.result.value;
}
