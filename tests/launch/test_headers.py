"""Headers of each class of answer, and which addresses are public."""

from datetime import UTC, datetime

from sqlalchemy import select

from lti_tool.launch import keys
from lti_tool.launch.pages import PREFIX
from lti_tool.launch.tables import Registration

PUBLIC = {"/health/live", "/health/ready", "/lti/login", "/lti/continue", "/lti/launch", "/lti/keys"}


def test_only_health_lti_and_static_files_are_public(app):
    """S51: everything else belongs to a launch and is guarded by its blueprint."""
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


def test_pages_of_a_launch_are_framed_by_its_platform_only(sign_in, platform):
    said = policy(sign_in().get("information"))
    assert said["default-src"] == "'none'"
    assert said["script-src"] == said["style-src"] == said["connect-src"] == "'self'"
    assert said["object-src"] == said["base-uri"] == "'none'"
    assert said["form-action"] == "'self'"
    assert said["frame-ancestors"] == platform.url


def test_other_pages_are_framed_by_nobody(app):
    for path in ("/health/live", "/nowhere", "/lti/keys"):
        assert policy(app.test_client().get(path))["frame-ancestors"] == "'none'"


def test_the_login_page_may_lead_to_the_platform(app, platform, registration):
    fields = {
        "iss": platform.url,
        "login_hint": "5",
        "client_id": "undertone-client",
        "target_link_uri": "http://localhost/lti/launch",
    }
    said = policy(app.test_client().post("/lti/login", data=fields))
    assert said["form-action"] == f"'self' {platform.url}"
    assert said["frame-ancestors"] == platform.url


def test_a_refusal_inside_a_course_can_be_read_there(app, database, platform, registration):
    with database.session() as session:
        session.scalars(select(Registration)).one().status = "suspended"
    fields = {
        "iss": platform.url,
        "login_hint": "5",
        "client_id": "undertone-client",
        "target_link_uri": "http://localhost/lti/launch",
    }
    answer = app.test_client().post("/lti/login", data=fields)
    assert policy(answer)["frame-ancestors"] == platform.url


def test_every_answer_is_closed_off(app, sign_in):
    for answer in (sign_in().get("information"), app.test_client().get("/nowhere")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "X-Frame-Options" not in answer.headers


def test_only_https_is_told_to_stay_https(app, settings):
    assert "Strict-Transport-Security" not in app.test_client().get("/health/live").headers
    settings.base_url = "https://undertone.example"
    told = app.test_client().get("/health/live").headers["Strict-Transport-Security"]
    assert told == "max-age=31536000; includeSubDomains"


def test_static_files_may_be_kept(app):
    assert app.test_client().get("/static/launch/continue.js").headers["Cache-Control"] != "no-store"


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
