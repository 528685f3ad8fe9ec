"""Authlib at the tenant whose partners start flows of the widget.

    python authlib_widget.py <demo.json>
"""

import base64
import json
import sys
from urllib.parse import parse_qs, parse_qsl, urlsplit

from demo import Checks, Demo, equal, refused
from widget import accounts_at, link, through

from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

checks = Checks()
IBAN = "DE82900948150000002881"
SCOPE = "accounts=ro balance=ro transactions=ro offline"


def token_url(demo):
    return f"{demo.finx.issuer}/auth/token"


def session(demo, kind=OAuth2Session, **options):
    tenant = demo.finx
    return kind(
        tenant.client_id,
        tenant.client_secret,
        redirect_uri=tenant.redirect_uri,
        state="here",
        token_endpoint=token_url(demo),
        **options,
    )


def returned(demo):
    return through(demo, link(demo.finx, accounts=[{"id": IBAN}]))


def json_with_basic(client, method, uri, headers, body):
    """The guide's token request, as a client authentication of one's own: Authlib's hooks see the
    body too, but what they return is made a form again."""
    credentials = f"{client.client_id}:{client.client_secret}".encode()
    text = body.decode() if isinstance(body, bytes) else body
    document = json.dumps(dict(parse_qsl(text)))
    headers = headers.copy()
    headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
    headers["Content-Type"] = "application/json"
    headers["Content-Length"] = str(len(document))
    return uri, headers, document


@checks
def the_guides_json_is_sent_by_an_authentication_of_ones_own(demo):
    client = session(demo, token_endpoint_auth_method="json_with_basic")
    client.register_client_auth_method(("json_with_basic", json_with_basic))
    seen = []
    client.hooks["response"].append(lambda answer, **_: seen.append(answer.request.headers.get("Content-Type")))
    token = client.fetch_token(token_url(demo), authorization_response=returned(demo))
    equal(seen, ["application/json"], "what was sent")
    equal((token["token_type"], token["expires_in"], token["scope"]), ("Bearer", 3600, SCOPE), "answer")
    accounts = client.get(accounts_at(demo.finx)).json()["accounts"]
    equal([account["number"] for account in accounts], [IBAN], "accounts that were chosen")


@checks
def forms_which_authlib_sends_by_itself_work_too(demo):
    for kind in (OAuth2Session, OAuth2Client):
        token = session(demo, kind).fetch_token(token_url(demo), authorization_response=returned(demo))
        equal(token["scope"], SCOPE, "scope")


@checks
def an_expired_token_is_refreshed_and_the_new_refresh_token_is_kept(demo):
    kept = []
    client = session(demo, update_token=lambda token, refresh_token=None, access_token=None: kept.append(token))
    first = client.fetch_token(token_url(demo), authorization_response=returned(demo))["refresh_token"]
    client.token["expires_at"] = 1
    equal(client.get(accounts_at(demo.finx)).status_code, 200, "a call with an expired token")
    equal(len(kept), 1, "refreshes")
    equal(kept[0]["refresh_token"] != first, True, "rotated")
    client.token = client.refresh_token(token_url(demo), refresh_token=kept[0]["refresh_token"])
    refused("invalid_grant", client.refresh_token, token_url(demo), refresh_token=first)


@checks
def metadata_without_an_authorize_endpoint_is_none_to_authlib(demo):
    import requests

    answer = requests.get(f"{demo.finx.issuer}/.well-known/oauth-authorization-server")
    try:
        AuthorizationServerMetadata(answer.json()).validate()
    except ValueError as cause:
        equal("authorization_endpoint" in str(cause), True, str(cause))
        return
    raise AssertionError("Authlib takes it by now: say so in the README")


@checks
def the_return_has_the_guides_parameters(demo):
    query = parse_qs(urlsplit(returned(demo)).query)
    equal(list(query), ["code", "state", "success"], "parameters")


if __name__ == "__main__":
    checks.run(Demo(sys.argv[1]))
