// openid-client against a running Grantor: node openid_client.mjs <demo.json>

import * as client from 'openid-client';

import { createClient } from './admin.mjs';
import { ensure, equal, refused, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { Person } from './person.mjs';

const demo = readDemo(process.argv[2]);
const POST = client.ClientSecretPost;
const BASIC = client.ClientSecretBasic;

/** Discovery, with id_token signatures checked although they came over the back channel. */
async function configure(tenant, method = BASIC, metadata = undefined) {
  const config = await client.discovery(
    new URL(tenant.issuer), tenant.client_id, metadata, method(tenant.client_secret),
    { execute: [client.allowInsecureRequests] },
  );
  client.enableNonRepudiationChecks(config);
  return config;
}

async function authorize(config, tenant, scope, { pkce = true, person = new Person(demo), ...extra } = {}) {
  const pkceCodeVerifier = pkce ? client.randomPKCECodeVerifier() : undefined;
  const checks = { pkceCodeVerifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), idTokenExpected: true };
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: tenant.redirect_uri,
    scope,
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...(pkce && { code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256' }),
    ...extra,
  });
  return [await person.visit(url, tenant.redirect_uri), checks];
}

async function flow(tenant, scope, { method, metadata, ...options } = {}) {
  const config = await configure(tenant, method, metadata);
  const tokens = await client.authorizationCodeGrant(config, ...(await authorize(config, tenant, scope, options)));
  return { config, tokens };
}

async function codeFlow(options) {
  const { config, tokens } = await flow(demo.openid, 'openid profile email', options);
  const claims = tokens.claims();
  const info = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
  equal(info.email, demo.user.username, 'email');
}

async function signedWith(algorithm) {
  const tenant = await createClient(demo, 'openid', {
    name: `Signs with ${algorithm}`, kind: 'confidential', scopes: ['openid'], id_token_alg: algorithm,
  });
  const { tokens } = await flow(tenant, 'openid', { metadata: { id_token_signed_response_alg: algorithm } });
  equal(JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).alg, algorithm, 'algorithm');
}

await run({
  'denied consent is told to the client': async () => {
    const config = await configure(demo.openid);
    const [callback, checks] = await authorize(config, demo.openid, 'openid', { person: new Person(demo, 'deny'), prompt: 'consent' });
    await refused('access_denied', () => client.authorizationCodeGrant(config, callback, checks));
  },

  'discovery': async () => {
    const metadata = (await configure(demo.openid)).serverMetadata();
    equal(metadata.issuer, demo.openid.issuer, 'issuer');
    ensure(metadata.supportsPKCE('S256'), 'S256 is not advertised');
  },

  'discovery by RFC 8414': async () => {
    const config = await client.discovery(new URL(demo.openid.issuer), demo.openid.client_id, undefined, undefined, {
      algorithm: 'oauth2', execute: [client.allowInsecureRequests],
    });
    equal(config.serverMetadata().issuer, demo.openid.issuer, 'issuer');
  },

  'code flow with PKCE, Basic': () => codeFlow({}),
  'code flow with PKCE, secret in the form': () => codeFlow({ method: POST }),
  'code flow without PKCE': () => codeFlow({ pkce: false }),

  'id_tokens signed with ES256': () => signedWith('ES256'),
  'id_tokens signed with EdDSA': () => signedWith('EdDSA'),

  'a native client has PKCE and no secret': async () => {
    const tenant = await createClient(demo, 'openid', { name: 'On a phone', kind: 'native', scopes: ['openid', 'email'] });
    const { config, tokens } = await flow(tenant, 'openid email', { method: client.None });
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    equal(info.email, demo.user.username, 'email');
    const [callback, checks] = await authorize(config, tenant, 'openid', { pkce: false });
    await refused('invalid_request', () => client.authorizationCodeGrant(config, callback, checks));
  },

  'code flow with max_age': async () => {
    const config = await configure(demo.openid);
    const [callback, checks] = await authorize(config, demo.openid, 'openid', { max_age: '600' });
    const tokens = await client.authorizationCodeGrant(config, callback, { ...checks, maxAge: 600 });
    ensure(Number.isInteger(tokens.claims().auth_time), 'auth_time is missing');
  },

  'wrong verifier is refused': async () => {
    const config = await configure(demo.openid);
    const [callback, checks] = await authorize(config, demo.openid, 'openid');
    checks.pkceCodeVerifier = client.randomPKCECodeVerifier();
    await refused('invalid_grant', () => client.authorizationCodeGrant(config, callback, checks));
  },

  'refresh rotates, and a replay ends the family': async () => {
    const { config, tokens } = await flow(demo.openid, 'openid offline_access', { prompt: 'consent' });
    const next = await client.refreshTokenGrant(config, tokens.refresh_token);
    ensure(next.refresh_token && next.refresh_token !== tokens.refresh_token, 'no rotation');
    await refused('invalid_grant', () => client.refreshTokenGrant(config, tokens.refresh_token));
    await refused('invalid_grant', () => client.refreshTokenGrant(config, next.refresh_token));
  },

  'introspection and revocation': async () => {
    const { config, tokens } = await flow(demo.openid, 'openid profile');
    const before = await client.tokenIntrospection(config, tokens.access_token);
    equal(before.active, true, 'active before');
    equal(before.client_id, demo.openid.client_id, 'client_id');
    equal(before.sub, tokens.claims().sub, 'sub');
    await client.tokenRevocation(config, tokens.access_token);
    equal(await client.tokenIntrospection(config, tokens.access_token), { active: false }, 'introspection after');
  },

  'client credentials': async () => {
    const config = await configure(demo.openid);
    const tokens = await client.clientCredentialsGrant(config);
    equal((await client.tokenIntrospection(config, tokens.access_token)).active, true, 'active');
  },

  'a client that signs who it is': async () => {
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    const jwks = { keys: [await crypto.subtle.exportKey('jwk', publicKey)] };
    const tenant = await createClient(demo, 'openid', { name: 'Signs', kind: 'confidential', scopes: ['openid', 'email'], jwks });
    const { config, tokens } = await flow(tenant, 'openid email', { method: () => client.PrivateKeyJwt(privateKey) });
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    equal(info.email, demo.user.username, 'email');
  },

  'tokens that are bound to its key': async () => {
    const config = await configure(demo.openid);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const bound = { dpop_jkt: await DPoP.calculateThumbprint(), prompt: 'consent' };
    const [callback, checks] = await authorize(config, demo.openid, 'openid email offline_access', bound);
    const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP });
    equal(tokens.token_type, 'dpop', 'token_type');
    const info = () => client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP });
    equal((await info()).email, demo.user.username, 'email');
    const next = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
    equal(next.token_type, 'dpop', 'token_type after refresh');
  },

  'the other tenant speaks to it too': async () => {
    const { config, tokens } = await flow(demo.financefeast, 'openid profile plan');
    equal(tokens.expires_in, 864_000, 'expires_in');
    const info = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    equal(info.email, demo.user.username, 'email');
    const api = new URL(`${demo.financefeast.api}/data/eod?ticker=air.nz`);
    equal((await client.fetchProtectedResource(config, tokens.access_token, api, 'GET')).status, 200, 'status of the API');
  },
});
