// standardwebhooks as a receiver uses it: an endpoint is made over the admin API, and what arrives is
// verified by the library.
//
//     node webhooks.mjs <demo.json>

import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';

import { ensure, equal, run } from './checks.mjs';
import { readDemo } from './demo.mjs';

const demo = readDemo(process.argv.at(-1));

async function admin(path, body) {
  const answer = await fetch(`${demo.admin}/admin/v1/tenants/openid/webhooks${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${demo.operator_token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  ensure(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

const waiting = [];
const arrived = [];
const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    response.writeHead(204).end();
    const call = { headers: request.headers, body: Buffer.concat(pieces).toString() };
    const next = waiting.shift();
    if (next === undefined) arrived.push(call);
    else next(call);
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const url = `http://127.0.0.1:${server.address().port}/hook`;

function call() {
  const before = arrived.shift();
  return before === undefined ? new Promise((next) => waiting.push(next)) : Promise.resolve(before);
}

const wanted = { url, events: ['oauth.authorization.revoked'], format: 'standard', signing: 'both' };
const { webhook, secret: first } = await admin('', wanted);

function verified(secret, { headers, body }) {
  return new Webhook(secret).verify(body, headers);
}

function refuses(secret, what) {
  try {
    verified(secret, what);
  } catch {
    return;
  }
  throw new Error('the library took it');
}

await run({
  'the library takes a test event, and nothing that was changed': async () => {
    const { message_id: id } = await admin(`/${webhook.id}/test`);
    const seen = await call();
    const event = verified(first.secret, seen);
    equal([event.id, event.type, seen.headers['webhook-id']], [id, 'webhook.test', id], 'the event');
    refuses(first.secret, { ...seen, body: `${seen.body} ` });
    refuses(first.secret, { ...seen, headers: { ...seen.headers, 'webhook-id': 'evt_1' } });
    refuses('whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', seen);
  },
  'while two secrets overlap the library takes what comes with either': async () => {
    const second = await admin(`/${webhook.id}/secret`, { overlap_seconds: 3600 });
    await admin(`/${webhook.id}/test`);
    const seen = await call();
    for (const secret of [first.secret, second.secret]) equal(verified(secret, seen).type, 'webhook.test', 'the event');
  },
  'without overlap it takes what comes with the new one only': async () => {
    const third = await admin(`/${webhook.id}/secret`, { overlap_seconds: 0 });
    await admin(`/${webhook.id}/test`);
    const seen = await call();
    equal(verified(third.secret, seen).type, 'webhook.test', 'the event');
    refuses(first.secret, seen);
  },
});
