// A tenant's own staff and portal: an owner invites a colleague, who joins with the code of a mail
// and judges an application; developers find their way; people tell what the tenant demands.
//
//     node staff.mjs <demo.json>

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { listen } from './callback.mjs';
import { Operator } from './operator.mjs';
import { leave, look, shows, submit } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer } = demo.financefeast;
const portal = demo.finexer.issuer;
const operator = new Operator(demo);
const partner = await listen();
const browser = await launch();
const origins = [issuer, portal, partner.origin];
const owner = await openWindow(browser, origins);
const colleague = await openWindow(browser, origins);
const NAME = 'Kea Ledger';
const CODE = /\b[0-9a-f]{32}\b/;
let client;

function signIn(page, person) {
  return submit(page, { username: person.username, password: person.password }, 'login');
}

await run({
  'a developer finds their way without an application': async () => {
    const { page } = owner;
    for (const part of ['', '/security', '/oauth']) {
      await page.goto(`${portal}/developers${part}`);
      await look(page, `portal${part.replace('/', '-') || '-start'}`);
    }
    await page.goto(`${portal}/developers/dashboard`);
    await signIn(page, demo.developer);
    equal(new URL(page.url()).pathname, '/developers/dashboard', 'path after the login');
    await look(page, 'portal-dashboard');
    await page.goto(`${portal}/developers/templates`);
    await look(page, 'portal-templates');
  },

  'an application waits': async () => {
    const { page } = owner;
    await page.goto(`${issuer}/oauth/create_client`);
    await signIn(page, demo.developer);
    await page.locator('[name="scopes"][value="openid"]').check();
    await page.locator('[name="accept_terms"]').check();
    await submit(page, { name: NAME, website: 'https://kea.example', redirect_uris: partner.url }, 'create');
    client = (await page.locator('#client_id').innerText()).trim();
  },

  'an owner invites a colleague and can take that back': async () => {
    const { page } = owner;
    await operator.staff('financefeast', demo.developer.username, 'owner');
    await page.goto(`${issuer}/team`);
    await shows(page, NAME);
    await look(page, 'team');
    for (const email of ['nobody@staff.example', demo.user.username]) {
      await page.locator('form:has(#invite) select[name="role"]').selectOption('reviewer');
      await submit(page, { email }, 'invite');
    }
    equal(await page.locator('[data-invitation]').count(), 2, 'open invitations');
    await look(page, 'team-invited');
    const mistaken = page.locator('[data-invitation]', { hasText: 'nobody@staff.example' });
    await leave(page, mistaken.locator('button[name="withdraw"]'));
    equal(await page.locator('[data-invitation]').count(), 1, 'open invitations afterwards');
  },

  'the colleague joins with the code and judges the application': async () => {
    const { page } = colleague;
    await page.goto(`${issuer}/team`);
    await signIn(page, demo.user);
    await look(page, 'team-join');
    await submit(page, { code: await operator.code(demo.user.username, CODE) }, 'join');
    ensure(!(await page.locator('#invite').count()), 'a reviewer can invite');
    await look(page, 'team-reviewer');
    await leave(page, page.locator(`[data-client="${client}"] button[name="approve"]`));
    await look(page, 'team-approved');
    ensure(!(await page.content()).includes(`data-client="${client}"`), 'it still waits');
  },

  'what was done is kept': async () => {
    const { page } = owner;
    await page.goto(`${issuer}/team`);
    await leave(page, page.locator('[data-role="reviewer"] a'));
    await page.locator('[data-event="oauth.client.approved"]').waitFor();
    await look(page, 'team-history');
  },

  'people tell what the tenant demands, once, between login and consent': async () => {
    const words = { en: 'Company number', de: 'Handelsregisternummer' };
    await operator.set('financefeast', '/interaction/details', [{ name: 'company_number', label: words }]);
    const { page } = colleague;
    const redirect = encodeURIComponent(partner.url);
    const link = `${issuer}/oauth/authorize?response_type=code&client_id=${client}&redirect_uri=${redirect}&scope=openid&state=kept`;
    await page.goto(link);
    await look(page, 'details');
    await submit(page, { detail_company_number: '00445790' }, 'continue');
    await shows(page, NAME);
    await submit(page, {}, 'approve');
    const { code, state } = await partner.next();
    ensure(code && state === 'kept', 'no code');
    await page.goto(`${link}&prompt=consent`);
    await shows(page, NAME);
    ensure(!(await page.locator('[name="detail_company_number"]').count()), 'asked twice');
  },

  'nothing was wrong on any page': async () => silent(owner, colleague),
});
