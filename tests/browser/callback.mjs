// A partner's callback: a tiny server that keeps what the browser brings.

import { createServer } from 'node:http';

const WAIT_MS = 15_000;
const PAGE = '<!doctype html><html lang="en"><head><title>Partner</title><link rel="icon" href="data:,"></head>'
  + '<body><main><h1>Back at the partner</h1></main></body></html>';

/** Listens on a loopback port (0: any free one) under `/oauth/callback`. */
export async function listen(port = 0) {
  const arrived = [];
  const waiting = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => { body += part; });
    request.on('end', () => {
      const url = new URL(request.url, `http://${request.headers.host}`);
      if (url.pathname === '/oauth/callback') {
        const parameters = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams;
        const visit = { method: request.method, referer: request.headers.referer, ...Object.fromEntries(parameters) };
        const next = waiting.shift();
        if (next) next(visit);
        else arrived.push(visit);
      }
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: `${origin}/oauth/callback`,
    /** The next visit: its method, referer and parameters. */
    next() {
      if (arrived.length > 0) return Promise.resolve(arrived.shift());
      return new Promise((resolve, reject) => {
        setTimeout(() => reject(new Error('nobody came back to the partner')), WAIT_MS).unref();
        waiting.push(resolve);
      });
    },
  };
}
