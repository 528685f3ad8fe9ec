// simple-oauth2 on the textbook tenant and on the one with commas: node simple_oauth2.mjs <demo.json>

import { AuthorizationCode } from 'simple-oauth2';

import { ensure, equal, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { Person } from './person.mjs';

const demo = readDemo(process.argv[2]);

function client(tenant, authorizePath, authorizationMethod, revokePath = '/oauth/revoke') {
  return new AuthorizationCode({
    client: { id: tenant.client_id, secret: tenant.client_secret },
    auth: { tokenHost: tenant.issuer, tokenPath: '/oauth/token', authorizePath, revokePath },
    // Its default is to raise on an answer that is no JSON, as the empty one to a revocation.
    http: { json: true },
    options: { authorizationMethod, ...(authorizePath === '/oauth/' && { scopeSeparator: ',' }) },
  });
}

async function token(tenant, made, scope) {
  const state = crypto.randomUUID();
  const url = made.authorizeURL({ redirect_uri: tenant.redirect_uri, scope, state });
  const back = await new Person(demo).visit(url, tenant.redirect_uri);
  equal(back.searchParams.get('state'), state, 'state');
  return made.getToken({ code: back.searchParams.get('code'), redirect_uri: tenant.redirect_uri });
}

await run({
  'the textbook tenant: code, refresh, revocation, credentials in the header': async () => {
    const made = client(demo.generic, '/oauth/authorize', 'header');
    const first = await token(demo.generic, made, ['read_write']);
    equal(first.token.token_type, 'Bearer', 'token type');
    ensure(!first.expired(), 'expired at once');
    const second = await first.refresh();
    ensure(second.token.refresh_token !== first.token.refresh_token, 'the refresh token did not rotate');
    await second.revoke('refresh_token');
    let error;
    try { await second.refresh(); } catch (found) { error = found.data.payload.error; }
    equal(error, 'invalid_grant', 'refresh after revocation');
  },
  'the tenant with commas: scopes joined by its separator, credentials in the body': async () => {
    const made = client(demo.finexer, '/oauth/', 'body');
    const first = await token(demo.finexer, made, ['customer_read', 'customer_write']);
    equal(first.token.scope, 'customer_read,customer_write', 'scope');
    ensure(first.token.account_id.startsWith('acc_'), 'no account');
    // No expires_in, so the library never thinks of it as expired.
    equal([first.token.expires_at, first.expired()], [undefined, false], 'expiry');
    const second = await first.refresh();
    equal(second.token.refresh_token, first.token.refresh_token, 'the refresh token stays');
    // Its revocation speaks RFC 7009 ("token"), which the same path serves.
    await second.revoke('refresh_token');
    const answer = await fetch(`${demo.finexer.api}/customers`, {
      headers: { authorization: `Bearer ${second.token.access_token}` },
    });
    equal(answer.status, 401, 'a call afterwards');
  },
});
