"""requests-oauthlib on the textbook tenant and on the one with commas, against a running Grantor.

    python requests_oauthlib_client.py <demo.json>
"""

import os
import sys
import time

from demo import Checks, Demo, equal
from person import Person

import requests
from oauthlib.oauth2 import WebApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from requests_oauthlib import OAuth2Session

checks = Checks()


def session(demo, tenant, path, scope, **options):
    """A session that a person has allowed, and the address they came back to."""
    client = WebApplicationClient(tenant.client_id)
    made = OAuth2Session(client=client, redirect_uri=tenant.redirect_uri, scope=scope, **options)
    url, state = made.authorization_url(tenant.issuer + path)
    callback = Person(demo).visit(url, tenant.redirect_uri)
    return made, callback


def fetch(made, tenant, callback, **options):
    return made.fetch_token(
        tenant.issuer + "/oauth/token",
        authorization_response=callback,
        client_secret=tenant.client_secret,
        include_client_id=True,
        **options,
    )


@checks
def the_textbook_tenant_needs_no_options(demo):
    tenant = demo.generic
    made, callback = session(demo, tenant, "/oauth/authorize", ["read_write"])
    token = fetch(made, tenant, callback)
    equal((token["token_type"], token["expires_in"]), ("Bearer", 3600), "type and lifetime")
    # What the answer leaves out is what was asked for.
    equal(token.scope, "read_write", "scope")


@checks
def the_textbook_tenant_refreshes_by_itself(demo):
    tenant, kept = demo.generic, []
    made, callback = session(
        demo,
        tenant,
        "/oauth/authorize",
        ["read_write"],
        auto_refresh_url=tenant.issuer + "/oauth/token",
        auto_refresh_kwargs={"client_id": tenant.client_id, "client_secret": tenant.client_secret},
        token_updater=kept.append,
    )
    first = dict(fetch(made, tenant, callback))
    made.token = {**first, "expires_in": -30, "expires_at": time.time() - 30}
    made.get(tenant.issuer + "/oauth/jwks")
    equal(len(kept), 1, "tokens that were renewed")
    if kept[0]["refresh_token"] == first["refresh_token"]:
        raise AssertionError("the refresh token did not rotate")


@checks
def a_scope_with_commas_is_taken_for_another_one_unless_told_otherwise(demo):
    """oauthlib splits the answer's scope at spaces, so `a,b` is one scope that nobody asked for."""
    tenant = demo.finexer
    made, callback = session(demo, tenant, "/oauth/", ["customer_read", "customer_write"])
    try:
        fetch(made, tenant, callback)
    except Warning as found:
        equal("Scope has changed" in str(found), True, str(found))
    else:
        raise AssertionError("oauthlib takes commas by now: say so in the README")
    os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"] = "1"
    try:
        made, callback = session(demo, tenant, "/oauth/", ["customer_read", "customer_write"])
        token = fetch(made, tenant, callback)
    finally:
        del os.environ["OAUTHLIB_RELAX_TOKEN_SCOPE"]
    equal(token["scope"], ["customer_read,customer_write"], "scope, as oauthlib reads it")
    equal(token["account_id"][:4], "acc_", "account")
    equal(made.get(tenant.api + "/customers").status_code, 200, "a call")


@checks
def a_hook_reads_the_commas(demo):
    tenant = demo.finexer
    made, callback = session(demo, tenant, "/oauth/", ["customer_read", "customer_write"])

    def spaced(response):
        response._content = response.text.replace("customer_read,customer_write", "customer_read customer_write").encode()
        return response

    for answer in ("access_token_response", "refresh_token_response"):
        made.register_compliance_hook(answer, spaced)
    token = fetch(made, tenant, callback)
    equal(token["scope"], ["customer_read", "customer_write"], "scope")
    refreshed = made.refresh_token(
        tenant.issuer + "/oauth/token", client_id=tenant.client_id, client_secret=tenant.client_secret
    )
    equal(refreshed["refresh_token"], token["refresh_token"], "the refresh token, which stays")
    # The library has no call for the guide's revocation: it is one POST.
    body = {
        "client_id": tenant.client_id,
        "client_secret": tenant.client_secret,
        "refresh_token": token["refresh_token"],
    }
    equal(requests.post(tenant.issuer + "/oauth/revoke", body, timeout=30).status_code, 204, "revoked")
    equal(made.get(tenant.api + "/customers").status_code, 401, "a call afterwards")
    try:
        made.refresh_token(tenant.issuer + "/oauth/token", client_id=tenant.client_id, client_secret=tenant.client_secret)
    except InvalidGrantError:
        return
    raise AssertionError("a revoked refresh token was renewed")


checks.run(Demo(sys.argv[1]))
