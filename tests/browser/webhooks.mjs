// Webhooks: a platform registers an endpoint, tries it, sees what was sent, sends it again, and
// replaces the secret.
//
//     node webhooks.mjs <demo.json>

import { createServer } from 'node:http';

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { leave, look, shows, submit } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer } = demo.finexer;
const calls = [];
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    calls.push(request.headers['webhook-id']);
    response.writeHead(204).end();
  });
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const url = `http://127.0.0.1:${server.address().port}/hooks/kea`;
const browser = await launch();
const platform = await openWindow(browser, [issuer]);
const { page } = platform;
const client = {};
let endpoint;

/** Loads the page again until it shows this. */
async function until(selector) {
  for (let tries = 0; tries < 600; tries += 1) {
    await page.reload();
    if (await page.locator(selector).count()) return;
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error(`the page never shows ${selector}`);
}

await run({
  'a platform finds the webhooks of its application': async () => {
    await page.goto(`${issuer}/oauth/create_client`);
    await submit(page, { username: demo.developer.username, password: demo.developer.password }, 'login');
    await page.locator('[name="scopes"][value="customer_read"]').check();
    await page.locator('[name="accept_terms"]').check();
    const wanted = { name: 'Kea Hooks', website: 'https://kea.example', redirect_uris: 'https://kea.example/callback' };
    await submit(page, wanted, 'create');
    client.id = (await page.locator('#client_id').innerText()).trim();
    await page.goto(`${issuer}/clients/${client.id}`);
    await leave(page, page.locator('#webhooks'));
    await look(page, 'webhooks-none');
  },

  'an address that cannot be called is refused beside its field': async () => {
    platform.expectRefusal(page.url());
    await submit(page, { url: 'https://user@kea.example/' }, 'create');
    ensure(await page.locator('#url-error').isVisible(), 'no error');
    await look(page, 'webhooks-wrong');
  },

  'a new endpoint gets a secret that is shown': async () => {
    await submit(page, { url, description: 'Our bookkeeping' }, 'create');
    ensure((await page.locator('#webhook_secret').innerText()).startsWith('whsec_'), 'no secret');
    await look(page, 'webhook-secret');
    await leave(page, page.locator('#continue'));
    endpoint = page.url();
    await look(page, 'webhook-new');
  },

  'a test event arrives and is in the log': async () => {
    await leave(page, page.locator('#test'));
    await page.goto(endpoint);
    await until('[data-delivery][data-state="delivered"]');
    equal(calls.length, 1, 'calls');
    await look(page, 'webhook-log');
  },

  'one delivery shows its attempts, and goes out again': async () => {
    await leave(page, page.locator('[data-delivery] a'));
    await shows(page, calls[0]);
    equal(await page.locator('[data-attempt]').count(), 1, 'attempts');
    await look(page, 'webhook-delivery');
    const before = calls.length;
    await leave(page, page.locator('#resend'));
    for (let tries = 0; calls.length === before && tries < 600; tries += 1) {
      await new Promise((again) => setTimeout(again, 50));
    }
    equal(calls.at(-1), calls[0], 'id of what was sent again');
  },

  'how often it is called is limited, and is not any more': async () => {
    await page.goto(endpoint);
    await submit(page, { max_per_second: '25' }, 'save');
    equal(await page.locator('#max_per_second').inputValue(), '25', 'limit');
    await look(page, 'webhook-limited');
    await submit(page, { max_per_second: '' }, 'save');
    equal(await page.locator('#max_per_second').inputValue(), '', 'limit');
  },

  'a secret is replaced, and the one before signs on for a while': async () => {
    await page.goto(endpoint);
    await leave(page, page.locator('#rotate'));
    await look(page, 'webhook-secret-replaced');
    await leave(page, page.locator('#continue'));
    equal(await page.locator('[data-key]').count(), 2, 'secrets');
    ensure(await page.locator('[data-ends]').isVisible(), 'no countdown');
    await look(page, 'webhook-rotating');
  },

  'the same in German': async () => {
    await page.goto(`${endpoint}?ui_locales=de`);
    await shows(page, 'Zustellungen');
    await look(page, 'webhook-de');
    await page.goto(`${issuer}/clients/${client.id}/webhooks?ui_locales=de`);
    await look(page, 'webhooks-de');
  },

  'nothing was wrong on any page': async () => silent(platform),
});
