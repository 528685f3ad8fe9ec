// oauth4webapi against a running Grantor: node oauth4webapi.mjs <demo.json>

import * as oauth from 'oauth4webapi';

import { createClient } from './admin.mjs';
import { ensure, equal, refused, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { Person } from './person.mjs';

const demo = readDemo(process.argv[2]);
const http = { [oauth.allowInsecureRequests]: true };
const BASIC = oauth.ClientSecretBasic;
const POST = oauth.ClientSecretPost;
const NONE = oauth.None;

async function discover(tenant, algorithm = 'oidc') {
  const issuer = new URL(tenant.issuer);
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { ...http, algorithm }));
}

/** One party's view of a tenant: its metadata, its client and how that authenticates. */
class Flow {
  static async of(tenant, method = BASIC) {
    return Object.assign(new Flow(), {
      tenant,
      server: await discover(tenant),
      client: { client_id: tenant.client_id },
      auth: method(tenant.client_secret),
    });
  }

  /** Returns the callback's parameters, validated (state, iss), and what redeeming needs. */
  async authorize(scope, { pkce = true, pushed = false, person = new Person(demo), ...extra } = {}) {
    const verifier = pkce ? oauth.generateRandomCodeVerifier() : oauth.nopkce;
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const url = new URL(this.server.authorization_endpoint);
    const parameters = {
      response_type: 'code', client_id: this.client.client_id, redirect_uri: this.tenant.redirect_uri, scope, state, nonce,
      ...(pkce && { code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' }),
      ...extra,
    };
    url.search = new URLSearchParams(pushed ? await this.push(parameters) : parameters);
    const callback = await person.visit(url, this.tenant.redirect_uri);
    return { parameters: oauth.validateAuthResponse(this.server, this.client, callback, state), verifier, nonce };
  }

  /** What is left to send a browser with once a request was pushed. */
  async push(parameters) {
    const response = await oauth.pushedAuthorizationRequest(this.server, this.client, this.auth, parameters, http);
    const { request_uri } = await oauth.processPushedAuthorizationResponse(this.server, this.client, response);
    return { client_id: this.client.client_id, request_uri };
  }

  async redeem({ parameters, verifier, nonce }) {
    const response = await oauth.authorizationCodeGrantRequest(
      this.server, this.client, this.auth, parameters, this.tenant.redirect_uri, verifier, http,
    );
    const kept = response.clone();
    const tokens = await oauth.processAuthorizationCodeResponse(this.server, this.client, response, {
      expectedNonce: nonce, requireIdToken: true,
    });
    return { tokens, claims: oauth.getValidatedIdTokenClaims(tokens), response, body: await kept.text() };
  }

  async tokens(scope, options) {
    return this.redeem(await this.authorize(scope, options));
  }

  async userinfo(token, subject) {
    const response = await oauth.userInfoRequest(this.server, this.client, token, http);
    return oauth.processUserInfoResponse(this.server, this.client, subject, response);
  }

  async introspect(token) {
    const response = await oauth.introspectionRequest(this.server, this.client, this.auth, token, http);
    return oauth.processIntrospectionResponse(this.server, this.client, response);
  }

  async revoke(token) {
    await oauth.processRevocationResponse(await oauth.revocationRequest(this.server, this.client, this.auth, token, http));
  }

  async refresh(token) {
    const response = await oauth.refreshTokenGrantRequest(this.server, this.client, this.auth, token, http);
    return oauth.processRefreshTokenResponse(this.server, this.client, response);
  }
}

async function codeFlow({ method, ...options }) {
  const flow = await Flow.of(demo.openid, method);
  const { tokens, claims, response } = await flow.tokens('openid profile email', options);
  await oauth.validateApplicationLevelSignature(flow.server, response, http);
  const info = await flow.userinfo(tokens.access_token, claims.sub);
  equal(info.email, demo.user.username, 'email');
}

/** A client whose id_tokens are signed with this algorithm, checked against the published keys. */
async function signedWith(algorithm) {
  const tenant = await createClient(demo, 'openid', {
    name: `Signs with ${algorithm}`, kind: 'confidential', scopes: ['openid', 'email'], id_token_alg: algorithm,
  });
  const flow = await Flow.of(tenant);
  flow.client.id_token_signed_response_alg = algorithm;
  const { tokens, claims, response } = await flow.tokens('openid email');
  await oauth.validateApplicationLevelSignature(flow.server, response, http);
  const header = JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url'));
  equal(header.alg, algorithm, 'algorithm');
  equal((await flow.userinfo(tokens.access_token, claims.sub)).email, demo.user.username, 'email');
}

function publicClient(kind) {
  const settings = { name: `A ${kind} client`, kind, scopes: ['openid', 'profile', 'offline_access'] };
  // Loopback over http is for native clients alone (of those without a secret).
  if (kind === 'public') settings.redirect_uris = ['https://spa.example/callback'];
  return createClient(demo, 'openid', settings);
}

await run({
  'denied consent is told to the client': async () => {
    const flow = await Flow.of(demo.openid);
    await refused('access_denied', () => flow.authorize('openid', { person: new Person(demo, 'deny'), prompt: 'consent' }));
  },

  'discovery by OpenID Connect and by RFC 8414': async () => {
    for (const tenant of [demo.openid, demo.financefeast]) {
      equal((await discover(tenant)).issuer, tenant.issuer, 'issuer');
      equal((await discover(tenant, 'oauth2')).issuer, tenant.issuer, 'issuer');
    }
    const server = await discover(demo.openid);
    equal(server.authorization_response_iss_parameter_supported, true, 'iss parameter');
    equal(server.request_parameter_supported, false, 'request');
    equal(server.request_uri_parameter_supported, false, 'request_uri');
    ensure(server.id_token_signing_alg_values_supported.includes('RS256'), 'RS256 is missing');
  },

  'code flow with PKCE, Basic': () => codeFlow({}),
  'code flow with PKCE, secret in the form': () => codeFlow({ method: POST }),
  'code flow with a pushed request': () => codeFlow({ pushed: true }),
  'code flow without PKCE': () => codeFlow({ pkce: false }),

  'a code is good once, and its replay revokes': async () => {
    const flow = await Flow.of(demo.openid);
    const granted = await flow.authorize('openid');
    const { tokens } = await flow.redeem(granted);
    await refused('invalid_grant', () => flow.redeem(granted));
    equal((await flow.introspect(tokens.access_token)).active, false, 'active after the replay');
  },

  'wrong verifier is refused': async () => {
    const flow = await Flow.of(demo.openid);
    const granted = await flow.authorize('openid');
    await refused('invalid_grant', () => flow.redeem({ ...granted, verifier: oauth.generateRandomCodeVerifier() }));
  },

  'a verifier without a challenge is refused': async () => {
    const flow = await Flow.of(demo.openid);
    const granted = await flow.authorize('openid', { pkce: false });
    await refused('invalid_grant', () => flow.redeem({ ...granted, verifier: oauth.generateRandomCodeVerifier() }));
  },

  'refresh rotates, and a replay ends the family': async () => {
    const flow = await Flow.of(demo.openid);
    const { tokens } = await flow.tokens('openid offline_access', { prompt: 'consent' });
    const next = await flow.refresh(tokens.refresh_token);
    ensure(next.refresh_token && next.refresh_token !== tokens.refresh_token, 'no rotation');
    await refused('invalid_grant', () => flow.refresh(tokens.refresh_token));
    await refused('invalid_grant', () => flow.refresh(next.refresh_token));
  },

  'introspection and revocation': async () => {
    const flow = await Flow.of(demo.openid);
    const { tokens, claims } = await flow.tokens('openid profile');
    const before = await flow.introspect(tokens.access_token);
    equal([before.active, before.client_id, before.sub], [true, demo.openid.client_id, claims.sub], 'before');
    await flow.revoke(tokens.access_token);
    equal(await flow.introspect(tokens.access_token), { active: false }, 'after');
    await flow.revoke(tokens.access_token);
  },

  'client credentials': async () => {
    const flow = await Flow.of(demo.openid);
    const response = await oauth.clientCredentialsGrantRequest(flow.server, flow.client, flow.auth, {}, http);
    const tokens = await oauth.processClientCredentialsResponse(flow.server, flow.client, response);
    equal((await flow.introspect(tokens.access_token)).active, true, 'active');
  },

  'id_tokens signed with ES256': () => signedWith('ES256'),
  'id_tokens signed with EdDSA': () => signedWith('EdDSA'),

  'a public client has PKCE and no secret': async () => {
    for (const kind of ['public', 'native']) {
      const tenant = await publicClient(kind);
      equal(tenant.client_secret, undefined, 'secret');
      const flow = await Flow.of(tenant, NONE);
      const { tokens, claims } = await flow.tokens('openid profile offline_access', { prompt: 'consent' });
      equal((await flow.userinfo(tokens.access_token, claims.sub)).sub, claims.sub, 'sub');
      const next = await flow.refresh(tokens.refresh_token);
      ensure(next.refresh_token && next.refresh_token !== tokens.refresh_token, 'no rotation');
      await flow.revoke(next.refresh_token);
      await refused('invalid_grant', () => flow.refresh(next.refresh_token));
    }
  },

  'a public client cannot go without PKCE, nor act for itself': async () => {
    const flow = await Flow.of(await publicClient('public'), NONE);
    await refused('invalid_request', () => flow.authorize('openid', { pkce: false }));
    await refused('unauthorized_client', async () => {
      const response = await oauth.clientCredentialsGrantRequest(flow.server, flow.client, flow.auth, {}, http);
      return oauth.processClientCredentialsResponse(flow.server, flow.client, response);
    });
  },

  'a client with a secret cannot leave it out': async () => {
    const flow = await Flow.of(demo.openid);
    const granted = await flow.authorize('openid');
    const nameless = Object.assign(Object.create(flow), { auth: NONE() });
    const { response } = await nameless.redeem(granted).then(() => ({}), (error) => error);
    equal([response?.status, (await response?.json())?.error], [401, 'invalid_client'], 'the answer');
    ensure((await flow.redeem(granted)).tokens.access_token, 'an unauthenticated request must not spend the code');
  },

  'the other tenant speaks to it too': async () => {
    const flow = await Flow.of(demo.financefeast, POST);
    const { tokens, claims, body } = await flow.tokens('openid profile plan', { pkce: false });
    const members = ['access_token', 'expires_in', 'scope', 'token_type', 'expires_at', 'id_token'];
    equal(Object.keys(JSON.parse(body)), members, 'members');
    equal((await flow.userinfo(tokens.access_token, claims.sub)).email, demo.user.username, 'email');
    const api = new URL(`${demo.financefeast.api}/data/eod?ticker=air.nz`);
    equal((await oauth.protectedResourceRequest(tokens.access_token, 'GET', api, undefined, undefined, http)).status, 200, 'status of the API');
  },
});
