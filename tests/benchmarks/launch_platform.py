"""A platform in a process of its own: it publishes a key and signs the token of whoever comes from a login.

`python -m tests.benchmarks.launch_platform PORT TARGET`; `login_hint` says who it is: `role:person:course`.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.launch.platform import LTI, Platform, authorisation


class Server(ThreadingHTTPServer):
    request_queue_size = 1024
    daemon_threads = True


def handler(platform: Platform, target: str) -> type[BaseHTTPRequestHandler]:
    """Answers `/keys` and `/auth`; the form that a browser would post comes as JSON."""
    keys = {"keys": [platform.key.public_jwk()]}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(keys if self.path == "/keys" else form(platform, target, authorisation(self.path)))

        def answer(self, value: dict[str, Any]) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_line: Any) -> None:
            """Says nothing."""

    return Handler


def form(platform: Platform, target: str, asked: dict[str, str]) -> dict[str, str]:
    """The fields of the answer to an authorisation request."""
    role, person, course = asked["login_hint"].split(":")
    changes = {"nonce": asked["nonce"], LTI + "target_link_uri": target}
    return {
        "id_token": platform.key.sign(platform.claims(role, person, course, **changes)),
        "state": asked["state"],
    }


if __name__ == "__main__":
    port, target = int(sys.argv[1]), sys.argv[2]
    made = Platform(f"http://localhost:{port}")
    Server(("127.0.0.1", port), handler(made, target)).serve_forever()
