"""Puts the campus together and serves it on loopback."""

import threading
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, render_template, request
from flask_babel import Babel
from markupsafe import Markup
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from lti_tool.demo.campus import (
    canvas,
    canvas_tokens,
    moodle,
    moodle_assign,
    moodle_forum,
    moodle_people,
    pages,
    platform,
    roster,
    tokens,
)
from lti_tool.demo.campus.settings import CampusSettings, refuse_outside_demo
from lti_tool.demo.campus.state import Campus
from lti_tool.demo.campus.words import LANGUAGES
from lti_tool.errors import UndertoneError

MOODLE_FUNCTIONS = (moodle_assign, moodle_forum, moodle_people)
"""Parts that offer their functions to the Moodle endpoint by being imported."""
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request: the terminal belongs to the demonstration."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def create_campus(settings: CampusSettings) -> Flask:
    """A campus with new keys, its content untouched; ConfigurationError beside a production tool."""
    refuse_outside_demo(settings.environment)
    app = Flask(
        "lti_tool.demo.campus",
        template_folder=str(_folder("templates")),
        static_folder=str(_folder("static") / "campus"),
        static_url_path="/static",
    )
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    app.extensions["campus"] = Campus(settings)
    app.extensions["platform"] = platform.Platform()
    app.extensions["canvas_key"] = canvas_tokens.DeveloperKey()
    Babel(app, locale_selector=lambda: "en")
    for part in (pages, platform, tokens, roster, moodle, canvas, canvas_tokens):
        app.register_blueprint(part.bp)
    app.before_request(_only_from_here)
    app.after_request(_headers)
    app.register_error_handler(UndertoneError, _error_page)
    app.jinja_env.filters["stored"] = _stored
    app.jinja_env.globals["languages"] = LANGUAGES
    app.jinja_env.globals["campus"] = app.extensions["campus"]
    return app


def campus_of(app: Flask) -> Campus:
    """The state of a campus, for callers in its process."""
    found: Campus = app.extensions["campus"]
    return found


def serve(app: Flask, port: int) -> tuple[BaseWSGIServer, threading.Thread]:
    """Serve on 127.0.0.1 in a thread; port 0 takes a free one and settles the base URL.

    Stop with `server.shutdown()`. Raises SystemExit (werkzeug) or OSError when the port is in use.
    """
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    if port == 0:
        campus_of(app).settings.base_url = f"http://localhost:{server.port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="campus", daemon=True)
    thread.start()
    return server, thread


def _folder(name: str) -> Path:
    """A folder of assets: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    packed = package / f"_{name}"
    return packed if packed.is_dir() else package.parent / name


def _only_from_here() -> None:
    """Loopback callers with a loopback Host, and forms only from own pages."""
    host = urlsplit(f"//{request.host}").hostname
    if host not in LOOPBACK_NAMES or not ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104
        abort(403)
    origin = request.headers.get("Origin")
    own_form = request.method == "POST" and request.blueprint == "pages"
    if own_form and origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def _headers(response: Response) -> Response:
    tool = platform.campus().settings.tool
    origin = tool.origin if tool else ""
    response.headers["X-Frame-Options"] = "sameorigin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        # An LMS editor leaves style attributes in what people write.
        "default-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; object-src 'none'; "
        f"base-uri 'none'; form-action 'self' {origin}; frame-src 'self' {origin}; frame-ancestors 'self'"
    )
    return response


def _error_page(error: UndertoneError) -> tuple[str, int]:
    return render_template("campus/error.html", title="Not possible", words=error.words), error.status


def _stored(html: str) -> Markup:
    """Stored HTML for a page; what visitors type was escaped when it was stored."""
    return Markup(html.replace("@@PLUGINFILE@@", "/pluginfile.php"))  # noqa: S704
