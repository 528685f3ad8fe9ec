// The operators' dashboard: signing in with the token, judging an application, looking after tenants.
//
//     node panel.mjs <demo.json>

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { leave, look, shows, submit } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer } = demo.financefeast;
const panel = demo.admin;
const browser = await launch();
const developer = await openWindow(browser, [issuer]);
const operator = await openWindow(browser, [panel]);
const NAME = 'Kea Ledger';
let client;
let user;

await run({
  'an application waits': async () => {
    const { page } = developer;
    await page.goto(`${issuer}/oauth/create_client`);
    await submit(page, { username: demo.developer.username, password: demo.developer.password }, 'login');
    await page.locator('[name="scopes"][value="openid"]').check();
    await page.locator('[name="accept_terms"]').check();
    const wanted = { name: NAME, website: 'https://kea.example', redirect_uris: 'https://kea.example/callback' };
    await submit(page, wanted, 'create');
    client = (await page.locator('#client_id').innerText()).trim();
  },

  'an operator signs in with the token, and is led to what they asked for': async () => {
    const { page } = operator;
    await operator.openRefused(`${panel}/waiting`, 401);
    await look(page, 'panel-sign-in');
    operator.expectRefusal(`${panel}/?next=%2Fwaiting`);
    await submit(page, { token: 'grantor_op_wrong' }, 'login');
    ensure(await page.locator('#error').isVisible(), 'no error');
    await submit(page, { token: demo.operator_token }, 'login');
    equal(new URL(page.url()).pathname, '/waiting', 'path after the sign-in');
    await look(page, 'panel-waiting');
  },

  'the overview shows what waits': async () => {
    const { page } = operator;
    await page.goto(`${panel}/`);
    await shows(page, NAME);
    equal((await page.locator('#figure_waiting').innerText()).trim(), '1', 'clients that wait');
    ensure(await page.locator('[data-process]').count() > 0, 'no process');
    await look(page, 'panel-overview');
  },

  'an application is turned down with a reason only, and approved': async () => {
    const { page } = operator;
    await leave(page, page.locator(`[data-client="${client}"] a`));
    await look(page, 'panel-client');
    operator.expectRefusal(page.url());
    await leave(page, page.locator('#reject'));
    ensure(await page.locator('#reason-error').isVisible(), 'no error at the reason');
    await look(page, 'panel-client-reason');
    await leave(page, page.locator('#approve'));
    equal(await page.locator('#state').getAttribute('data-state'), 'approved', 'state');
    await look(page, 'panel-client-approved');
    await submit(page, { reason: 'It asked for more than it said.' }, 'suspend');
    equal(await page.locator('#state').getAttribute('data-state'), 'suspended', 'state');
    await look(page, 'panel-client-suspended');
    await leave(page, page.locator('#restore'));
    equal(await page.locator('#state').getAttribute('data-state'), 'approved', 'state');
    await page.goto(`${panel}/`);
    equal((await page.locator('#figure_waiting').innerText()).trim(), '0', 'clients that wait');
  },

  'a tenant is found, and its profile changed': async () => {
    const { page } = operator;
    await page.goto(`${panel}/tenants`);
    await look(page, 'panel-tenants');
    await page.locator('#q').fill('open dem');
    await leave(page, page.locator('#search'));
    equal(await page.locator('[data-tenant]').count(), 1, 'tenants found');
    await leave(page, page.locator('[data-tenant="openid"] a'));
    await look(page, 'panel-tenant');
    await leave(page, page.locator('.tab', { hasText: 'Profile' }));
    await look(page, 'panel-profile');
    const document = JSON.parse(await page.locator('#profile').inputValue());
    const posted = async () => {
      await page.locator('#profile').fill(JSON.stringify(document, null, 2));
      await leave(page, page.locator('#save'));
    };
    document.codes.ttl_seconds = 'soon';
    operator.expectRefusal(page.url());
    await posted();
    ensure((await page.locator('#profile-errors').innerText()).includes('/codes/ttl_seconds'), 'no pointer');
    await look(page, 'panel-profile-wrong');
    document.codes.ttl_seconds = 45;
    await posted();
    ensure(await page.locator('[data-setting="/codes/ttl_seconds"]').isVisible(), 'the change is not shown');
  },

  'a new tenant is made once its fields are right': async () => {
    const { page } = operator;
    await page.goto(`${panel}/new-tenant`);
    await look(page, 'panel-new-tenant');
    operator.expectRefusal(page.url());
    await submit(page, { name: 'Kea Bank', slug: 'KEA', issuer: `${new URL(issuer).origin}/t/kea` }, 'create');
    ensure(await page.locator('#slug-error').isVisible(), 'no error at the short name');
    await look(page, 'panel-new-tenant-wrong');
    await page.locator('#kind').selectOption('sandbox');
    await submit(page, { slug: 'kea', issuer: 'https://id.kea.example' }, 'create');
    equal(new URL(page.url()).pathname, '/tenants/kea', 'path of the new tenant');
    await page.locator('#sure').check();
    await leave(page, page.locator('#suspend'));
    equal(await page.locator('#state').getAttribute('data-state'), 'suspended', 'state');
    await leave(page, page.locator('#restore'));
    await leave(page, page.locator('#rotate'));
    await page.locator('[data-key] summary').first().click();
    await page.locator('[data-event="platform.signing_key.created"]').first().waitFor();
    equal((await page.locator('#count_users').innerText()).trim(), '0', 'users of the new tenant');
    await look(page, 'panel-tenant-new');
  },

  'a user is found, locked and let in again': async () => {
    const { page } = operator;
    await page.goto(`${panel}/tenants/financefeast/users`);
    await look(page, 'panel-users');
    await page.locator('#q').fill(demo.user.username);
    await leave(page, page.locator('#search'));
    equal(await page.locator('[data-user]').count(), 1, 'users found');
    await leave(page, page.locator('[data-user] a'));
    user = new URL(page.url()).pathname;
    await leave(page, page.locator('#lock'));
    equal(await page.locator('#state').getAttribute('data-state'), 'locked', 'state');
    await look(page, 'panel-user-locked');
    await leave(page, page.locator('#unlock'));
    equal(await page.locator('#state').getAttribute('data-state'), 'active', 'state');
    await page.locator('[data-event="identity.user.unlocked"]').waitFor();
    await look(page, 'panel-user');
  },

  'the timeline tells who did what, and what is different since': async () => {
    const { page } = operator;
    await page.goto(`${panel}/tenants/financefeast/clients/${client}`);
    await leave(page, page.locator('#history'));
    await page.locator('[data-event="oauth.client.suspended"]').waitFor();
    await look(page, 'panel-timeline-client');
    await page.goto(`${panel}/tenants/openid/timeline`);
    await page.locator('#type').selectOption('platform.tenant.profile_changed');
    await leave(page, page.locator('#search'));
    await shows(page, '/profile/codes/ttl_seconds');
    await look(page, 'panel-timeline');
  },

  'webhooks of a tenant are looked after': async () => {
    const { page } = operator;
    const made = await fetch(`${panel}/admin/v1/tenants/finexer/webhooks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${demo.operator_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'http://127.0.0.1:9/hooks', events: ['oauth.authorization.revoked'] }),
    });
    equal(made.status, 201, 'status of the new endpoint');
    await page.goto(`${panel}/tenants/finexer/webhooks`);
    await look(page, 'panel-webhooks');
    await leave(page, page.locator('[data-webhook] a').first());
    await leave(page, page.locator('#pause'));
    await leave(page, page.locator('#resume'));
    await leave(page, page.locator('#test'));
    for (let tries = 0; tries < 600 && !(await page.locator('[data-delivery][data-state="failed"]').count()); tries += 1) {
      await new Promise((again) => { setTimeout(again, 100); });
      await page.reload();
    }
    await submit(page, { max_per_second: '25' }, 'limit');
    equal(await page.locator('#max_per_second').inputValue(), '25', 'limit');
    await page.locator('[data-event="webhook.endpoint.resumed"]').waitFor();
    await look(page, 'panel-webhook');
    await leave(page, page.locator('[data-delivery] a').first());
    await look(page, 'panel-delivery');
    await leave(page, page.locator('#resend'));
    ensure(await page.locator('[role="status"]').isVisible(), 'not sent again');
  },

  'another operator is made, with a token that is shown once, and disabled': async () => {
    const { page } = operator;
    await page.goto(`${panel}/operators`);
    await look(page, 'panel-operators');
    await submit(page, { name: 'Night shift' }, 'create');
    ensure((await page.locator('#operator_token').innerText()).startsWith('grantor_op_'), 'no token');
    await look(page, 'panel-token');
    await leave(page, page.locator('#continue'));
    await leave(page, page.locator('button[name="disable"]').first());
    await look(page, 'panel-operators-disabled');
  },

  'the same in German': async () => {
    const { page } = operator;
    for (const [path, name] of [
      ['/', 'overview'], ['/waiting', 'waiting'], ['/tenants', 'tenants'], ['/tenants/openid', 'tenant'],
      [`/tenants/financefeast/clients/${client}`, 'client'], ['/tenants/financefeast/clients', 'clients'],
      ['/tenants/openid/profile', 'profile'], ['/tenants/openid/timeline', 'timeline'], ['/new-tenant', 'new-tenant'],
      ['/tenants/financefeast/users', 'users'], [user, 'user'], ['/tenants/finexer/webhooks', 'webhooks'],
      ['/operators', 'operators'],
    ]) {
      await page.goto(`${panel}${path}?ui_locales=de`);
      await shows(page, 'Betrieb');
      await look(page, `panel-${name}-de`);
    }
  },

  'signing out ends it': async () => {
    const { page } = operator;
    await page.goto(`${panel}/sign-out`);
    await look(page, 'panel-sign-out');
    operator.expectRefusal(`${panel}/`);
    await leave(page, page.locator('#logout'));
    ensure(await page.locator('[name="token"]').isVisible(), 'still signed in');
  },

  'nothing was wrong on any page': async () => silent(developer, operator),
});
