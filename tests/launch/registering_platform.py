"""A Moodle and a Canvas of which only the registration dialogue answers, as recorded (tests/launch/registering)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

RECORDED = Path(__file__).parent / "registering"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
REQUIRED = ("initiate_login_uri", "redirect_uris", "client_name", "jwks_uri")
TOKEN = "reg.token.1"


def recorded(name: str) -> Any:
    return json.loads((RECORDED / f"{name}.json").read_text())


@dataclass
class Dialogue:
    """A platform in the middle of registering a tool; tests change what it says."""

    url: str
    family: str
    configuration: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and Authorization header of each call."""
    body: dict[str, Any] = field(default_factory=dict)
    """What the tool asked for."""
    answer: tuple[int, str] | None = None
    """Status and plain words to refuse with."""
    client_id: Any = "Pzr5pC0XyL19SDF"
    used: bool = False

    @property
    def opened_with(self) -> dict[str, str]:
        """What the platform adds to the tool's registration address."""
        return {"openid_configuration": f"{self.url}/config", "registration_token": TOKEN}


@contextmanager
def running_dialogue(family: str) -> Iterator[Dialogue]:
    application = Flask("dialogue")
    server = make_server("127.0.0.1", 0, application, threaded=True)
    dialogue = Dialogue(f"http://localhost:{server.server_port}", family)
    dialogue.configuration = _described(family, dialogue.url)
    _route(application, dialogue)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield dialogue
    finally:
        server.shutdown()
        thread.join()


def _described(family: str, url: str) -> dict[str, Any]:
    """The recorded description with its addresses on this platform, but those that all Canvas schools share."""
    said = recorded(f"{family}_configuration")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"):
        if "canvaslms" not in said[name]:
            said[name] = url + urlsplit(said[name]).path
    return said | ({"issuer": url} if family == "moodle" else {})


def _route(application: Flask, dialogue: Dialogue) -> None:
    @application.before_request
    def note() -> None:
        dialogue.asked.append((request.method, request.path, request.headers.get("Authorization", "")))

    @application.get("/config")
    def configuration() -> Response:
        if dialogue.family == "canvas" and request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return Response("no", status=401)
        return jsonify(dialogue.configuration)

    @application.post("/mod/lti/openid-registration.php")
    def moodle() -> Response:
        """Its errors are plain words sent as a page; its good answer is 200 and names the deployment."""
        refusal = dialogue.answer or _refusal_of_moodle(dialogue)
        if refusal:
            return Response(refusal[1], status=refusal[0], content_type="text/html; charset=utf-8")
        dialogue.used = True
        dialogue.body = request.get_json()
        return jsonify(
            recorded("moodle_response")["body"]
            | {"client_id": dialogue.client_id, "scope": dialogue.body["scope"]}
        )

    @application.post("/api/lti/registrations")
    def canvas() -> Response:
        """It echoes what it got, with a client id and without a deployment."""
        if dialogue.answer:
            return Response(dialogue.answer[1], status=dialogue.answer[0])
        dialogue.body = request.get_json()
        return jsonify(dialogue.body | {"client_id": dialogue.client_id})


def _refusal_of_moodle(dialogue: Dialogue) -> tuple[int, str] | None:
    """In the order and words that were recorded (dynamic_registration_errors)."""
    body = request.get_json()
    if request.headers.get("Authorization") != f"Bearer {TOKEN}":
        return 401, "missing_registration_token"
    if dialogue.used:
        return 401, "token_already_used"
    missing = next((name for name in REQUIRED if not body.get(name)), None)
    if missing or "id_token" not in body.get("response_types", []):
        return 400, f"missing required attribute {missing}"
    if body.get("token_endpoint_auth_method") != "private_key_jwt":
        return 400, "invalid_token_endpoint_auth_method"
    tool = body.get(TOOL, {})
    if not tool.get("domain"):
        return 400, "missing_domain"
    if urlsplit(tool["target_link_uri"]).hostname != tool["domain"]:
        return 400, "domain_targetlinkuri_mismatch"
    return None
