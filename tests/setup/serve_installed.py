"""Serve the installed tool as its environment sets it up, ask for the addresses named on the command line and for
every asset that an answered page names, all over HTTP, and print what came back.

Run by test_wheel.py with the interpreter of a clean environment, outside the checkout.
"""

import json
import re
import sys
from http.client import HTTPConnection
from threading import Thread

from werkzeug.serving import make_server

import lti_tool
from lti_tool.app import create_app
from lti_tool.installation import open_current

ASSET = re.compile(r'(?:href|src)="(/static/[^"?]+)')


def main(addresses: list[str]) -> None:
    installation = open_current()
    application = create_app(installation.settings, installation.database)
    server = make_server("127.0.0.1", 0, application)
    Thread(target=server.serve_forever, daemon=True).start()
    answers = {address: ask(server.server_port, address) for address in addresses}
    named = {asset for _, _, page in answers.values() for asset in ASSET.findall(page)}
    answers |= {asset: ask(server.server_port, asset) for asset in named - answers.keys()}
    server.shutdown()
    json.dump({"package": lti_tool.__file__, "answers": answers}, sys.stdout)


def ask(port: int, address: str) -> tuple[int, str, str]:
    """Status, type and text."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", address)
    answer = connection.getresponse()
    shown = answer.status, answer.getheader("Content-Type", ""), answer.read().decode()[:100_000]
    connection.close()
    return shown


main(sys.argv[1:])
