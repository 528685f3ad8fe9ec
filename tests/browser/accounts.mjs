// Connecting accounts: a platform makes its application on the dashboard, a new customer signs up
// on the way and goes on, and both sides can end what was given.
//
//     node accounts.mjs <demo.json>

import { randomBytes } from 'node:crypto';

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { listen } from './callback.mjs';
import { Operator } from './operator.mjs';
import { leave, look, shows, submit } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer, api } = demo.finexer;
const operator = new Operator(demo);
const partner = await listen();
const browser = await launch();
const origins = [issuer, partner.origin];
const platform = await openWindow(browser, origins);
const customer = await openWindow(browser, origins);
const NAME = 'Kea Ledger';
const newcomer = { name: 'Aroha Ngata', email: `aroha.${Date.now()}@customers.example`, password: randomBytes(12).toString('hex') };
const client = {};
let tokens;

async function post(path, fields) {
  const answer = await fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  return { status: answer.status, body: answer.status === 204 ? undefined : await answer.json() };
}

function credentials() {
  return { client_id: client.id, client_secret: client.secret };
}

/** The guide's token request: no redirect_uri. */
async function connect() {
  const { code } = await partner.next();
  const { status, body } = await post('/oauth/token', { code, ...credentials(), grant_type: 'authorization_code' });
  equal(status, 200, `status (${JSON.stringify(body)})`);
  return body;
}

async function works(token) {
  return (await fetch(`${api}/customers`, { headers: { authorization: `Bearer ${token}` } })).status;
}

await run({
  'a platform makes its application and gets an API key': async () => {
    const { page } = platform;
    await page.goto(`${issuer}/oauth/create_client`);
    await submit(page, { username: demo.developer.username, password: demo.developer.password }, 'login');
    for (const scope of ['customer_read', 'customer_write']) {
      await page.locator(`[name="scopes"][value="${scope}"]`).check();
    }
    await page.locator('[name="accept_terms"]').check();
    await submit(page, { name: NAME, website: 'https://kea.example', redirect_uris: partner.url }, 'create');
    client.id = (await page.locator('#client_id').innerText()).trim();
    client.secret = (await page.locator('#client_secret').innerText()).trim();
    ensure(/^app_[0-9A-Za-z]{13}$/.test(client.id), `client_id ${client.id}`);
    await page.goto(`${issuer}/clients/${client.id}`);
    equal(await page.locator('[data-last-used]').getAttribute('data-last-used'), 'never', 'last use');
    ensure(await page.locator('[data-default]').isVisible(), 'no default address');
    await look(page, 'api-key');
  },

  'a client id alone leads a new customer through sign-up to consent': async () => {
    const { page } = customer;
    await page.goto(`${issuer}/oauth/?client_id=${client.id}&state=kept`);
    await look(page, 'connect-login');
    ensure(await page.locator('button[name="cancel"]').isVisible(), 'login cannot be cancelled');
    await leave(page, page.locator('#sign_up_link'));
    ensure(await page.locator('button[name="cancel"]').isVisible(), 'sign-up cannot be cancelled');
    await look(page, 'connect-sign-up');
    await submit(page, newcomer, 'signup');
    await submit(page, { code: await operator.code(newcomer.email) }, 'verify');
    await shows(page, NAME);
    await look(page, 'connect-consent');
    await submit(page, {}, 'approve');
    tokens = await connect();
    equal(tokens.scope, 'customer_read,customer_write', 'scope');
    equal(await works(tokens.access_token), 200, 'a call');
  },

  'the customer takes it back on Authorized Apps': async () => {
    const { page } = customer;
    await page.goto(`${issuer}/apps`);
    await shows(page, NAME);
    await look(page, 'authorized-apps');
    await leave(page, page.locator(`[data-client="${client.id}"] button[name="revoke"]`));
    ensure(!(await page.content()).includes(NAME), 'it is still listed');
    await look(page, 'authorized-apps-none');
    equal(await works(tokens.access_token), 401, 'a call afterwards');
    equal((await post('/oauth/revoke', { ...credentials(), refresh_token: tokens.refresh_token })).status, 400, 'once more');
  },

  'the platform sees the account and lets it go on Managed Accounts': async () => {
    await customer.page.goto(`${issuer}/oauth/?client_id=${client.id}`);
    await submit(customer.page, {}, 'approve');
    const again = await connect();
    equal(again.account_id, tokens.account_id, 'account_id');
    const { page } = platform;
    await page.goto(`${issuer}/clients/${client.id}`);
    await leave(page, page.locator('#managed_accounts'));
    await shows(page, again.account_id);
    await look(page, 'managed-accounts');
    await leave(page, page.locator(`[data-account="${again.account_id}"] button[name="disconnect"]`));
    await look(page, 'managed-accounts-none');
    equal(await works(again.access_token), 401, 'a call afterwards');
  },

  'who may act for a business says for whom': async () => {
    const headers = { authorization: `Bearer ${demo.operator_token}`, 'content-type': 'application/json' };
    const at = `${demo.admin}/admin/v1/tenants/finexer`;
    const found = await (await fetch(`${at}/users/${newcomer.email}`, { headers })).json();
    const body = JSON.stringify({ name: 'Ngata Accounting Ltd', user: found.id });
    const opened = await fetch(`${at}/accounts`, { method: 'POST', headers, body });
    equal(opened.status, 201, 'opened');
    const { id } = await opened.json();
    const { page } = customer;
    await page.goto(`${issuer}/oauth/?client_id=${client.id}`);
    await shows(page, 'Ngata Accounting Ltd');
    await page.locator(`[name="account"][value="${id}"]`).check();
    await look(page, 'choose-account');
    await submit(page, {}, 'approve');
    equal((await connect()).account_id, id, 'account_id');
  },

  'nothing was wrong on any page': async () => silent(platform, customer),
});
