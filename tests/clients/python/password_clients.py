"""Authlib and requests-oauthlib at the tenant whose clients speak for themselves and log users in
with their passwords, and what its explorer offers to download.

    python password_clients.py <demo.json>
"""

import os
import sys
import uuid

# The demo speaks http on loopback.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

import jsonschema
import requests
from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidClientError, InvalidGrantError
from openapi_spec_validator import OpenAPIV31SpecValidator
from requests_oauthlib import OAuth2Session

from demo import Checks, Demo, equal, refused

checks = Checks()
PASSWORD = "correct horse"


def token_url(demo):
    return f"{demo.access.issuer}/oauth/token"


def same_answer(token):
    # oauthlib makes a list of it.
    scope = token["scope"] if isinstance(token["scope"], str) else " ".join(token["scope"])
    equal((token["token_type"], scope), ("bearer", "all"), "type and scope")
    equal(3590 <= token["expires_in"] <= 3599, True, f"expires_in {token['expires_in']}")
    equal(len(token["access_token"]), 128, "length of the token")
    equal("refresh_token" in token, False, "refresh token")


def new_user(session, demo):
    name = f"user-{uuid.uuid4().hex[:12]}"
    answer = session.post(f"{demo.access.issuer}/users", json={"id": name, "password": PASSWORD})
    equal((answer.status_code, answer.json()["password"]), (201, PASSWORD), "POST /users")
    return name


@checks
def requests_oauthlib_gets_a_client_token_and_makes_a_user(demo):
    session = OAuth2Session(client=BackendApplicationClient(client_id=demo.access.client_id))
    token = session.fetch_token(
        token_url(demo), client_id=demo.access.client_id, client_secret=demo.access.client_secret, include_client_id=True
    )
    same_answer(token)
    new_user(session, demo)


@checks
def requests_oauthlib_gets_a_user_token(demo):
    tenant = demo.access
    backend = OAuth2Session(client=BackendApplicationClient(client_id=tenant.client_id))
    backend.fetch_token(token_url(demo), client_secret=tenant.client_secret, include_client_id=True)
    name = new_user(backend, demo)
    session = OAuth2Session(client=LegacyApplicationClient(client_id=tenant.client_id))
    credentials = {"client_id": tenant.client_id, "client_secret": tenant.client_secret}
    token = session.fetch_token(token_url(demo), username=name, password=PASSWORD, **credentials)
    same_answer(token)
    equal(session.get(f"{tenant.issuer}/users").json()["id"], name, "GET /users")
    equal(session.post(f"{tenant.issuer}/users", json={"id": "x"}).status_code, 403, "POST /users as a user")
    try:
        session.fetch_token(token_url(demo), username=name, password="wrong", **credentials)
        raise AssertionError("a wrong password was taken")
    except InvalidGrantError:
        pass
    try:
        credentials["client_secret"] = "wrong"
        session.fetch_token(token_url(demo), username=name, password=PASSWORD, **credentials)
        raise AssertionError("a wrong secret was taken")
    except InvalidClientError:
        pass


def with_authlib(demo, make):
    tenant = demo.access
    client = make(tenant.client_id, tenant.client_secret, token_endpoint_auth_method="client_secret_post")
    same_answer(client.fetch_token(token_url(demo), grant_type="client_credentials"))
    name = new_user(client, demo)
    user = make(
        tenant.client_id,
        tenant.client_secret,
        token_endpoint_auth_method="client_secret_post",
        revocation_endpoint_auth_method="client_secret_post",
    )
    token = user.fetch_token(token_url(demo), username=name, password=PASSWORD)
    same_answer(token)
    equal(user.get(f"{tenant.issuer}/users").json()["id"], name, "GET /users")
    refused("invalid_grant", user.fetch_token, token_url(demo), username=name, password="wrong")
    # The guide's way: the client's own token ends the user's.
    revoked = client.post(f"{tenant.issuer}/oauth/revoke", data={"token": token["access_token"]})
    equal((revoked.status_code, revoked.text), (200, ""), "revocation")
    bearer = {"Authorization": f"Bearer {token['access_token']}"}
    equal(requests.get(f"{tenant.issuer}/users", headers=bearer, timeout=30).status_code, 401, "GET /users after it")


@checks
def authlib_over_requests_gets_client_and_user_tokens(demo):
    with_authlib(demo, AuthlibSession)


@checks
def authlib_over_httpx_gets_client_and_user_tokens(demo):
    with_authlib(demo, OAuth2Client)


@checks
def every_tenants_openapi_document_is_one(demo):
    for tenant in (demo.access, demo.openid, demo.financefeast):
        document = requests.get(f"{tenant.issuer}/explorer/openapi.json", timeout=30).json()
        OpenAPIV31SpecValidator(document).validate()
        equal(document["servers"], [{"url": tenant.issuer}], "servers")


# What Postman's format 2.1 demands of the parts that are used.
URL = {
    "type": "object",
    "required": ["raw", "host", "path"],
    "properties": {
        "host": {"type": "array", "items": {"type": "string"}},
        "path": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "variable": {"type": "array", "items": {"type": "object", "required": ["key", "value"]}},
    },
}
BODY = {
    "type": "object",
    "required": ["mode"],
    "properties": {
        "mode": {"enum": ["raw", "urlencoded"]},
        "raw": {"type": "string"},
        "urlencoded": {"type": "array", "items": {"type": "object", "required": ["key", "value", "type"]}},
    },
}
POSTMAN = {
    "type": "object",
    "required": ["info", "item"],
    "properties": {
        "info": {
            "type": "object",
            "required": ["name", "schema"],
            "properties": {
                "schema": {"const": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}
            },
        },
        "item": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "request"],
                "properties": {
                    "request": {
                        "type": "object",
                        "required": ["method", "url", "auth"],
                        "properties": {
                            "method": {"enum": ["GET", "POST", "PATCH", "DELETE"]},
                            "header": {"type": "array"},
                            "url": URL,
                            "body": BODY,
                            "auth": {"type": "object", "required": ["type"]},
                        },
                    }
                },
            },
        },
        "variable": {"type": "array", "items": {"type": "object", "required": ["key", "value"]}},
    },
}


@checks
def every_tenants_postman_collection_is_one(demo):
    for tenant in (demo.access, demo.openid, demo.financefeast):
        collection = requests.get(f"{tenant.issuer}/explorer/postman.json", timeout=30).json()
        jsonschema.validate(collection, POSTMAN)


checks.run(Demo(sys.argv[1]))
