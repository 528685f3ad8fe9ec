// oauth4webapi on the textbook tenant and on the one with commas:
// node oauth4webapi_guides.mjs <demo.json>

import * as oauth from 'oauth4webapi';

import { ensure, equal, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { Person } from './person.mjs';

const demo = readDemo(process.argv[2]);
const http = { [oauth.allowInsecureRequests]: true };

async function tokens(tenant, scope) {
  const issuer = new URL(tenant.issuer);
  const discovered = await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' });
  const server = await oauth.processDiscoveryResponse(issuer, discovered);
  const client = { client_id: tenant.client_id };
  const auth = oauth.ClientSecretPost(tenant.client_secret);
  const verifier = oauth.generateRandomCodeVerifier();
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    response_type: 'code', client_id: tenant.client_id, redirect_uri: tenant.redirect_uri, scope, state: 'here',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  const back = await new Person(demo).visit(url.href, tenant.redirect_uri);
  const parameters = oauth.validateAuthResponse(server, client, back, 'here');
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, auth, parameters, tenant.redirect_uri, verifier, http,
  );
  return { server, client, auth, token: await oauth.processAuthorizationCodeResponse(server, client, answer) };
}

async function refreshed({ server, client, auth }, refreshToken) {
  const answer = await oauth.refreshTokenGrantRequest(server, client, auth, refreshToken, http);
  return oauth.processRefreshTokenResponse(server, client, answer);
}

await run({
  'the textbook tenant: discovery, code with PKCE, refresh, introspection, revocation': async () => {
    const flow = await tokens(demo.generic, 'read_write');
    equal([flow.token.token_type, flow.token.expires_in], ['bearer', 3600], 'answer');
    const next = await refreshed(flow, flow.token.refresh_token);
    ensure(next.refresh_token !== flow.token.refresh_token, 'the refresh token did not rotate');
    const asked = await oauth.introspectionRequest(flow.server, flow.client, flow.auth, next.access_token, http);
    equal((await oauth.processIntrospectionResponse(flow.server, flow.client, asked)).active, true, 'active');
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(flow.server, flow.client, flow.auth, next.refresh_token, http),
    );
  },
  'the tenant with commas: code, refresh, and revocation by RFC 7009': async () => {
    const flow = await tokens(demo.finexer, 'customer_read,customer_write');
    equal(flow.token.scope, 'customer_read,customer_write', 'scope');
    equal(flow.token.expires_in, undefined, 'expires_in');
    const next = await refreshed(flow, flow.token.refresh_token);
    equal(next.refresh_token, flow.token.refresh_token, 'the refresh token stays');
    // The library sends "token", so it gets the RFC's 200 and not the guide's 204.
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(flow.server, flow.client, flow.auth, next.refresh_token, http),
    );
  },
  'the 204 of the guide\'s own revocation is not for this library': async () => {
    const flow = await tokens(demo.finexer, 'customer_read');
    const answer = await fetch(flow.server.revocation_endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        client_id: demo.finexer.client_id, client_secret: demo.finexer.client_secret,
        refresh_token: flow.token.refresh_token,
      }),
    });
    equal(answer.status, 204, 'status');
    let raised;
    try { await oauth.processRevocationResponse(answer); } catch (error) { raised = error; }
    ensure(raised !== undefined, 'oauth4webapi takes a 204 by now: say so in the README');
  },
});
