"""Headers of each class of answer, and which addresses are public."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.launch import invites, keys
from lti_tool.launch.pages import PREFIX
from lti_tool.launch.tables import Registration
from tests.launch.fixtures import BASE_URL

PUBLIC = {
    "/health/live",
    "/health/ready",
    "/lti/login",
    "/lti/continue",
    "/lti/launch",
    "/lti/keys",
    "/lti/register",
    "/lti/administer",
    "/lti/canvas/authorise",
    "/lti/canvas/authorised",
    "/consent/keys.json",
}
LOGIN = {"login_hint": "5", "client_id": "undertone-client", "target_link_uri": "http://localhost/lti/launch"}


def test_only_health_lti_and_static_files_are_public(app):
    """S51: everything else belongs to a launch and is guarded by its blueprint.

    Canvas is authorised in a window of its own, by a ticket that a page of a launch has signed. Whoever holds a
    receipt can fetch the public keys that verify it (P26).
    """
    for rule in app.url_map.iter_rules():
        if rule.rule in PUBLIC or rule.endpoint == "static":
            continue
        assert rule.rule.startswith(PREFIX + "/"), rule.rule
        guards = app.before_request_funcs.get(rule.endpoint.rpartition(".")[0], [])
        assert [guard.__name__ for guard in guards] == ["guard"], rule.rule


def test_every_page_of_a_launch_is_closed_to_strangers(app, sign_in):
    person = sign_in("instructor")
    stranger = app.test_client()
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX):
            continue
        values = dict.fromkeys(rule.arguments, "x") | {"launch_id": person.launch_id}
        address = app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in rule.methods & {"GET", "POST", "PUT", "DELETE"}:
            assert stranger.open(address, method=method).status_code == 404, rule.rule


def policy(answer):
    parts = (part.strip().partition(" ") for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts}


POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OFF = (
    "accelerometer",
    "camera",
    "clipboard-read",
    "display-capture",
    "geolocation",
    "microphone",
    "payment",
    "usb",
)
UNWANTED = ("X-Frame-Options", "Access-Control-Allow-Origin", "X-Powered-By", "X-RateLimit-Limit")

FRAMED = {"frame-ancestors": "{platform}"}
LEADING_ON = FRAMED | {"form-action": "'self' {platform}"}
CLASSES = {
    "login page": ("POST", "/lti/login", 200, LEADING_ON),
    "refused login": ("GET", "/lti/login", 400, {}),
    "login that went astray": ("POST", "/lti/continue", 401, {}),
    "refused launch": ("POST", "/lti/launch", 400, {}),
    "keys": ("GET", "/lti/keys", 200, {}),
    "registration without an invite": ("GET", "/lti/register", 404, {}),
    "one-time link": ("GET", "/lti/administer", 200, {}),
    "refused one-time link": ("POST", "/lti/administer", 403, {}),
    "health": ("GET", "/health/live", 200, {}),
    "readiness": ("GET", "/health/ready", 200, {}),
    "script": ("GET", "/static/launch/continue.js", 200, {}),
    "style": ("GET", "/static/css/undertone.css", 200, {}),
    "nothing": ("GET", "/nowhere", 404, {}),
    "no static file": ("GET", "/static/nothing.js", 404, {}),
    "wrong method": ("DELETE", "/lti/keys", 405, {}),
    "student's page": ("GET", "information", 200, FRAMED),
    "choice page": ("GET", "student", 200, FRAMED),
    "download": ("GET", "data/export", 200, FRAMED),
    "page of another role": ("GET", "overview", 403, FRAMED),
    "form from elsewhere": ("POST", "choices", 403, FRAMED),
    "nothing in a launch": ("GET", "nowhere", 404, FRAMED),
    "page of a stranger": ("GET", "/l/0123456789abcdef0123456789abcdef/student", 404, FRAMED),
}


@pytest.mark.parametrize("name", CLASSES)
def test_p36_s12_s13_each_class_of_answer_has_its_headers(app, sign_in, platform, name):
    method, path, status, own = CLASSES[name]
    person = sign_in()
    fields = LOGIN | {"iss": platform.url} if name == "login page" else {}
    answer = person.client.open(person.address(path), method=method, data=fields)
    wanted = POLICY | {part: value.format(platform=platform.url) for part, value in own.items()}
    assert (answer.status_code, policy(answer)) == (status, wanted)
    assert {header: answer.headers.get(header) for header in EVERYWHERE} == EVERYWHERE
    permissions = answer.headers["Permissions-Policy"].split(", ")
    assert {f"{feature}=()" for feature in OFF} <= set(permissions)
    assert all(permission.endswith("=()") for permission in permissions)
    assert [header for header in UNWANTED if header in answer.headers] == []
    static = answer.request.path.startswith("/static/")
    assert static or answer.headers.getlist("Cache-Control") == ["no-store"]


def test_every_page_of_a_launch_is_framed_by_its_platform_and_kept_nowhere(app, sign_in, platform):
    for role in ("student", "instructor", "administrator"):
        person = sign_in(role)
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith(PREFIX) and rule.arguments == {"launch_id"} and "GET" in rule.methods:
                answer = person.get(rule.rule.removeprefix(PREFIX + "/"))
                assert policy(answer) == POLICY | {"frame-ancestors": platform.url}, rule.rule
                assert answer.headers.getlist("Cache-Control") == ["no-store"], rule.rule


def test_an_administrator_who_came_by_a_link_is_framed_by_nobody(app, database, registration):
    with database.session() as session:
        now = datetime.now(UTC)
        secret = invites.make(session, now, registration.institution_id, "administration", None)
    client = app.test_client()
    answer = client.post("/lti/administer", data={"secret": secret}, headers={"Origin": BASE_URL})
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"])
    assert (page.status_code, policy(page)) == (200, POLICY)


def test_a_failure_of_ours_is_as_closed(app, sign_in, platform, monkeypatch):
    monkeypatch.setitem(app.view_functions, "launch_pages.information", lambda: 1 / 0)
    answer = sign_in().get("information")
    assert (answer.status_code, policy(answer)) == (500, POLICY | {"frame-ancestors": platform.url})
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_no_page_is_a_download_with_a_name_of_ours(app, sign_in):
    """S15: the name holds nothing that a person or a platform wrote."""
    downloads = {}
    for role in ("student", "instructor", "administrator"):
        person = sign_in(role)
        for rule in app.url_map.iter_rules():
            if rule.rule.startswith(PREFIX) and rule.arguments == {"launch_id"} and "GET" in rule.methods:
                answer = person.get(rule.rule.removeprefix(PREFIX + "/"))
                if answer.mimetype != "text/html":
                    downloads[rule.endpoint] = answer.headers.get("Content-Disposition", "")
    assert "rights.download" in downloads
    for endpoint, disposition in downloads.items():
        assert re.fullmatch(r'attachment; filename="undertone-[a-z0-9-]+\.[a-z]+"', disposition), endpoint


def test_the_login_page_may_lead_to_the_platform(app, platform, registration):
    fields = LOGIN | {"iss": platform.url}
    said = policy(app.test_client().post("/lti/login", data=fields))
    assert said["form-action"] == f"'self' {platform.url}"
    assert said["frame-ancestors"] == platform.url


def test_a_refusal_inside_a_course_can_be_read_there(app, database, platform, registration):
    with database.session() as session:
        session.scalars(select(Registration)).one().status = "suspended"
    fields = LOGIN | {"iss": platform.url}
    answer = app.test_client().post("/lti/login", data=fields)
    assert policy(answer)["frame-ancestors"] == platform.url


def test_only_https_is_told_to_stay_https(app, settings):
    assert "Strict-Transport-Security" not in app.test_client().get("/health/live").headers
    settings.base_url = "https://undertone.example"
    told = app.test_client().get("/health/live").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("path", ["launch/continue.js", "css/undertone.css", "icons/undertone.svg"])
def test_static_files_may_be_kept(app, path):
    answer = app.test_client().get(f"/static/{path}")
    assert (answer.status_code, answer.headers.getlist("Cache-Control")) == (200, ["no-cache"])
    assert answer.headers["ETag"]


def test_health_says_up_or_down_and_nothing_else(app, settings, database):
    assert app.test_client().get("/health/live").text == "up"
    assert app.test_client().get("/health/ready").text == "up"
    database.dispose()
    (settings.home / "undertone.db").unlink()
    (settings.home / "undertone.db").mkdir()
    down = app.test_client().get("/health/ready")
    assert (down.status_code, down.text) == (503, "down")


def test_our_keys_are_public_and_hold_no_private_part(app, database):
    with database.session() as session:
        keys.ensure(session, datetime.now(UTC))
    answer = app.test_client().get("/lti/keys")
    assert answer.mimetype == "application/json"
    for key in answer.json["keys"]:
        assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}
    assert answer.json["keys"]
