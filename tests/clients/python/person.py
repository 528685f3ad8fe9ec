"""A person without a browser: reads the forms of the pages, fills them in, presses buttons."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


class Form:
    """One form of a page."""

    def __init__(self, attributes):
        self.action = attributes.get("action", "")
        self.fields = {}
        self.buttons = {}


class Forms(HTMLParser):
    """Every form of a page, with the values a browser would send."""

    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.found.append(Form(attributes))
        elif self.found and tag == "input":
            self.input(attributes)
        elif self.found and tag == "button":
            self.found[-1].buttons[attributes.get("name")] = attributes.get("value", "")

    def input(self, attributes):
        ticked = attributes.get("type") not in ("checkbox", "radio") or "checked" in attributes
        if ticked and attributes.get("name"):
            self.found[-1].fields[attributes["name"]] = attributes.get("value", "")

    handle_startendtag = handle_starttag


class Person:
    """Someone with a browser's cookies and a demo user's credentials."""

    def __init__(self, demo, decision="approve"):
        self.demo = demo
        self.decision = decision
        self.session = requests.Session()
        self.asked = []

    def visit(self, url, redirect_uri):
        """Follows an authorization URL to the client's callback and returns that URL. What was
        shown on the way is in `asked`: "login", "consent"."""
        self.asked = []
        answer = self.session.get(url, allow_redirects=False)
        for _ in range(12):
            if answer.is_redirect:
                if answer.request.method == "POST" and answer.status_code != 303:
                    raise AssertionError(f"a form was answered by {answer.status_code}, not 303")
                target = urljoin(answer.url, answer.headers["Location"])
                if target.startswith(redirect_uri):
                    return target
                if urlsplit(target).netloc != urlsplit(url).netloc:
                    raise AssertionError(f"sent away to {target}")
                answer = self.session.get(target, allow_redirects=False)
            else:
                answer = self.answer_page(answer)
        raise AssertionError("went round in circles")

    def answer_page(self, page):
        if page.status_code != 200:
            raise AssertionError(f"{page.url} answered {page.status_code}: {page.text[:2000]}")
        for form in Forms(page.text).found:
            if "login" in form.buttons:
                self.asked.append("login")
                entries = {"username": self.demo.username, "password": self.demo.password}
                return self.press(page, form, "login", entries)
            if self.decision in form.buttons:
                self.asked.append("consent")
                return self.press(page, form, self.decision, {})
        raise AssertionError(f"no form to go on with at {page.url}: {page.text[:2000]}")

    def press(self, page, form, button, entries):
        data = form.fields | entries | {button: form.buttons[button]}
        if not data.get("csrf"):
            raise AssertionError(f"the form at {page.url} has no csrf")
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        return self.session.post(
            urljoin(page.url, form.action), data=data, headers={"Origin": origin}, allow_redirects=False
        )
