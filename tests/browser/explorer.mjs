// The API explorer: a partner without a program gets a client token, makes a user, gets their token,
// and finds out what goes wrong. Without JavaScript, in English and German.
//
//     node explorer.mjs <demo.json>

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

import { ensure, equal, run } from '../clients/node/checks.mjs';
import { readDemo } from '../clients/node/demo.mjs';
import { launch, openWindow, silent } from './browser.mjs';
import { leave, look, shows } from './page.mjs';

const demo = readDemo(process.argv[2]);
const { issuer, client_id: clientId, client_secret: secret } = demo.finapi;
const browser = await launch();
const window = await openWindow(browser, [issuer], { javaScriptEnabled: false, acceptDownloads: true });
// What is looked at runs axe in the page, which needs scripts.
const seen = await openWindow(browser, [issuer], { acceptDownloads: true });
const USER = `user-${randomBytes(4).toString('hex')}`;
const PASSWORD = randomBytes(8).toString('hex');

const status = (page) => page.locator('[data-status]').getAttribute('data-status');
const go = (page, task) => leave(page, page.locator(`button[name="go"][value="${task}"]`));
/** Fills the fields of the task and makes the call. */
async function call(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`#f_${name}`).fill(value);
  await leave(page, page.locator('#run'));
}

const token = (page) => page.locator('#token_box').inputValue();

/** The whole story, looked at where `name` is given. */
async function story(page, look_at) {
  await page.goto(`${issuer}/explorer`);
  await shows(page, 'QUICK AUTH');
  await look_at('explorer');
  await call(page, { client_id: clientId, client_secret: secret });
  equal(await status(page), '200', 'client token');
  const client = await token(page);
  equal(client.length, 128, 'length of the token');
  await look_at('explorer-client-token');
  await go(page, 'create_user');
  await call(page, { id: USER, password: PASSWORD, email: 'email@localhost.de', phone: '+49 99 999999-999' });
  return client;
}

await run({
  'a client token, a user and a user token, without JavaScript': async () => {
    const { page } = window;
    const client = await story(page, async () => {});
    equal(await status(page), '201', 'the user');
    await go(page, 'get_user_token');
    await call(page, { client_secret: secret, username: USER, password: PASSWORD });
    equal(await status(page), '200', 'user token');
    ensure(await token(page) !== client, 'the token box holds the user\'s token');
    await go(page, 'get_user');
    await call(page, {});
    equal(await status(page), '200', 'the user');
    await shows(page, USER);
  },

  'the curl that is shown runs unchanged': async () => {
    const curl = (await window.page.locator('#curl').innerText()).trim();
    const body = execFileSync('bash', ['-c', curl], { encoding: 'utf8' });
    ensure(body.includes(USER), `curl answered ${body}`);
  },

  'every kind of answer looks finished': async () => {
    const { page } = seen;
    await story(page, (name) => look(page, name));
    // The same user once more.
    ensure((await status(page)).startsWith('4'), 'a user twice');
    await look(page, 'explorer-refused');
    await page.goto(`${issuer}/explorer?ui_locales=de`);
    await go(page, 'create_user');
    equal(await page.locator('html').getAttribute('lang'), 'de', 'language');
    await look(page, 'explorer-de');
  },

  'documents to download': async () => {
    const { page } = seen;
    for (const name of ['openapi.json', 'postman_collection.json']) {
      const [download] = await Promise.all([
        page.waitForEvent('download'), page.locator(`a[href$="${name === 'openapi.json' ? 'openapi' : 'postman'}.json"]`).click(),
      ]);
      equal(download.suggestedFilename(), name, 'file');
    }
  },

  'nothing was wrong on any page': async () => {
    silent(window, seen);
    await browser.close();
  },
});
