// passport-oauth2 on the textbook tenant and on the one with commas: node passport_oauth2.mjs <demo.json>
//
// A strategy is driven as Passport does it: it redirects, and later succeeds, fails or errs.

import OAuth2Strategy from 'passport-oauth2';

import { ensure, equal, run } from './checks.mjs';
import { readDemo } from './demo.mjs';
import { Person } from './person.mjs';

const demo = readDemo(process.argv[2]);

function strategy(tenant, authorizePath, more = {}) {
  const made = new OAuth2Strategy({
    authorizationURL: `${tenant.issuer}${authorizePath}`,
    tokenURL: `${tenant.issuer}/oauth/token`,
    clientID: tenant.client_id,
    clientSecret: tenant.client_secret,
    callbackURL: tenant.redirect_uri,
    state: true,
    ...more,
  }, (accessToken, refreshToken, params, profile, done) => done(null, { accessToken, refreshToken, params }));
  made.userProfile = (accessToken, done) => done(null, {});
  return made;
}

/** What became of a request: a redirect, a user, a failure. */
function authenticate(made, session, url) {
  const { searchParams } = new URL(url);
  const request = { query: Object.fromEntries(searchParams), session, url, headers: {}, connection: {} };
  return new Promise((resolve, reject) => {
    const acting = Object.create(made);
    acting.redirect = (to) => resolve({ to });
    acting.success = (user) => resolve({ user });
    acting.fail = (challenge) => resolve({ failed: challenge });
    acting.error = reject;
    acting.authenticate(request, {});
  });
}

async function login(tenant, made, decision = 'approve') {
  const session = {};
  const { to } = await authenticate(made, session, 'http://client.example/start');
  const back = await new Person(demo, decision).visit(to, tenant.redirect_uri);
  return authenticate(made, session, back.href);
}

await run({
  'a denial is a failure and no error': async () => {
    const { failed } = await login(demo.finexer, strategy(demo.finexer, '/oauth/', { scope: 'customer_read' }), 'deny');
    ensure(failed !== undefined, 'it did not fail');
  },
  'the textbook tenant logs somebody in, with PKCE': async () => {
    const made = strategy(demo.generic, '/oauth/authorize', { scope: ['read_write'], pkce: true });
    const { user } = await login(demo.generic, made);
    ensure(user.accessToken && user.refreshToken, 'no tokens');
    equal([user.params.token_type, user.params.expires_in], ['Bearer', 3600], 'answer');
  },
  'the tenant with commas logs somebody in': async () => {
    const made = strategy(demo.finexer, '/oauth/', {
      scope: ['customer_read', 'customer_write'], scopeSeparator: ',',
    });
    const { user } = await login(demo.finexer, made);
    equal(user.params.scope, 'customer_read,customer_write', 'scope');
    ensure(user.params.account_id.startsWith('acc_'), 'no account');
  },
});
