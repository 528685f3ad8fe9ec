// The pages of the strict tenant: German, denial, every way back to the partner, and a browser
// without JavaScript.
//
//     node strict.mjs <demo.json>

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { listen } from './callback.mjs';
import { Operator } from './operator.mjs';
import { leave, look, shows, submit } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer, client_id: clientId, redirect_uri: redirectUri } = demo.openid;
const operator = new Operator(demo);
const partner = await listen(Number(new URL(redirectUri).port));
const browser = await launch();
const origins = [issuer, partner.origin];
const entries = { username: demo.user.username, password: demo.user.password };
const windows = [];

async function open(options) {
  const window = await openWindow(browser, origins, options);
  windows.push(window);
  return window;
}

function authorizeUrl(extra = {}) {
  const url = new URL(`${issuer}/oauth/authorize`);
  url.search = new URLSearchParams({
    response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'openid profile email', state: 'st', nonce: 'no', ...extra,
  });
  return url.href;
}

async function language(page) {
  return page.locator('html').getAttribute('lang');
}

await run({
  'denying is told to the partner': async () => {
    const { page } = await open();
    await page.goto(authorizeUrl());
    await submit(page, entries, 'login');
    await submit(page, {}, 'deny');
    const visit = await partner.next();
    equal([visit.error, visit.state, visit.iss, visit.code], ['access_denied', 'st', issuer, undefined], 'the answer');
  },

  'cancelling the login is told to the partner': async () => {
    const { page } = await open();
    await page.goto(authorizeUrl());
    await leave(page, page.locator('button[name="cancel"]'));
    equal((await partner.next()).error, 'access_denied', 'error');
  },

  'German from login to consent': async () => {
    const { page } = await open();
    await page.goto(authorizeUrl({ ui_locales: 'de' }));
    equal(await language(page), 'de', 'language of the login');
    await look(page, 'login-de');
    await submit(page, { ...entries, password: 'falsch' }, 'login');
    equal(await language(page), 'de', 'language of the refusal');
    await submit(page, entries, 'login');
    equal(await language(page), 'de', 'language of the consent');
    await look(page, 'consent-de');
    await submit(page, {}, 'approve');
    const visit = await partner.next();
    ensure(visit.code, 'no code');
    equal([visit.state, visit.iss], ['st', issuer], 'the answer');
  },

  'German where the browser asks for it': async () => {
    const { page } = await open({ locale: 'de-AT' });
    await page.goto(authorizeUrl());
    equal(await language(page), 'de', 'language of the login');
    await leave(page, page.locator('#sign_up_link'));
    equal(await language(page), 'de', 'language of the sign-up');
    await look(page, 'sign-up-de');
  },

  'choosing an account, and the answer as a form': async () => {
    const { page } = await open();
    await page.goto(authorizeUrl());
    await submit(page, entries, 'login');
    ensure((await partner.next()).code, 'no code: what was consented to once is not asked again');
    await page.goto(authorizeUrl({ prompt: 'select_account' }));
    await look(page, 'select-account');
    await leave(page, page.locator('button[name="continue"]').first());
    ensure((await partner.next()).code, 'no code');
    // The form sends itself on while the page still loads.
    await page.goto(authorizeUrl({ response_mode: 'form_post' }), { waitUntil: 'commit' });
    const visit = await partner.next();
    equal([visit.method, visit.state, visit.iss], ['POST', 'st', issuer], 'the answer');
    ensure(visit.code, 'no code');
  },

  'a browser without JavaScript can do everything': async () => {
    const { page } = await open({ javaScriptEnabled: false });
    const person = { name: 'Wiremu Tahana', email: `wiremu.${Date.now()}@customers.example`, password: 'a long and quiet sentence' };
    await page.goto(authorizeUrl({ response_mode: 'form_post' }));
    await leave(page, page.locator('#sign_up_link'));
    await submit(page, person, 'signup');
    await submit(page, { code: await operator.code(person.email) }, 'verify');
    if (await page.locator('[name="password"]').isVisible()) {
      await submit(page, { username: person.email, password: person.password }, 'login');
    }
    await shows(page, person.name);
    await submit(page, {}, 'approve');
    await leave(page, page.locator('#form_post button'));
    const visit = await partner.next();
    equal([visit.method, visit.state], ['POST', 'st'], 'the answer');
    ensure(visit.code, 'no code');
  },

  'an address that is known already is not given away': async () => {
    const { page } = await open();
    await page.goto(authorizeUrl());
    await leave(page, page.locator('#sign_up_link'));
    await submit(page, { name: 'Somebody', email: demo.user.username, password: 'a long and quiet sentence' }, 'signup');
    ensure(await page.locator('[name="code"]').isVisible(), 'the page differs from the one for a new address');
  },

  'the browser had nothing to complain about': async () => {
    silent(...windows);
    await browser.close();
  },
});
