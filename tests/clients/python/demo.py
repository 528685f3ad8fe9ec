"""What every script here shares: the demo's credentials, and checks with a name each."""

import json
import os
import sys
import traceback
from pathlib import Path

# The demo speaks http on loopback, where the libraries insist on https otherwise.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"


class Tenant:
    """One tenant of the demo, with the client registered there."""

    def __init__(self, document):
        self.issuer = document["issuer"]
        self.api = document.get("api")
        self.client_id = document["client_id"]
        self.client_secret = document["client_secret"]
        self.redirect_uri = document["redirect_uri"]


class Demo:
    """The file of credentials that `grantor demo` writes."""

    def __init__(self, path):
        document = json.loads(Path(path).read_text())
        self.username = document["user"]["username"]
        self.password = document["user"]["password"]
        self.financefeast = Tenant(document["tenants"]["financefeast"])
        self.openid = Tenant(document["tenants"]["openid"])
        self.access = Tenant(document["tenants"]["finapi"])
        self.finexer = Tenant(document["tenants"]["finexer"])
        self.generic = Tenant(document["tenants"]["generic"])
        self.finx = Tenant(document["tenants"]["finx"])
        self.admin = document["admin"]
        self.operator_token = document["operator_token"]


class Checks:
    """Collects functions, runs them in order, prints PASS or FAIL with the sentence of each."""

    def __init__(self):
        self.functions = []

    def __call__(self, function):
        self.functions.append(function)
        return function

    def run(self, *arguments):
        failed = 0
        for function in self.functions:
            sentence = function.__name__.replace("_", " ")
            try:
                function(*arguments)
                print(f"PASS {sentence}", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL {sentence}\n{traceback.format_exc()}", flush=True)
        sys.exit(1 if failed else 0)


def equal(found, expected, what):
    """Fails with both values; `assert` alone shows neither."""
    if found != expected:
        raise AssertionError(f"{what}: found {found!r}, expected {expected!r}")


def refused(error, action, *arguments, **options):
    """Runs what must fail and compares the OAuth error code."""
    from authlib.common.errors import AuthlibBaseError

    try:
        answer = action(*arguments, **options)
    except AuthlibBaseError as found:
        equal(found.error, error, "error")
        return
    raise AssertionError(f"expected {error}, was given {sorted(answer)}")
