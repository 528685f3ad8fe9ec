// The whole way of the guide: a developer registers a client, the operator approves it, a new
// customer signs up on the way and consents, the partner redeems the code and calls the API.
//
//     node partner.mjs <demo.json>

import { randomBytes } from 'node:crypto';

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { listen } from './callback.mjs';
import { Operator } from './operator.mjs';
import { leave, look, shows, submit } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer, api } = demo.financefeast;
const operator = new Operator(demo);
const partner = await listen();
const browser = await launch();
const origins = [issuer, partner.origin];
const developer = await openWindow(browser, origins);
const customer = await openWindow(browser, origins);
const NAME = 'Kea Budget';
const CODE = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const newcomer = { name: 'Aroha Ngata', email: `aroha.${Date.now()}@customers.example`, password: randomBytes(12).toString('hex') };
const client = {};
let token;

function authorizeUrl(state, nonce) {
  // Spelled as in the guide, `+` between the scopes included.
  return `${issuer}/oauth/authorize?response_type=code&client_id=${client.id}&redirect_uri=${encodeURIComponent(partner.url)}`
    + `&scope=openid+profile+plan&state=${state}&nonce=${nonce}`;
}

async function post(path, fields) {
  const answer = await fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: answer.status, body: await answer.json() };
}

function credentials(secret = client.secret) {
  return { client_id: client.id, client_secret: secret };
}

async function callApi(bearer) {
  const headers = { accept: 'application/json', authorization: `Bearer ${bearer}` };
  return fetch(`${api}/data/eod?ticker=air.nz`, { headers });
}

async function expectState(page, state) {
  const badge = page.locator(`[data-client="${client.id}"] [data-state]`);
  equal(await badge.getAttribute('data-state'), state, 'state of the client');
}

await run({
  'the root page greets someone who is not signed in': async () => {
    await developer.page.goto(`${issuer}/`);
    await look(developer.page, 'home-signed-out');
  },

  'a developer signs in to create a client': async () => {
    const { page } = developer;
    await page.goto(`${issuer}/oauth/create_client`);
    await look(page, 'login-developer');
    await submit(page, { username: demo.developer.username, password: demo.developer.password }, 'login');
    equal(new URL(page.url()).pathname, '/oauth/create_client', 'path after the login');
    await look(page, 'create-client');
  },

  'mistakes are shown beside the fields': async () => {
    const { page } = developer;
    developer.expectRefusal(page.url());
    await submit(page, { name: NAME, website: 'https://kea.example', redirect_uris: 'http://kea.example/callback' }, 'create');
    await look(page, 'create-client-mistakes');
    equal(await page.locator('#redirect_uris').getAttribute('aria-invalid'), 'true', 'redirect URIs marked');
    equal(await page.locator('#accept_terms').getAttribute('aria-invalid'), 'true', 'terms marked');
    equal(await page.locator('[name="name"]').inputValue(), NAME, 'what was typed');
  },

  'the client is created once the terms are accepted': async () => {
    const { page } = developer;
    for (const scope of ['openid', 'profile', 'plan']) await page.locator(`[name="scopes"][value="${scope}"]`).check();
    await page.locator('[name="accept_terms"]').check();
    const fields = { name: NAME, website: 'https://kea.example', logo_url: 'https://kea.example/logo.png', redirect_uris: partner.url };
    await submit(page, fields, 'create');
    client.id = (await page.locator('#client_id').innerText()).trim();
    client.secret = (await page.locator('#client_secret').innerText()).trim();
    ensure(/^[0-9a-f]{32}$/.test(client.id), `client_id ${client.id}`);
    ensure(/^[0-9a-f]{40}$/.test(client.secret), 'the secret is not 40 hexadecimal digits');
    await look(page, 'client-created');
  },

  'it is listed as pending, and its secret is not shown again': async () => {
    const { page } = developer;
    await page.goto(`${issuer}/#clients`);
    await expectState(page, 'pending');
    await look(page, 'clients-pending');
    await leave(page, page.locator(`[data-client="${client.id}"] a`));
    await look(page, 'client-details-pending');
    ensure(!(await page.content()).includes(client.secret), 'the secret is shown again');
  },

  'before approval nobody is sent anywhere': async () => {
    const { page } = customer;
    await customer.openRefused(authorizeUrl('early', 'early'), 400);
    equal(new URL(page.url()).origin, issuer, 'where the customer is');
    await look(page, 'error-client-not-approved');
    const { status, body } = await post('/oauth/token', {
      grant_type: 'authorization_code', code: 'x', redirect_uri: partner.url, ...credentials(),
    });
    equal([status, body.error], [401, 'invalid_client'], 'the token endpoint');
  },

  'the operator finds it and approves it': async () => {
    ensure((await operator.pending('financefeast')).includes(client.id), 'it is not among the pending clients');
    await operator.approve('financefeast', client.id);
    await developer.page.goto(`${issuer}/#clients`);
    await developer.page.reload();
    await expectState(developer.page, 'approved');
    await look(developer.page, 'clients-approved');
  },

  'a wrong password says nothing about who exists': async () => {
    const { page } = customer;
    await page.goto(authorizeUrl('Pxx5fVv8sMue8eymdg1hhCtkvERe0Z', '0jUUjAJskDY4ivq5CgvY'));
    await look(page, 'login');
    const wrong = { username: demo.user.username, password: 'not the password' };
    await submit(page, wrong, 'login');
    const known = await page.locator('[role="alert"]').innerText();
    await look(page, 'login-refused');
    await submit(page, { ...wrong, username: 'nobody@customers.example' }, 'login');
    equal(await page.locator('[role="alert"]').innerText(), known, 'the sentence for an unknown user');
  },

  'a new customer signs up inside the flow': async () => {
    const { page } = customer;
    await leave(page, page.locator('#sign_up_link'));
    await look(page, 'sign-up');
    await submit(page, newcomer, 'signup');
    await look(page, 'verify');
    const code = await operator.code(newcomer.email);
    const wrong = `${code.slice(0, -1)}${(Number(code.at(-1)) + 1) % 10}`;
    await submit(page, { code: wrong }, 'verify');
    await look(page, 'verify-refused');
    ensure(await page.locator('[role="alert"]').isVisible(), 'a wrong code is taken');
    await submit(page, { code }, 'verify');
    if (await page.locator('[name="password"]').isVisible()) {
      await submit(page, { username: newcomer.email, password: newcomer.password }, 'login');
    }
    await shows(page, NAME);
    await look(page, 'consent');
  },

  'consent leads back to the partner with a code': async () => {
    const { page } = customer;
    await submit(page, {}, 'approve');
    const visit = await partner.next();
    ensure(page.url().startsWith(partner.url), `the customer is at ${page.url()}`);
    equal(visit.state, 'Pxx5fVv8sMue8eymdg1hhCtkvERe0Z', 'state');
    equal(visit.referer, undefined, 'referer');
    ensure(CODE.test(visit.code), `code ${visit.code}`);
    client.code = visit.code;
  },

  'the code becomes a token that works': async () => {
    const request = { grant_type: 'authorization_code', code: client.code, redirect_uri: partner.url, ...credentials() };
    const { status, body } = await post('/oauth/token', request);
    equal(status, 200, `status (${JSON.stringify(body)})`);
    token = body.access_token;
    equal((await callApi(token)).status, 200, 'status of the API');
    equal((await callApi('nothing')).status, 401, 'status of the API without a token');
    const info = await fetch(`${issuer}/oauth/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    equal((await info.json()).email, newcomer.email, 'email');
  },

  'the next time nothing is asked': async () => {
    await customer.page.goto(authorizeUrl('again', 'again'));
    equal((await partner.next()).state, 'again', 'state');
  },

  'a rotated secret lives beside the old one': async () => {
    const { page } = developer;
    await leave(page, page.locator(`[data-client="${client.id}"] a`));
    await submit(page, {}, 'rotate');
    const next = (await page.locator('#client_secret').innerText()).trim();
    await look(page, 'client-rotated');
    ensure(next !== client.secret, 'the secret is the same');
    for (const secret of [client.secret, next]) {
      const { body } = await post('/oauth/introspect', { token, ...credentials(secret) });
      equal(body.active, true, 'active');
    }
    await leave(page, page.locator('#continue'));
    await look(page, 'client-details-approved');
  },

  'the customer takes back what was given': async () => {
    const { page } = customer;
    await page.goto(`${issuer}/`);
    await look(page, 'home-customer');
    await leave(page, page.locator('#connected_apps'));
    await shows(page, NAME);
    await look(page, 'apps');
    await leave(page, page.locator(`button[name="revoke"][value="${client.id}"]`));
    equal(await page.locator(`[data-client="${client.id}"]`).count(), 0, 'apps left');
    await look(page, 'apps-none');
    equal((await callApi(token)).status, 401, 'status of the API');
  },

  'the customer signs out': async () => {
    const { page } = customer;
    await page.goto(`${issuer}/logout`);
    await look(page, 'log-out');
    await submit(page, {}, 'logout');
    await look(page, 'logged-out');
    await page.goto(authorizeUrl('after', 'after'));
    ensure(await page.locator('[name="password"]').isVisible(), 'still signed in');
  },

  'who forgot their password comes back to the same request': async () => {
    const { page } = customer;
    const fresh = randomBytes(12).toString('hex');
    await page.goto(authorizeUrl('forgot', 'forgot'));
    await leave(page, page.locator('#forgot_link'));
    await look(page, 'forgot-password');
    await submit(page, { email: demo.user.username }, 'reset');
    await look(page, 'new-password');
    await submit(page, { code: await operator.code(demo.user.username), password: fresh }, 'change');
    await look(page, 'login-after-reset');
    await submit(page, { username: demo.user.username, password: fresh }, 'login');
    await shows(page, NAME);
    await submit(page, {}, 'approve');
    equal((await partner.next()).state, 'forgot', 'state');
  },

  'a wrong redirect URI and an unknown client end on a page': async () => {
    const { page } = customer;
    await customer.openRefused(authorizeUrl('x', 'x').replace('callback', 'elsewhere'), 400);
    await look(page, 'error-redirect-uri');
    await customer.openRefused(authorizeUrl('x', 'x').replace(client.id, 'f'.repeat(32)), 400);
    await look(page, 'error-unknown-client');
  },

  'settings can be changed, but not the kind of client': async () => {
    const { page } = developer;
    await leave(page, page.locator('#edit'));
    equal(await page.locator('[name="kind"]').count(), 0, 'choices of a kind');
    await look(page, 'edit-client');
    await page.locator('[name="scopes"][value="plan"]').uncheck();
    await submit(page, {}, 'save');
    equal(await page.locator('#state').getAttribute('data-state'), 'approved', 'state: less needs nobody\'s approval');
    await look(page, 'client-details-saved');
  },

  'a client is deleted only after a second look': async () => {
    const { page } = developer;
    await leave(page, page.locator('#ask_delete'));
    await look(page, 'client-delete');
    await leave(page, page.locator('#keep'));
    await leave(page, page.locator('#ask_delete'));
    await submit(page, {}, 'delete');
    equal(await page.locator(`[data-client="${client.id}"]`).count(), 0, 'the client in the list');
    await customer.openRefused(authorizeUrl('gone', 'gone'), 400);
  },

  'an account can be opened without any partner': async () => {
    const visitor = await openWindow(browser, [issuer]);
    const { page } = visitor;
    const person = { name: 'Tama Rewi', email: `tama.${Date.now()}@customers.example`, password: randomBytes(12).toString('hex') };
    await page.goto(`${issuer}/`);
    await leave(page, page.locator('#sign_up'));
    await submit(page, person, 'signup');
    await submit(page, { code: await operator.code(person.email) }, 'verify');
    await shows(page, `Welcome, ${person.name}`);
    equal(new URL(page.url()).pathname, '/', 'where the visitor is');
    silent(visitor);
  },

  'the mailbox shows what was sent, once the operator has signed in': async () => {
    const desk = await openWindow(browser, [demo.admin]);
    await desk.openRefused(`${demo.admin}/mailbox`, 401);
    await look(desk.page, 'operator-sign-in');
    await submit(desk.page, { token: demo.operator_token }, 'login');
    await shows(desk.page, newcomer.email);
    await look(desk.page, 'mailbox');
    silent(desk);
  },

  'the browser had nothing to complain about': async () => {
    silent(developer, customer);
    await browser.close();
  },
});
