// A partner and a person at the widget: a link is asked for, and followed through the sandbox bank.

import { equal } from './checks.mjs';
import { forms } from './person.mjs';

const MARA = { username: 'mara.brandt', pin: '13579' };
const MAILS = 'mara.brandt@sandbox-bank.example';

/** The link to a flow: JSON with the client's Basic credentials. */
export async function link(tenant, members = {}) {
  const credentials = Buffer.from(`${tenant.client_id}:${tenant.client_secret}`).toString('base64');
  const answer = await fetch(`${tenant.issuer}/onetime/access`, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uri: tenant.redirect_uri, state: 'here', ...members }),
  });
  equal(answer.status, 200, 'status of the start');
  return (await answer.json()).location;
}

async function mailedCode(demo) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await fetch(`${demo.admin}/admin/v1/mails?to=${MAILS}`, {
      headers: { authorization: `Bearer ${demo.operator_token}` },
    });
    const code = (await answer.json()).items[0]?.body.match(/\b\d{6}\b/)?.[0];
    if (code) return code;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error('the bank mailed no code');
}

/** The accounts that a token lets see. The API has a name of its own; by its path no name is needed. */
export function accountsAt(tenant) {
  return new URL(`http://127.0.0.1:${new URL(tenant.api).port}/t/finx/accounts`);
}

/** Goes the whole way; returns the URL at the client. `cancel` gives up on the first page. */
export async function through(demo, location, { cancel = false } = {}) {
  const cookies = new Map();
  const send = async (url, body) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      method: body ? 'POST' : 'GET', body, redirect: 'manual',
      // A window of its own: in a frame it is asked twice.
      headers: { 'sec-fetch-dest': 'document', ...(cookie && { cookie }), ...(body && { origin: new URL(url).origin }) },
    });
    for (const line of answer.headers.getSetCookie()) {
      const pair = line.split(';')[0];
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const to = answer.headers.get('location');
    return { url: String(url), body: await answer.text(), to: to && new URL(to, url) };
  };
  const entries = { login: () => MARA, verify: async () => ({ code: await mailedCode(demo) }), share: () => ({ account_1: '1' }) };
  let page = await send(location);
  for (let step = 0; step < 16; step += 1) {
    if (page.to) {
      if (page.to.origin !== new URL(location).origin) return page.to;
      page = await send(page.to);
      continue;
    }
    const steps = cancel ? ['cancel'] : ['login', 'verify', 'share', 'approve'];
    const found = forms(page.body).flatMap((form) => steps.filter((name) => name in form.buttons).map((name) => [form, name]));
    if (found.length === 0) throw new Error(`no form to go on with at ${page.url}: ${page.body.slice(0, 2000)}`);
    const [form, button] = found[0];
    const filled = { ...form.fields, ...(await entries[button]?.()), [button]: form.buttons[button] };
    page = await send(new URL(form.action, page.url), new URLSearchParams(filled));
  }
  throw new Error('went round in circles');
}
