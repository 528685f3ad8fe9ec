"""Authlib's web framework integrations, as its documentation shows them, against a running
Grantor: a Flask and a Starlette application that log a customer in and call the API.

    python authlib_frameworks.py <demo.json>
"""

import sys
from urllib.parse import urlsplit

from demo import Checks, Demo, equal
from person import Person

from authlib.integrations.flask_client import OAuth as FlaskOAuth
from authlib.integrations.starlette_client import OAuth as StarletteOAuth
from flask import Flask
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

checks = Checks()


def register(oauth, tenant, scope, **client_kwargs):
    oauth.register(
        "grantor",
        client_id=tenant.client_id,
        client_secret=tenant.client_secret,
        server_metadata_url=f"{tenant.issuer}/.well-known/openid-configuration",
        client_kwargs={"scope": scope, **client_kwargs},
    )
    return oauth.grantor


def origin(tenant):
    return "{0.scheme}://{0.netloc}".format(urlsplit(tenant.redirect_uri))


def flask_client(tenant, scope, resource, **client_kwargs):
    """A Flask application with a log-in and a callback, and a browser for it."""
    app = Flask(__name__)
    app.secret_key = "only for this test"
    client = register(FlaskOAuth(app), tenant, scope, **client_kwargs)

    @app.get("/login")
    def login():
        return client.authorize_redirect(tenant.redirect_uri)

    @app.get(urlsplit(tenant.redirect_uri).path)
    def callback():
        token = client.authorize_access_token()
        answer = client.get(resource, token=token)
        return {"claims": dict(token["userinfo"]), "status": answer.status_code, "body": answer.json()}

    browser = app.test_client()
    return lambda path: browser.get(path, base_url=origin(tenant))


def starlette_client(tenant, scope, resource, **client_kwargs):
    """The same in Starlette, where Authlib works asynchronously."""
    client = register(StarletteOAuth(), tenant, scope, **client_kwargs)

    async def login(request):
        return await client.authorize_redirect(request, tenant.redirect_uri)

    async def callback(request):
        token = await client.authorize_access_token(request)
        answer = await client.get(resource, token=token)
        return JSONResponse({"claims": token["userinfo"], "status": answer.status_code, "body": answer.json()})

    app = Starlette(
        routes=[Route("/login", login), Route(urlsplit(tenant.redirect_uri).path, callback)],
        middleware=[Middleware(SessionMiddleware, secret_key="only for this test")],
    )
    return TestClient(app, base_url=origin(tenant), follow_redirects=False).get


def log_in(demo, tenant, get):
    """Through the application's own log-in and back to its callback; returns what that says."""
    start = get("/login")
    equal(start.status_code, 302, "status of the application's log-in")
    back = urlsplit(Person(demo).visit(start.headers["Location"], tenant.redirect_uri))
    answer = get(f"{back.path}?{back.query}")
    equal(answer.status_code, 200, "status of the application's callback")
    return answer.get_json() if hasattr(answer, "get_json") else answer.json()


def through_financefeast(demo, make, **client_kwargs):
    tenant = demo.financefeast
    resource = f"{tenant.api}/data/eod?ticker=air.nz"
    said = log_in(demo, tenant, make(tenant, "openid profile plan", resource, **client_kwargs))
    equal(said["claims"]["iss"], tenant.issuer, "iss")
    equal(said["status"], 200, "status of the API")


def through_openid(demo, make, **client_kwargs):
    tenant = demo.openid
    resource = f"{tenant.issuer}/oauth/userinfo"
    said = log_in(demo, tenant, make(tenant, "openid profile email", resource, **client_kwargs))
    equal(said["status"], 200, "status of userinfo")
    equal(said["body"]["sub"], said["claims"]["sub"], "sub")
    equal(said["body"]["email"], demo.username, "email")


@checks
def flask_logs_a_financefeast_customer_in(demo):
    through_financefeast(demo, flask_client)


@checks
def starlette_logs_a_financefeast_customer_in(demo):
    through_financefeast(demo, starlette_client)


@checks
def flask_logs_a_user_of_the_strict_tenant_in_with_pkce(demo):
    through_openid(demo, flask_client, code_challenge_method="S256")


@checks
def starlette_logs_a_user_of_the_strict_tenant_in_with_pkce(demo):
    through_openid(demo, starlette_client, code_challenge_method="S256")


if __name__ == "__main__":
    checks.run(Demo(sys.argv[1]))
