"""A form holds the fields of its page and nothing else; anything more, and nothing of it is saved (S25)."""

import json
import re
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import func, select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import fields, invites
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import PREFIX, launch_blueprint
from lti_tool.storage import Base
from tests.launch.fixtures import BASE_URL

TEMPLATES = Path(__file__).parents[2] / "templates"
EXTRA = ("role", "tenant", "weight")
ROLES = ("student", "instructor", "administrator")
OUTSIDE = {
    "lti.proceed": {"attempt"},
    "canvas_oauth.authorise": {"ticket"},
    "entering.enter": {"secret"},
    "registering.confirm": {"invite", "openid_configuration", "registration_token"},
}
"""Forms of ours that are sent before there is a launch."""
FROM_PLATFORMS = {"lti.login", "lti.launch"}
"""Platforms may send more than we know of (LTI 1.3 core 5.1.1.1)."""
UNCOUNTED = ("audit_events", "launch_sessions")
UNKNOWN = "The form held a field that this page does not have. Nothing was saved."
TWICE = "The form held the same field twice. Nothing was saved."


def posts(app):
    """Each page that is posted to, by endpoint."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX + "/")]
    return {rule.endpoint: rule for rule in rules if "POST" in rule.methods}


def counted(database):
    with database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            if table.name not in UNCOUNTED
        }


def test_no_page_takes_a_field_that_it_does_not_offer(app, sign_in, database):
    people = [sign_in(role, str(number)) for number, role in enumerate(ROLES, 5)]
    before = counted(database)
    tried = 0
    for endpoint, rule in posts(app).items():
        for field in EXTRA:
            seen = set()
            for person in people:
                values = dict.fromkeys(rule.arguments, "x") | {"launch_id": person.launch_id}
                address = app.url_map.bind("localhost").build(endpoint, values)
                answer = person.post(address, {field: "administrator"})
                seen.add(answer.status_code)
                assert answer.status_code == 403 or UNKNOWN in answer.text, (endpoint, field)
            assert 400 in seen, endpoint
            assert seen <= {400, 403}, endpoint
            tried += 1
    assert counted(database) == before
    assert tried >= 3 * 8


@pytest.fixture
def begun(app, platform, registration):
    """A browser in the middle of a login, and the attempt that it is to go on with."""
    client = app.test_client()
    asked = {"iss": platform.url, "login_hint": "5", "target_link_uri": f"{BASE_URL}/lti/launch"}
    page = client.post("/lti/login", data=asked)
    return client, re.search(r'name="attempt" value="([0-9a-f]+)"', page.text)[1]


@pytest.mark.parametrize("field", EXTRA)
def test_a_login_goes_on_with_its_own_field_only(begun, database, field):
    client, attempt = begun
    for wrong in ({"attempt": attempt, field: "x"}, {"attempt": [attempt, attempt]}):
        answer = client.post("/lti/continue", data=wrong, headers={"Origin": BASE_URL})
        assert (answer.status_code, last_code(database)) == (400, "malformed")
    assert client.post("/lti/continue", data={"attempt": attempt}).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": ""},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": BASE_URL, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_login_goes_on_from_our_own_page_only(begun, database, headers):
    client, attempt = begun
    before = counted(database)
    refused = client.post("/lti/continue", data={"attempt": attempt}, headers=headers)
    assert (refused.status_code, "did not come from a page of this tool" in refused.text) == (403, True)
    assert "Set-Cookie" not in refused.headers
    assert counted(database) == before
    assert client.post("/lti/continue", data={"attempt": attempt}).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "null"}, {"Origin": BASE_URL}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}],
)
def test_a_login_goes_on_in_browsers_that_say_little(begun, headers):
    client, attempt = begun
    assert client.post("/lti/continue", data={"attempt": attempt}, headers=headers).status_code == 303


@pytest.mark.parametrize(
    ("path", "purpose", "name"),
    [("/lti/administer", "administration", "secret"), ("/lti/register", "registration", "invite")],
)
@pytest.mark.parametrize("field", EXTRA)
def test_an_invitation_is_not_spent_by_a_form_with_one_field_more(
    app, database, registration, path, purpose, name, field
):
    with database.session() as session:
        secret = invites.make(session, datetime.now(UTC), registration.institution_id, purpose, None)
    before = counted(database)
    answer = app.test_client().post(path, data={name: secret, field: "x"}, headers={"Origin": BASE_URL})
    assert (answer.status_code, UNKNOWN in answer.text) == (400, True)
    assert counted(database) == before
    with database.reading() as session:
        assert invites.institution_of(session, datetime.now(UTC), secret, purpose)


def test_every_form_before_a_launch_declares_its_fields(app):
    declared = {name: fields.declared(app.view_functions[name]).single - {"csrf_token"} for name in OUTSIDE}
    assert declared == OUTSIDE
    rules = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    inside = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX + "/")}
    assert rules - inside - FROM_PLATFORMS == set(OUTSIDE)


@pytest.mark.parametrize("field", EXTRA)
def test_a_good_form_with_one_field_more_saves_nothing(sign_in, database, field):
    person = sign_in("student")
    person.get("student")
    before = counted(database)
    good = {"a": "yes", "b": "no", "c": "no", "d": "no"}
    answer = person.post("choices", good | {field: "1"})
    assert (answer.status_code, counted(database)) == (400, before)
    assert field not in re.sub("<[^>]+>", "", answer.text).split()
    assert person.post("choices", good).status_code == 303
    assert counted(database) != before


def last_code(database):
    """Why the last launch was refused."""
    with database.reading() as session:
        refused = select(AuditEvent.code).where(AuditEvent.event == "launch_refused")
        return session.scalars(refused.order_by(AuditEvent.at.desc())).first()


@pytest.fixture
def part(app):
    """A page with two fields, one of which may hold several values."""
    made = launch_blueprint("part", __name__, roles=("student",))
    made.post("/part", endpoint="keep")(takes("name", many=("labels",))(lambda: "saved"))
    made.delete("/part", endpoint="remove")(lambda: "removed")
    app.register_blueprint(made)


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "saved"),
        ({"name": "x", "labels": ["a", "b"]}, "saved"),
        ({"name": ["x", "y"]}, TWICE),
        ({"csrf_token": ["x", "y"]}, "Nothing was saved"),
        ({"Name": "x"}, UNKNOWN),
        ({"name[]": "x"}, UNKNOWN),
        ({"": "x"}, UNKNOWN),
        ({"labels": ["a"], "role": "administrator"}, UNKNOWN),
    ],
)
def test_each_field_holds_as_many_values_as_its_page_offers(sign_in, form, words):
    assert words in sign_in().post("part", form).text


@pytest.mark.usefixtures("part")
def test_the_token_is_given_once(sign_in):
    person = sign_in()
    answer = person.post("part", {"csrf_token": [person.token(), person.token()]})
    assert (answer.status_code, TWICE in answer.text) == (400, True)


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize(
    "body",
    [
        {"json": {"name": "x"}},
        {"data": json.dumps({"name": "x"}), "content_type": "text/plain"},
        {"data": "name=x"},
        {"data": {"name": (BytesIO(b"x"), "x.txt")}},
        {"data": {"name": "x"}, "content_type": "multipart/form-data"},
        {"data": b"\x00", "content_type": "application/octet-stream"},
    ],
)
def test_a_body_that_is_no_form_is_refused(sign_in, body):
    person = sign_in()
    headers = {"Origin": BASE_URL, "X-Csrf-Token": person.token()}
    answer = person.client.post(person.address("part"), headers=headers, **body)
    assert (answer.status_code, UNKNOWN in answer.text) == (400, True)


@pytest.mark.usefixtures("part")
def test_other_methods_are_held_to_the_same(sign_in):
    person = sign_in()
    headers = {"Origin": BASE_URL, "X-Csrf-Token": person.token()}
    answer = person.client.delete(person.address("part"), headers=headers, data={"name": "x"})
    assert (answer.status_code, UNKNOWN in answer.text) == (400, True)


@pytest.mark.usefixtures("part")
def test_a_request_without_a_body_needs_no_form(sign_in):
    person = sign_in()
    headers = {"Origin": BASE_URL, "X-Csrf-Token": person.token()}
    for method in ("post", "delete"):
        assert getattr(person.client, method)(person.address("part"), headers=headers).status_code == 200


def forms():
    """Where each form of the templates leads, with the names that stand in it."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        if "campus" in path.parts:
            continue
        written = path.read_text()
        for form in re.findall(r'<form [^>]*method="post".*?</form>', written, re.DOTALL):
            names = set(re.findall(r'\bname="([a-z_]+)"', form))
            leads = re.findall(r"action=\"{{ url_for\('([a-z_.]+)'", form)
            if 'action="{{ action }}"' in form:  # in a macro, which is given the address
                leads += re.findall(r'_form\(url_for\("([a-z_.]+)"', written)
            yield from ((endpoint, names) for endpoint in leads)


def test_every_field_of_a_form_is_taken_by_its_page(app):
    pages, seen = posts(app), set()
    for endpoint, names in forms():
        if endpoint in pages:
            seen.add(endpoint)
            taken = fields.declared(app.view_functions[endpoint])
            assert names <= taken.single | taken.many, endpoint
    assert seen == set(pages), "a page that no form leads to"


@pytest.mark.parametrize("role", ROLES)
def test_every_field_of_a_page_as_it_is_shown_is_taken(app, sign_in, role):
    person = sign_in(role)
    waiting, seen, found = [person.landing], set(), set()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = person.get(address)
        if answer.mimetype != "text/html":
            continue  # a file to take away
        page = LexborHTMLParser(answer.text)
        links = {node.attributes.get("href", "").partition("#")[0] for node in page.css("a[href]")}
        waiting += sorted(link for link in links - seen - set(waiting) if link.startswith("/l/"))
        for form in page.css("form[method=post]"):
            endpoint = app.url_map.bind("localhost").match(form.attributes["action"], method="POST")[0]
            taken = fields.declared(app.view_functions[endpoint])
            names = {node.attributes["name"] for node in form.css("[name]")}
            assert "csrf_token" in names, address
            assert names <= taken.single | taken.many, address
            found.add(endpoint)
    assert found or role == "instructor"
    assert len(seen) > 2


def test_every_field_that_a_page_takes_stands_in_a_template(app):
    written = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))
    for endpoint in posts(app):
        taken = fields.declared(app.view_functions[endpoint])
        for name in (taken.single | taken.many) - fields.NONE.single:
            assert f'"{name}"' in written, (endpoint, name)
