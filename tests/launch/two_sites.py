"""A campus and the tool on two sites over TLS, and browsers that allow the tool more or fewer cookies.

The campus is https://lms.test and the tool https://tool.test, each on a port of loopback. Only browsers resolve
these names: what the tool itself fetches (key set, token) comes from the platform of `stage`, in plain http.
"""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import trustme
from flask import Flask, Response, jsonify, render_template_string, request
from playwright.sync_api import Browser, Playwright
from sqlalchemy import update
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from lti_tool.launch.tables import Registration
from lti_tool.storage import Keyring
from tests.launch.platform import CLIENT_ID, LTI, Platform
from tests.launch.stage import Stage, running_stage

LMS, TOOL = "lms.test", "tool.test"
PERSONS = {"student": "5", "instructor": "6"}


def _no_cookies_of_the_tool(inside: str) -> dict[str, Any]:
    """Chromium's own setting for one site: block (2) its cookies and storage in pages of `inside`."""
    return {"content_settings": {"exceptions": {"cookies": {f"https://[*.]{TOOL},{inside}": {"setting": 2}}}}}


MODES: dict[str, dict[str, Any]] = {
    "allowed": {"cookie_controls_mode": 0},
    "partitioned": {"cookie_controls_mode": 1},
    "none in frames": _no_cookies_of_the_tool(f"https://[*.]{LMS}"),
    "none at all": _no_cookies_of_the_tool("*"),
}
"""Chromium's `profile` preferences that bring each about."""


@contextmanager
def browser_in_mode(playwright: Playwright, chromium: str, profile: Path, mode: str) -> Iterator[Browser]:
    """A browser whose new contexts, each with no cookies yet, are in this mode."""
    preferences = profile / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps({"profile": MODES[mode]}))
    names = "--host-resolver-rules=MAP *.test 127.0.0.1"
    arguments = ["--no-sandbox", "--disable-gpu", names]
    kept = playwright.chromium.launch_persistent_context(profile, executable_path=chromium, args=arguments)
    assert kept.browser is not None
    yield kept.browser
    kept.close()


@dataclass
class Sites:
    """Both, running, and what the campus promised the tool: a hint is good for one launch, as an LMS's is."""

    stage: Stage
    campus: str
    tool: str
    hints: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Message hint that was not spent yet → role and course."""

    def course(self, role: str, course: str = "2") -> str:
        """The address of a course page with the tool in a frame, for a person of this role."""
        return f"{self.campus}/course/{course}/{role}"


@contextmanager
def running_sites(keyring: Keyring, migrated: Path) -> Iterator[Sites]:
    """Serve both until the block ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(LMS, TOOL).configure_cert(context)
    with running_stage(keyring, migrated) as stage:
        campus = Flask("campus")
        tool = DispatcherMiddleware(stage.app, {"/probe": _probe()})
        with _serving(campus, context) as lms_port, _serving(tool, context) as tool_port:
            sites = Sites(stage, f"https://{LMS}:{lms_port}", f"https://{TOOL}:{tool_port}")
            stage.settings.base_url = stage.url = sites.tool
            addresses = {"issuer": sites.campus, "authorization_url": f"{sites.campus}/auth"}
            with stage.database.session() as session:
                session.execute(update(Registration).values(addresses))
            _route(campus, sites)
            yield sites


@contextmanager
def _serving(application: Any, context: ssl.SSLContext) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=context)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()


PAGE = """<!doctype html><html lang="en"><title>Course</title><h1>Course {{ course }}</h1>
<iframe title="Undertone" src="{{ frame }}" style="width: 100%; height: 640px; border: 0"></iframe></html>"""
FORM = """<!doctype html><form method="post" action="{{ action }}">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
</form><script>document.forms[0].submit()</script>"""


def _form(action: str, fields: dict[str, str]) -> str:
    return render_template_string(FORM, action=action, fields=fields)


def _route(campus: Flask, sites: Sites) -> None:
    """The campus signs its people in by a cookie of its own that is `Lax`, the strictest that campuses use."""

    @campus.get("/course/<course>/<role>")
    def course(course: str, role: str) -> Response:
        page = render_template_string(PAGE, course=course, frame=f"/start/{course}/{role}")
        answer = Response(page)
        answer.set_cookie("campus", role, secure=True, httponly=True, samesite="Lax")
        return answer

    @campus.get("/probe")
    def probed() -> str:
        return render_template_string(PAGE, course="", frame=f"{sites.tool}/probe/")

    @campus.get("/start/<course>/<role>")
    def start(course: str, role: str) -> str:
        hint = uuid4().hex
        sites.hints[hint] = role, course
        asked = {
            "iss": sites.campus,
            "login_hint": PERSONS[role],
            "client_id": CLIENT_ID,
            "target_link_uri": sites.stage.target,
            "lti_message_hint": hint,
        }
        return _form(f"{sites.tool}/lti/login", asked)

    @campus.route("/auth", methods=["GET", "POST"])
    def auth() -> str | tuple[str, int]:
        asked = request.values.to_dict()
        if "campus" not in request.cookies and "repost" not in asked:
            return _form("/auth", asked | {"repost": "1"})  # from the campus's own page the cookie is sent
        role, course = sites.hints.pop(asked["lti_message_hint"], ("", ""))
        if not role or role != request.cookies.get("campus"):
            return "The campus does not know this hint, or not this person.", 400
        token = sites.stage.platform.key.sign(_claims(sites, role, course, asked["nonce"]))
        return _form(asked["redirect_uri"], {"id_token": token, "state": asked["state"]})


def _claims(sites: Sites, role: str, course: str, nonce: str) -> dict[str, Any]:
    platform: Platform = sites.stage.platform
    own = {
        "iss": sites.campus,
        "nonce": nonce,
        LTI + "target_link_uri": sites.stage.target,
        LTI + "launch_presentation": {"locale": "en", "return_url": f"{sites.campus}/course/{course}/{role}"},
    }
    return platform.claims(role, PERSONS[role], course, **own)


PROBE = """<!doctype html><output></output><script type="module">
const kept = await (await fetch("seen")).json();
try { localStorage.setItem("kept", "1"); if (localStorage.getItem("kept")) kept.push("storage"); } catch {}
document.querySelector("output").textContent = kept.join(" ");
</script>"""


def _probe() -> Flask:
    """Pages of the tool's site that tell which cookies come back to it and whether it has storage."""
    probe = Flask("probe")

    @probe.get("/")
    def set_both() -> Response:
        answer = Response(PROBE)
        answer.set_cookie("plain", "1", secure=True, samesite="None")
        answer.set_cookie("partitioned", "1", secure=True, samesite="None", partitioned=True)
        return answer

    @probe.get("/seen")
    def seen() -> Response:
        return jsonify(sorted(request.cookies))

    return probe
