// oauth4webapi with clients that sign who they are (RFC 7523), against a running Grantor:
// node oauth4webapi_keys.mjs <demo.json>

import * as oauth from 'oauth4webapi';

import { createClient } from './admin.mjs';
import { equal, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { Person } from './person.mjs';

const demo = readDemo(process.argv[2]);
const http = { [oauth.allowInsecureRequests]: true };
const issuer = new URL(demo.openid.issuer);
const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, http));

/** A new key, with its public half as a JSON Web Key. */
async function newKey(algorithm, kid) {
  const { privateKey, publicKey } = await oauth.generateKeyPair(algorithm);
  return { key: { key: privateKey, kid }, jwk: { ...(await crypto.subtle.exportKey('jwk', publicKey)), kid } };
}

/** A client that registers these keys. */
async function register(...keys) {
  const tenant = await createClient(demo, 'openid', {
    name: 'Signs who it is', kind: 'confidential', scopes: ['openid', 'email', 'offline_access'], jwks: { keys },
  });
  equal(tenant.client_secret, undefined, 'client_secret');
  return tenant;
}

async function wholeFlow(algorithm) {
  const { key, jwk } = await newKey(algorithm, `my ${algorithm}`);
  const tenant = await register(jwk);
  const [client, auth] = [{ client_id: tenant.client_id }, oauth.PrivateKeyJwt(key)];
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const request = {
    response_type: 'code', client_id: tenant.client_id, redirect_uri: tenant.redirect_uri,
    scope: 'openid email offline_access', prompt: 'consent', state, nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  };
  const { request_uri } = await oauth.processPushedAuthorizationResponse(
    server, client, await oauth.pushedAuthorizationRequest(server, client, auth, request, http),
  );
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({ client_id: tenant.client_id, request_uri });
  const callback = await new Person(demo).visit(url, tenant.redirect_uri);
  const parameters = oauth.validateAuthResponse(server, client, callback, state);
  const answer = await oauth.authorizationCodeGrantRequest(server, client, auth, parameters, tenant.redirect_uri, verifier, http);
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, answer, { expectedNonce: nonce, requireIdToken: true });
  const next = await oauth.processRefreshTokenResponse(
    server, client, await oauth.refreshTokenGrantRequest(server, client, auth, tokens.refresh_token, http),
  );
  const introspect = async () => oauth.processIntrospectionResponse(
    server, client, await oauth.introspectionRequest(server, client, auth, next.access_token, http),
  );
  equal((await introspect()).active, true, 'active');
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, auth, next.access_token, http));
  equal(await introspect(), { active: false }, 'after revocation');
}

/** Runs what must be answered with 401 and a challenge. */
async function unknown(action) {
  try {
    await action();
  } catch (found) {
    equal([found instanceof oauth.WWWAuthenticateChallengeError, found.status], [true, 401], `${found}`);
    return;
  }
  throw new Error('expected a challenge');
}

async function credentials(tenant, auth) {
  const client = { client_id: tenant.client_id };
  const response = await oauth.clientCredentialsGrantRequest(server, client, auth, {}, http);
  return oauth.processClientCredentialsResponse(server, client, response);
}

await run({
  'metadata names the method and the algorithms': async () => {
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      equal(server[`${endpoint}_endpoint_auth_methods_supported`].includes('private_key_jwt'), true, endpoint);
      equal(server[`${endpoint}_endpoint_auth_signing_alg_values_supported`], ['ES256', 'Ed25519', 'EdDSA', 'RS256'], endpoint);
    }
  },

  'pushed request, code, refresh, introspection, revocation with ES256': () => wholeFlow('ES256'),
  'pushed request, code, refresh, introspection, revocation with RS256': () => wholeFlow('RS256'),
  'pushed request, code, refresh, introspection, revocation with EdDSA': () => wholeFlow('Ed25519'),

  'keys are replaced one by one': async () => {
    const [old, young, strange] = await Promise.all(['old', 'young', 'old'].map((kid) => newKey('ES256', kid)));
    const tenant = await register(old.jwk, young.jwk);
    await credentials(tenant, oauth.PrivateKeyJwt(old.key));
    await credentials(tenant, oauth.PrivateKeyJwt(young.key));
    await unknown(() => credentials(tenant, oauth.PrivateKeyJwt(strange.key)));
    await unknown(() => credentials(tenant, oauth.ClientSecretBasic('guessed')));
  },

  'an assertion counts once': async () => {
    const { key, jwk } = await newKey('ES256', 'key');
    const tenant = await register(jwk);
    const once = oauth.PrivateKeyJwt(key, { [oauth.modifyAssertion]: (_, payload) => { payload.jti = 'once'; } });
    await credentials(tenant, once);
    await unknown(() => credentials(tenant, once));
  },

  'an assertion for the token endpoint is not one for the issuer': async () => {
    const { key, jwk } = await newKey('ES256', 'key');
    const tenant = await register(jwk);
    const other = oauth.PrivateKeyJwt(key, { [oauth.modifyAssertion]: (_, payload) => { payload.aud = server.token_endpoint; } });
    await unknown(() => credentials(tenant, other));
  },
});
