"""Authlib's client sessions, over requests and over httpx, against a running Grantor.

    python authlib_clients.py requests|httpx <demo.json>
"""

import re
import sys
import time
from urllib.parse import parse_qs, urlsplit

from demo import Checks, Demo, equal, refused
from person import Person

from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oauth2.rfc8414 import get_well_known_url as oauth_well_known_url
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from authlib.oidc.discovery import get_well_known_url as openid_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet

TEN_DAYS = 864_000
checks = Checks()


class Flow:
    """A client of one tenant, and one person's way through it."""

    def __init__(self, demo, tenant, scope, method="client_secret_basic", **options):
        self.demo, self.tenant = demo, tenant
        self.raw = None
        self.session = SESSION(
            tenant.client_id,
            tenant.client_secret,
            scope=scope,
            redirect_uri=tenant.redirect_uri,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            **options,
        )
        self.session.register_compliance_hook("access_token_response", self.keep_raw)
        self.metadata = fetch(openid_well_known_url(tenant.issuer, True))

    def keep_raw(self, response):
        self.raw = response
        return response

    def authorize(self, person=None, **extra):
        """Returns the callback URL, with the state checked."""
        url, state = self.session.create_authorization_url(self.metadata["authorization_endpoint"], **extra)
        callback = (person or Person(self.demo)).visit(url, self.tenant.redirect_uri)
        equal(query(callback).get("state"), state, "state")
        return callback

    def redeem(self, callback, **extra):
        return self.session.fetch_token(self.metadata["token_endpoint"], authorization_response=callback, **extra)

    def token(self, **extra):
        return self.redeem(self.authorize(**extra))

    def claims(self, token, nonce):
        """The id_token's claims, its signature and every claim checked as Authlib does."""
        keys = KeySet.import_key_set(fetch(self.metadata["jwks_uri"]))
        algorithms = self.metadata["id_token_signing_alg_values_supported"]
        decoded = jwt.decode(token["id_token"], keys, algorithms=algorithms)
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            {"iss": {"essential": True, "value": self.metadata["issuer"]}},
            {"nonce": nonce, "client_id": self.tenant.client_id, "access_token": token["access_token"]},
        )
        claims.validate(leeway=5)
        return claims

    def userinfo(self):
        return self.session.get(self.metadata["userinfo_endpoint"])

    def introspect(self, token, **extra):
        answer = self.session.introspect_token(self.metadata["introspection_endpoint"], token=token, **extra)
        equal(answer.status_code, 200, "status of introspection")
        return answer.json()

    def revoke(self, token, **extra):
        answer = self.session.revoke_token(self.metadata["revocation_endpoint"], token=token, **extra)
        equal(answer.status_code, 200, "status of revocation")


def fetch(url):
    """A public document, over the library under test."""
    answer = SESSION().request("GET", url, withhold_token=True)
    equal(answer.status_code, 200, f"status of {url}")
    return answer.json()


def query(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def financefeast(demo, **options):
    return Flow(demo, demo.financefeast, "openid profile plan", **options)


def openid(demo, scope="openid profile email", **options):
    return Flow(demo, demo.openid, scope, **options)


# First, while nobody has consented to anything.
@checks
def financefeast_denied_consent_is_told_to_the_client(demo):
    flow = financefeast(demo)
    callback = flow.authorize(Person(demo, "deny"))
    equal(query(callback).get("error"), "access_denied", "error")
    equal(query(callback).get("code"), None, "code")


@checks
def openid_denied_consent_is_told_to_the_client(demo):
    callback = openid(demo).authorize(Person(demo, "deny"), prompt="consent")
    equal(query(callback).get("error"), "access_denied", "error")


@checks
def discovery_satisfies_authlib(demo):
    for tenant in (demo.financefeast, demo.openid):
        document = fetch(openid_well_known_url(tenant.issuer, True))
        metadata = OpenIDProviderMetadata(document)
        metadata.validate()
        equal(metadata["issuer"], tenant.issuer, "issuer")


@checks
def oauth_metadata_satisfies_authlib(demo):
    for tenant in (demo.financefeast, demo.openid):
        document = fetch(oauth_well_known_url(tenant.issuer, True))
        metadata = AuthorizationServerMetadata(document)
        metadata.validate()
        equal(metadata["issuer"], tenant.issuer, "issuer")


@checks
def financefeast_discovery_lists_what_the_guide_has(demo):
    metadata = financefeast(demo).metadata
    issuer = demo.financefeast.issuer
    equal(metadata["authorization_endpoint"], f"{issuer}/oauth/authorize", "authorization_endpoint")
    equal(metadata["token_endpoint"], f"{issuer}/oauth/token", "token_endpoint")
    equal(sorted(metadata["scopes_supported"]), ["openid", "plan", "profile"], "scopes_supported")
    equal(metadata["grant_types_supported"], ["authorization_code"], "grant_types_supported")
    equal(metadata["response_types_supported"], ["code"], "response_types_supported")


@checks
def financefeast_token_answer_is_the_guides(demo):
    flow = financefeast(demo)
    callback = flow.authorize()
    code = query(callback)["code"]
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", code), code
    before = int(time.time())
    token = flow.redeem(callback)
    after = int(time.time())
    answer = flow.raw.json()
    equal(list(answer)[:5], ["access_token", "expires_in", "scope", "token_type", "expires_at"], "members")
    equal(list(answer)[5:], ["id_token"], "members after the guide's")
    assert re.fullmatch(r"[0-9A-Za-z]{42}", answer["access_token"]), answer["access_token"]
    equal(answer["expires_in"], TEN_DAYS, "expires_in")
    equal(answer["scope"], "openid profile plan", "scope")
    equal(answer["token_type"], "Bearer", "token_type")
    assert isinstance(answer["expires_at"], int), answer["expires_at"]
    assert before + TEN_DAYS <= answer["expires_at"] <= after + TEN_DAYS, answer["expires_at"]
    equal(token["expires_at"], answer["expires_at"], "expires_at that Authlib keeps")
    equal(token.is_expired(), False, "expired")
    equal(flow.raw.headers["Cache-Control"], "no-store", "Cache-Control")


@checks
def financefeast_code_flow_without_pkce_and_by_post(demo):
    flow = financefeast(demo, method="client_secret_post")
    nonce = generate_token()
    token = flow.token(nonce=nonce)
    claims = flow.claims(token, nonce)
    userinfo = flow.userinfo().json()
    equal(userinfo["sub"], claims["sub"], "sub")
    assert claims["sub"] != demo.financefeast.client_id
    equal(userinfo["email"], demo.username, "email, the guide's meaning of profile")
    assert userinfo["plan"], "the plan of the user"


@checks
def financefeast_code_flow_with_pkce_and_by_basic(demo):
    flow = financefeast(demo, code_challenge_method="S256")
    nonce, verifier = generate_token(), generate_token(48)
    token = flow.redeem(flow.authorize(nonce=nonce, code_verifier=verifier), code_verifier=verifier)
    flow.claims(token, nonce)


@checks
def financefeast_takes_the_guides_nounce_for_the_nonce(demo):
    flow = financefeast(demo)
    nonce = generate_token()
    flow.claims(flow.token(nounce=nonce), nonce)


@checks
def financefeast_api_takes_the_token(demo):
    flow = financefeast(demo)
    flow.token()
    answer = flow.session.get(f"{demo.financefeast.api}/data/eod?ticker=air.nz")
    equal(answer.status_code, 200, "status")
    assert "air.nz" in answer.text.lower(), answer.text


@checks
def financefeast_has_no_other_grant(demo):
    flow = financefeast(demo)
    refused("unsupported_grant_type", flow.session.fetch_token, flow.metadata["token_endpoint"], grant_type="client_credentials")
    assert "refresh_token" not in flow.token()


@checks
def financefeast_revoked_token_is_worth_nothing(demo):
    flow = financefeast(demo)
    token = flow.token()["access_token"]
    answer = flow.introspect(token)
    equal(answer["active"], True, "active")
    equal(answer["client_id"], demo.financefeast.client_id, "client_id")
    equal(answer["scope"], "openid profile plan", "scope")
    flow.revoke(token)
    equal(flow.introspect(token), {"active": False}, "introspection after revocation")
    equal(flow.userinfo().status_code, 401, "userinfo after revocation")
    equal(flow.session.get(f"{demo.financefeast.api}/data/eod?ticker=air.nz").status_code, 401, "API after revocation")
    flow.revoke(token)


@checks
def replayed_code_revokes_what_it_issued(demo):
    for flow in (financefeast(demo), openid(demo)):
        callback = flow.authorize()
        token = flow.redeem(callback)["access_token"]
        refused("invalid_grant", flow.redeem, callback)
        equal(flow.introspect(token)["active"], False, "active after a replay")


@checks
def wrong_verifier_spends_the_code(demo):
    flow = openid(demo, code_challenge_method="S256")
    verifier = generate_token(48)
    callback = flow.authorize(code_verifier=verifier)
    refused("invalid_grant", flow.redeem, callback, code_verifier=generate_token(48))
    refused("invalid_grant", flow.redeem, callback, code_verifier=verifier)


@checks
def wrong_secret_is_invalid_client(demo):
    flow = openid(demo)
    callback = flow.authorize()
    flow.session.client_secret = "not-the-secret"
    refused("invalid_client", flow.redeem, callback)
    flow.session.client_secret = demo.openid.client_secret
    assert flow.redeem(callback)["access_token"], "an unauthenticated request must not spend the code"


@checks
def openid_code_flow_with_and_without_pkce(demo):
    for method, options in (
        ("client_secret_basic", {"code_challenge_method": "S256"}),
        ("client_secret_post", {"code_challenge_method": "S256"}),
        ("client_secret_basic", {}),
    ):
        flow = openid(demo, method=method, **options)
        nonce = generate_token()
        verifier = {"code_verifier": generate_token(48)} if options else {}
        callback = flow.authorize(nonce=nonce, **verifier)
        equal(query(callback)["iss"], demo.openid.issuer, "iss of the response (RFC 9207)")
        claims = flow.claims(flow.redeem(callback, **verifier), nonce)
        userinfo = flow.userinfo().json()
        equal(userinfo["sub"], claims["sub"], "sub")
        equal(userinfo["email"], demo.username, "email")


@checks
def openid_refresh_rotates_and_a_replay_ends_the_family(demo):
    flow = openid(demo, "openid profile email offline_access")
    first = flow.token(prompt="consent")["refresh_token"]
    second = flow.session.refresh_token(flow.metadata["token_endpoint"], refresh_token=first)
    assert second["refresh_token"] != first
    equal(flow.userinfo().status_code, 200, "userinfo after refresh")
    refused("invalid_grant", flow.session.refresh_token, flow.metadata["token_endpoint"], refresh_token=first)
    refused("invalid_grant", flow.session.refresh_token, flow.metadata["token_endpoint"], refresh_token=second["refresh_token"])
    equal(flow.introspect(second["access_token"])["active"], False, "active after the replay")


@checks
def openid_revoking_the_refresh_token_ends_the_grant(demo):
    flow = openid(demo, "openid offline_access")
    token = flow.token(prompt="consent")
    equal(flow.introspect(token["refresh_token"], token_type_hint="refresh_token")["active"], True, "active before")
    flow.revoke(token["refresh_token"], token_type_hint="refresh_token")
    refused("invalid_grant", flow.session.refresh_token, flow.metadata["token_endpoint"], refresh_token=token["refresh_token"])
    equal(flow.introspect(token["access_token"])["active"], False, "active after")


@checks
def openid_client_credentials(demo):
    flow = openid(demo, scope=None)
    token = flow.session.fetch_token(flow.metadata["token_endpoint"], grant_type="client_credentials")
    assert "refresh_token" not in token and "id_token" not in token, sorted(token)
    answer = flow.introspect(token["access_token"])
    equal(answer["active"], True, "active")
    equal(answer["client_id"], demo.openid.client_id, "client_id")


@checks
def openid_second_visit_needs_neither_login_nor_consent(demo):
    flow, person = openid(demo), Person(demo)
    flow.authorize(person)
    flow.authorize(person)
    equal(person.asked, [], "what the second visit asked")
    flow.authorize(person, prompt="login")
    equal(person.asked, ["login"], "what prompt=login asked")


@checks
def a_token_of_one_tenant_is_worth_nothing_at_the_other(demo):
    first, second = financefeast(demo), openid(demo)
    token = first.token()["access_token"]
    equal(second.introspect(token), {"active": False}, "introspection at the other tenant")
    answer = first.session.get(second.metadata["userinfo_endpoint"])
    equal(answer.status_code, 401, "userinfo at the other tenant")


if __name__ == "__main__":
    SESSION = {"requests": OAuth2Session, "httpx": OAuth2Client}[sys.argv[1]]
    checks.run(Demo(sys.argv[2]))
