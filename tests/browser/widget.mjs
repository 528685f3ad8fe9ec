// The widget: alone in a window, in a frame of a registered origin, and refused in another.
//
//     node widget.mjs <demo.json>

import { createServer } from 'node:http';

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { Operator } from './operator.mjs';
import { leave, look, lookFramed, submit } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer, client_id: clientId, client_secret: secret, redirect_uri: redirectUri } = demo.finx;
const operator = new Operator(demo);
const browser = await launch();
const windows = [];
const MARA = { username: 'mara.brandt', pin: '13579' };
const IBAN = 'DE82900948150000002881';

const STYLE = 'body{margin:0;font:16px sans-serif;background:#eef1ea;color:#243020}header{padding:16px 24px;background:#2f4a2c;color:#fff;font-weight:bold}'
  + 'main{max-width:560px;margin:0 auto;padding:8px 12px}h1{font-size:20px}iframe{width:100%;height:640px;border:0;border-radius:12px;box-shadow:0 2px 16px #0003;background:#fff}';

/** A shop's pages: one with the widget in a frame, and the callback. */
async function shop(host, port) {
  let location = 'about:blank';
  const arrived = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url, `http://${request.headers.host}`);
    if (url.pathname === '/oauth/callback') arrived.push(Object.fromEntries(url.searchParams));
    const frame = url.pathname === '/shop' ? `<iframe title="Bank" src="${location.replaceAll('&', '&amp;')}"></iframe>` : '';
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shop</title><link rel="icon" href="data:,"><style>${STYLE}</style></head><body><header>Kea Shop</header><main><h1>Connect your bank</h1>${frame}</main></body></html>`,
    );
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    origin: `http://${host}:${server.address().port}`,
    show(link) { location = link; },
    arrived,
    close: () => server.close(),
  };
}

const registered = await shop('127.0.0.1', Number(new URL(redirectUri).port));
const strange = await shop('127.0.0.1', 0);

async function link(more = {}) {
  const answer = await fetch(`${issuer}/onetime/access`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ redirect_uri: redirectUri, state: 'st', language: 'en', ...more }),
  });
  equal(answer.status, 200, 'status of the start');
  return (await answer.json()).location;
}

async function open(options) {
  const widget = new URL(await link()).origin;
  const window = await openWindow(browser, [widget, registered.origin, strange.origin], options);
  windows.push(window);
  return window;
}

async function back() {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    if (registered.arrived.length > 0) return registered.arrived.shift();
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error('nobody came back to the partner');
}

const code = () => operator.code('mara.brandt@sandbox-bank.example');

await run({
  'every screen, alone in a window and without JavaScript': async () => {
    const { page } = await open({ javaScriptEnabled: false });
    await page.goto(await link());
    ensure(!page.url().includes('token'), 'the address is not clean');
    await page.locator('input[value="sandbox-nord"]').check();
    await leave(page, page.locator('button[name="choose"]'));
    await submit(page, MARA, 'login');
    await submit(page, { code: await code() }, 'verify');
    await page.locator('input[name="account_1"]').check();
    await leave(page, page.locator('button[name="share"]'));
    await leave(page, page.locator('button[name="approve"]'));
    const visit = await back();
    ensure(visit.code?.startsWith('eyJhbGciO'), 'no code');
    equal([visit.state, visit.success, visit.cancel], ['st', 'true', undefined], 'the answer');
  },

  'every screen looks finished': async () => {
    const { page } = await open();
    await page.goto(await link());
    await look(page, 'widget-bank');
    await page.locator('input[value="sandbox-nord"]').check();
    await leave(page, page.locator('button[name="choose"]'));
    await look(page, 'widget-login');
    await submit(page, { ...MARA, pin: '00000' }, 'login');
    await look(page, 'widget-login-wrong');
    await submit(page, MARA, 'login');
    await look(page, 'widget-factor');
    await submit(page, { code: await code() }, 'verify');
    await look(page, 'widget-accounts');
    await page.locator('input[name="account_1"]').check();
    await page.locator('input[name="account_2"]').check();
    await leave(page, page.locator('button[name="share"]'));
    await look(page, 'widget-consent');
    await leave(page, page.locator('button[name="cancel"]'));
    equal(await back(), { state: 'st', success: 'false', cancel: 'true' }, 'the answer');
  },

  'German, and a bank that lets nobody in': async () => {
    const { page } = await open();
    await page.goto(await link({ language: 'de', accounts: [{ id: IBAN }] }));
    equal(await page.locator('html').getAttribute('lang'), 'de', 'language');
    await look(page, 'widget-login-de');
    for (let attempt = 0; attempt < 5; attempt += 1) await submit(page, { ...MARA, pin: '0' }, 'login');
    await look(page, 'widget-refused-de');
    await leave(page, page.locator('#back'));
    equal(await back(), { state: 'st', success: 'false' }, 'the answer');
  },

  'in a frame of a registered origin it runs to its end': async () => {
    const { page } = await open();
    registered.show(await link({ accounts: [{ id: IBAN }] }));
    await page.goto(`${registered.origin}/shop`);
    const frame = page.frameLocator('iframe');
    await frame.locator('[name="username"]').waitFor();
    await lookFramed(page, 'widget-frame-login');
    await frame.locator('[name="username"]').fill(MARA.username);
    await frame.locator('[name="pin"]').fill(MARA.pin);
    await frame.locator('button[name="login"]').click();
    await frame.locator('[name="code"]').waitFor();
    await frame.locator('[name="code"]').fill(await code());
    await frame.locator('button[name="verify"]').click();
    await frame.locator('button[name="share"]').waitFor();
    await lookFramed(page, 'widget-frame-accounts');
    await frame.locator('button[name="share"]').click();
    await frame.locator('button[name="approve"]').waitFor();
    await lookFramed(page, 'widget-frame-consent');
    await frame.locator('button[name="approve"]').click();
    await frame.locator('[name="agreed"]').waitFor();
    await lookFramed(page, 'widget-frame-confirm');
    await frame.locator('[name="agreed"]').check();
    await frame.locator('button[name="confirm"]').click();
    await frame.locator('[data-end="success"]').waitFor();
    await lookFramed(page, 'widget-frame-success');
    ensure(page.url().endsWith('/shop'), 'the window has moved by itself');
    await frame.locator('#back').click();
    await page.waitForURL('**/oauth/callback**');
    const visit = await back();
    ensure(visit.code?.startsWith('eyJhbGciO'), 'no code');
    equal(visit.success, 'true', 'success');
  },

  'a link that was used shows a page in the frame, and not nothing': async () => {
    const window = await open();
    const { page } = window;
    const used = await link();
    await fetch(used, { redirect: 'manual' });
    registered.show(used);
    window.expectRefusal(used);
    await page.goto(`${registered.origin}/shop`);
    await page.frameLocator('iframe').locator('[data-error="interaction_expired"]').waitFor();
    await lookFramed(page, 'widget-frame-over');
  },

  'in a frame of another origin it is refused': async () => {
    const window = await openWindow(browser, [new URL(await link()).origin, strange.origin]);
    const { page } = window;
    strange.show(await link({ accounts: [{ id: IBAN }] }));
    await page.goto(`${strange.origin}/shop`);
    const refused = () => window.complaints().some((heard) => heard.includes('frame-ancestors'));
    for (let attempt = 0; attempt < 100 && !refused(); attempt += 1) {
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
    ensure(refused(), `the browser did not refuse the frame: ${window.complaints().join('\n')}`);
    equal(await page.frameLocator('iframe').locator('[name="username"]').count(), 0, 'fields in the frame');
  },

  'the browser had nothing to complain about': async () => {
    silent(...windows);
    await browser.close();
    registered.close();
    strange.close();
  },
});
