"""Start the installed tool, ask for the addresses named on the command line over HTTP, print what came back.

Run by test_wheel.py with the interpreter of a clean environment, outside the checkout.
"""

import json
import sys
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

import lti_tool
from lti_tool.app import create_app
from lti_tool.settings import Settings
from lti_tool.storage import Database, Keyring


def main(addresses: list[str]) -> None:
    home = Path("var")
    home.mkdir()
    settings = Settings(environment="test", home=home)
    server = make_server(
        "127.0.0.1", 0, create_app(settings, Database(settings.database), Keyring.generate())
    )
    Thread(target=server.serve_forever, daemon=True).start()
    answers = {}
    for address in addresses:
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        connection.request("GET", address)
        answer = connection.getresponse()
        answers[address] = [answer.status, answer.getheader("Content-Type"), answer.read().decode()[:100_000]]
        connection.close()
    server.shutdown()
    json.dump({"package": lti_tool.__file__, "answers": answers}, sys.stdout)


main(sys.argv[1:])
