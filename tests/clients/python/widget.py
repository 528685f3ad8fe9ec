"""A partner and a person at the widget: a link is asked for, and followed through the sandbox bank."""

import re
import time
from urllib.parse import urljoin, urlsplit

import requests

from demo import equal
from person import Forms

LOGIN = {"username": "mara.brandt", "pin": "13579"}
MAILS = "mara.brandt@sandbox-bank.example"


def link(tenant, **members):
    """The link to a flow: JSON with the client's Basic credentials."""
    answer = requests.post(
        f"{tenant.issuer}/onetime/access",
        json={"redirect_uri": tenant.redirect_uri, "state": "here"} | members,
        auth=(tenant.client_id, tenant.client_secret),
    )
    equal(answer.status_code, 200, "status of the start")
    return answer.json()["location"]


def accounts_at(tenant):
    """The accounts that a token lets see. The API has a name of its own; by its path none is needed."""
    return f"http://127.0.0.1:{urlsplit(tenant.api).port}/t/finx/accounts"


def mailed_code(demo):
    for _ in range(100):
        headers = {"Authorization": f"Bearer {demo.operator_token}"}
        mails = requests.get(f"{demo.admin}/admin/v1/mails?to={MAILS}", headers=headers).json()["items"]
        if mails:
            return re.search(r"\b\d{6}\b", mails[0]["body"]).group()
        time.sleep(0.05)
    raise AssertionError("the bank mailed no code")


def through(demo, location):
    """Goes the whole way and returns the URL at the client."""
    browser = requests.Session()
    # A window of its own: in a frame it is asked twice.
    browser.headers["Sec-Fetch-Dest"] = "document"
    entries = {
        "login": lambda: LOGIN,
        "verify": lambda: {"code": mailed_code(demo)},
        "share": lambda: {"account_1": "1"},
        "approve": lambda: {},
    }
    page = browser.get(location, allow_redirects=False)
    for _ in range(16):
        if page.is_redirect:
            target = urljoin(page.url, page.headers["Location"])
            if urlsplit(target).netloc != urlsplit(location).netloc:
                return target
            page = browser.get(target, allow_redirects=False)
            continue
        found = [(form, name) for form in Forms(page.text).found for name in entries if name in form.buttons]
        if not found:
            raise AssertionError(f"no form to go on with at {page.url}: {page.text[:2000]}")
        form, button = found[0]
        data = form.fields | entries[button]() | {button: form.buttons[button]}
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        page = browser.post(urljoin(page.url, form.action), data=data, headers={"Origin": origin}, allow_redirects=False)
    raise AssertionError("went round in circles")
