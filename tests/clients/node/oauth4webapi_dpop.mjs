// oauth4webapi with tokens that are bound to its key (RFC 9449), against a running Grantor:
// node oauth4webapi_dpop.mjs <demo.json>

import * as oauth from 'oauth4webapi';

import { createClient } from './admin.mjs';
import { ensure, equal, refused, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { Person } from './person.mjs';

const demo = readDemo(process.argv[2]);
const http = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(demo.openid.issuer);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http));

/** A client with a key. */
class Holder {
  static async of(tenant, algorithm = 'ES256') {
    const client = { client_id: tenant.client_id };
    const auth = tenant.client_secret ? oauth.ClientSecretBasic(tenant.client_secret) : oauth.None();
    const proof = oauth.DPoP(client, await oauth.generateKeyPair(algorithm));
    return Object.assign(new Holder(), { tenant, client, auth, proof, options: { ...http, DPoP: proof } });
  }

  /** The same client with another key. */
  async otherKey() {
    const other = await Holder.of(this.tenant);
    return Object.assign(Object.create(this), { proof: other.proof, options: other.options });
  }

  async authorize(bound) {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const url = new URL(server.authorization_endpoint);
    url.search = new URLSearchParams({
      response_type: 'code', client_id: this.client.client_id, redirect_uri: this.tenant.redirect_uri,
      scope: 'openid email offline_access', prompt: 'consent', state, nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      ...(bound && { dpop_jkt: await this.proof.calculateThumbprint() }),
    });
    const callback = await new Person(demo).visit(url, this.tenant.redirect_uri);
    return { parameters: oauth.validateAuthResponse(server, this.client, callback, state), verifier, nonce };
  }

  async redeem({ parameters, verifier, nonce }) {
    const response = await oauth.authorizationCodeGrantRequest(
      server, this.client, this.auth, parameters, this.tenant.redirect_uri, verifier, this.options,
    );
    return oauth.processAuthorizationCodeResponse(server, this.client, response, { expectedNonce: nonce, requireIdToken: true });
  }

  async refresh(token) {
    const response = await oauth.refreshTokenGrantRequest(server, this.client, this.auth, token, this.options);
    return oauth.processRefreshTokenResponse(server, this.client, response);
  }

  async userinfo(tokens, subject) {
    const response = await oauth.userInfoRequest(server, this.client, tokens.access_token, this.options);
    return oauth.processUserInfoResponse(server, this.client, subject, response);
  }

  async introspect(token) {
    const response = await oauth.introspectionRequest(server, this.client, this.auth, token, http);
    return oauth.processIntrospectionResponse(server, this.client, response);
  }
}

/** Code, token, userinfo, refresh, userinfo. */
async function wholeFlow(holder, bound) {
  const tokens = await holder.redeem(await holder.authorize(bound));
  equal(tokens.token_type, 'dpop', 'token_type');
  const subject = oauth.getValidatedIdTokenClaims(tokens).sub;
  equal((await holder.userinfo(tokens, subject)).email, demo.user.username, 'email');
  equal((await holder.userinfo(tokens, subject)).email, demo.user.username, 'email, again');
  const next = await holder.refresh(tokens.refresh_token);
  equal(next.token_type, 'dpop', 'token_type after refresh');
  equal((await holder.userinfo(next, subject)).email, demo.user.username, 'email after refresh');
  return next;
}

await run({
  'metadata names the algorithms': async () => {
    equal(server.dpop_signing_alg_values_supported, ['ES256', 'Ed25519', 'EdDSA', 'RS256'], 'algorithms');
  },

  'code, token, userinfo, refresh with ES256': async () => wholeFlow(await Holder.of(demo.openid)),
  'code, token, userinfo, refresh with Ed25519': async () => wholeFlow(await Holder.of(demo.openid, 'EdDSA')),
  'code, token, userinfo, refresh with RS256': async () => wholeFlow(await Holder.of(demo.openid, 'RS256')),
  'the same with a code that is bound to the key': async () => wholeFlow(await Holder.of(demo.openid), true),

  'a client without a secret is known by its key': async () => {
    const settings = { name: 'Holds a key', kind: 'native', scopes: ['openid', 'email', 'offline_access'] };
    const holder = await Holder.of(await createClient(demo, 'openid', settings));
    const next = await wholeFlow(holder, true);
    await refused('invalid_grant', async () => (await holder.otherKey()).refresh(next.refresh_token));
    ensure((await holder.refresh(next.refresh_token)).access_token, 'the family outlives the attempt');
  },

  'another key cannot redeem a bound code': async () => {
    const holder = await Holder.of(demo.openid);
    const granted = await holder.authorize(true);
    await refused('invalid_grant', async () => (await holder.otherKey()).redeem(granted));
  },

  'introspection names the key': async () => {
    const holder = await Holder.of(demo.openid);
    const response = await oauth.clientCredentialsGrantRequest(server, holder.client, holder.auth, {}, holder.options);
    const tokens = await oauth.processClientCredentialsResponse(server, holder.client, response);
    const seen = await holder.introspect(tokens.access_token);
    equal([seen.active, seen.token_type], [true, 'DPoP'], 'answer');
    equal(seen.cnf, { jkt: await holder.proof.calculateThumbprint() }, 'cnf');
  },

  'userinfo refuses the token as a bearer token': async () => {
    const holder = await Holder.of(demo.openid);
    const tokens = await holder.redeem(await holder.authorize());
    const response = await fetch(server.userinfo_endpoint, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    equal([response.status, (await response.json()).error], [401, 'invalid_token'], 'answer');
  },
});
