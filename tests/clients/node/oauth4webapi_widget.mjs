// oauth4webapi at the tenant whose partners start flows of the widget:
// node oauth4webapi_widget.mjs <demo.json>

import * as oauth from 'oauth4webapi';

import { ensure, equal, refused, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { accountsAt, link, through } from './widget.mjs';

const demo = readDemo(process.argv[2]);
const tenant = demo.finx;
const http = { [oauth.allowInsecureRequests]: true };
const client = { client_id: tenant.client_id };
const auth = oauth.ClientSecretBasic(tenant.client_secret);
const IBAN = 'DE82900948150000002881';
const SCOPE = 'accounts=ro balance=ro transactions=ro offline';

/** The library sends forms; the guide's token requests are JSON. */
const asJson = {
  ...http,
  [oauth.customFetch]: (url, options) => fetch(url, {
    ...options,
    headers: { ...options.headers, 'content-type': 'application/json' },
    body: JSON.stringify(Object.fromEntries(new URLSearchParams(options.body))),
  }),
};

async function discovered() {
  const issuer = new URL(tenant.issuer);
  const answer = await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' });
  return oauth.processDiscoveryResponse(issuer, answer);
}

async function exchanged(server, back, options) {
  const parameters = oauth.validateAuthResponse(server, client, back, 'here');
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, auth, parameters, tenant.redirect_uri, oauth.nopkce, options,
  );
  return oauth.processAuthorizationCodeResponse(server, client, answer);
}

async function accounts(token) {
  const answer = await oauth.protectedResourceRequest(token, 'GET', accountsAt(tenant), undefined, null, http);
  return (await answer.json()).accounts;
}

await run({
  'metadata names no authorize endpoint': async () => {
    const server = await discovered();
    equal([server.token_endpoint, server.authorization_endpoint], [`${tenant.issuer}/auth/token`, undefined], 'endpoints');
  },
  'a flow, its code by the guide\'s JSON, and the accounts that were chosen': async () => {
    const server = await discovered();
    const back = await through(demo, await link(tenant, { accounts: [{ id: IBAN }] }));
    equal(back.searchParams.get('success'), 'true', 'success');
    const token = await exchanged(server, back, asJson);
    equal([token.token_type, token.expires_in, token.scope], ['bearer', 3600, SCOPE], 'answer');
    equal((await accounts(token.access_token)).map((account) => account.number), [IBAN], 'accounts');
  },
  'forms, which the library sends by itself, work too; every refresh rotates': async () => {
    const server = await discovered();
    const token = await exchanged(server, await through(demo, await link(tenant, { accounts: [{ id: IBAN }] })), http);
    const renew = async (refreshToken, options) => oauth.processRefreshTokenResponse(
      server, client, await oauth.refreshTokenGrantRequest(server, client, auth, refreshToken, options),
    );
    const second = await renew(token.refresh_token, http);
    const third = await renew(second.refresh_token, asJson);
    equal(new Set([token, second, third].map((one) => one.refresh_token)).size, 3, 'different refresh tokens');
    const asked = await oauth.introspectionRequest(server, client, auth, third.access_token, http);
    equal((await oauth.processIntrospectionResponse(server, client, asked)).active, true, 'active');
    await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, auth, third.refresh_token, http));
    await refused('invalid_grant', () => renew(third.refresh_token, http));
  },
  'that somebody gave up is in parameters of the guide, which the library does not read': async () => {
    const server = await discovered();
    const back = await through(demo, await link(tenant, { accounts: [{ id: IBAN }] }), { cancel: true });
    equal([back.searchParams.get('success'), back.searchParams.get('cancel')], ['false', 'true'], 'the answer');
    const parameters = oauth.validateAuthResponse(server, client, back, 'here');
    ensure(!parameters.has('error') && !parameters.has('code'), 'it says neither yes nor no');
  },
});
