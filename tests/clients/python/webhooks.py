"""standardwebhooks as a receiver uses it: an endpoint is made over the admin API, and what arrives is
verified by the library; v1a by the Ed25519 of another library.

    python webhooks.py <demo.json>
"""

import base64
import queue
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook, WebhookVerificationError

from demo import Checks, Demo, equal

checks = Checks()
calls = queue.Queue()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        calls.put((dict((name.lower(), value) for name, value in self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def admin(demo, path, body=None):
    answer = requests.post(
        f"{demo.admin}/admin/v1/tenants/openid/webhooks{path}",
        headers={"authorization": f"Bearer {demo.operator_token}"},
        json=body,
        timeout=60,
    )
    answer.raise_for_status()
    return answer.json()


def endpoint(demo, signing):
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/hook"
    wanted = {"url": url, "events": ["oauth.authorization.revoked"], "format": "standard", "signing": signing}
    made = admin(demo, "", wanted)
    return made["webhook"]["id"], made["secret"]


@checks
def the_library_takes_a_test_event_and_nothing_that_was_changed(demo):
    webhook, key = endpoint(demo, "v1")
    message = admin(demo, f"/{webhook}/test")["message_id"]
    headers, body = calls.get(timeout=60)
    library = Webhook(key["secret"])
    event = library.verify(body, headers)
    equal((event["id"], event["type"], headers["webhook-id"]), (message, "webhook.test", message), "the event")
    for changed in [(body + b" ", headers), (body, {**headers, "webhook-timestamp": "1"})]:
        try:
            library.verify(*changed)
        except WebhookVerificationError:
            continue
        raise AssertionError("the library took it")


@checks
def v1a_is_ed25519_over_the_same_content(demo):
    webhook, key = endpoint(demo, "v1a")
    admin(demo, f"/{webhook}/test")
    headers, body = calls.get(timeout=60)
    version, signature = headers["webhook-signature"].split(",")
    equal(version, "v1a", "the version")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"].removeprefix("whpk_")))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    public.verify(base64.b64decode(signature), content)
    try:
        public.verify(base64.b64decode(signature), content + b" ")
    except InvalidSignature:
        return
    raise AssertionError("a changed body was taken")


checks.run(Demo(sys.argv[-1]))
