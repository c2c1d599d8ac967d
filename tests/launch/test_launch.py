"""Good launches: who lands where, what is remembered, and what a platform may vary."""

import pytest
from sqlalchemy import select, text

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.tables import Course, LaunchSession, LoginAttempt, Membership, Person, PersonKey
from tests.launch.fixtures import launch, log_in
from tests.launch.platform import LTI, NRPS, Key


@pytest.mark.parametrize("role", ["instructor", "student", "administrator"])
def test_each_role_has_a_session_of_that_role(sign_in, database, role):
    person = sign_in(role)
    assert person.get("information").status_code == 200
    with database.reading() as session:
        row = session.scalars(select(LaunchSession)).one()
        assert (row.id, row.role) == (person.launch_id, role)
        assert session.scalars(select(AuditEvent.event).where(AuditEvent.event == "launch")).one()
        assert session.scalars(select(LoginAttempt)).all() == []


def test_a_launch_makes_a_course_a_person_and_a_membership_once(sign_in, database):
    sign_in("student", "5")
    sign_in("student", "5")
    with database.reading() as session:
        course = session.scalars(select(Course)).one()
        person = session.scalars(select(Person)).one()
        membership = session.scalars(select(Membership)).one()
    assert (course.context_key, course.title) == ("2", "Ecology 2")
    assert (membership.person_id, membership.course_id, membership.role) == (person.id, course.id, "student")


def test_the_same_person_in_two_courses_is_two_people(sign_in, database):
    sign_in("student", "5", "2")
    sign_in("instructor", "5", "3")
    with database.reading() as session:
        people = session.scalars(select(Person)).all()
    assert len({person.id for person in people}) == len({person.course_id for person in people}) == 2


def test_no_name_or_mail_of_a_launch_is_kept(sign_in, database, settings):
    sign_in("student", "5", name="Aino Planted-Name", given_name="Aino", email="planted@example.org")
    with database.reading() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        rows = " ".join(
            str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}"))
        )
    assert "Planted" not in rows
    assert "planted@" not in rows


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("azp of ours", {"azp": "undertone-client"}),
        ("audience list", {"aud": ["undertone-client"]}),
        ("clock a little ahead", {"iat": 9}),
        ("no presentation", {LTI + "launch_presentation": None}),
        ("no roster", {NRPS: None}),
    ],
)
def test_what_a_platform_may_vary(sign_in, database, name, changes):
    if "iat" in changes:
        import time

        changes = {"iat": int(time.time()) + 30, "exp": int(time.time()) + 90}
    sign_in("student", **changes)
    with database.reading() as session:
        assert session.scalars(select(LaunchSession.role)).one() == "student"


def test_an_administrator_needs_no_course_and_no_lms_role(sign_in):
    person = sign_in("administrator", **{LTI + "context": None, LTI + "roles": []})
    assert person.landing.endswith("/connection")


def test_an_lms_administrator_is_nobody_here(sign_in):
    roles = ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"]
    assert sign_in("student", **{LTI + "roles": roles}).get("connection").status_code == 403


def test_a_second_launch_ends_the_first_of_that_person_and_course(app, sign_in):
    browser = app.test_client()
    first, elsewhere = sign_in(client=browser), sign_in(course="3", client=browser)
    second = sign_in(client=browser)
    assert first.get("information").status_code in (403, 404)
    assert second.get("information").status_code == 200
    assert elsewhere.get("information").status_code == 200


def test_ids_of_the_lms_come_from_signed_fields_only(sign_in, database):
    sign_in("student", "uuid-1", **{LTI + "custom": {"canvas_user_id": 742, "canvas_course_id": "3107"}})
    sign_in("student", "uuid-2", **{LTI + "custom": {"canvas_user_id": "$Canvas.user.id"}})
    with database.reading() as session:
        assert sorted(key.lms_user_id for key in session.scalars(select(PersonKey))) == ["742", "uuid-2"]
        assert session.scalars(select(Course.lms_course_id)).one() == "3107"


def test_a_roster_address_elsewhere_is_not_kept(sign_in, database):
    sign_in("student", **{NRPS: {"context_memberships_url": "https://evil.example/roster"}})
    with database.reading() as session:
        assert session.scalars(select(Course.roster_url)).one() is None


def test_a_title_is_one_plain_line(sign_in, database):
    sign_in("student", **{LTI + "context": {"id": "2", "title": "Eco\u202elogy\n<script>1</script>"}})
    with database.reading() as session:
        assert session.scalars(select(Course.title)).one() == "Eco logy <script>1</script>"


def test_a_title_is_escaped_on_pages(sign_in):
    person = sign_in("student", **{LTI + "context": {"id": "2", "title": "<script>alert(1)</script> é 中"}})
    page = person.get("information").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; é 中" in page
    assert "<script>alert" not in page


def test_a_key_published_later_is_fetched_once_it_is_needed(app, platform, registration, sign_in):
    sign_in()
    platform.key = Key("platform-2")
    platform.jwks.append(platform.key.public_jwk())
    key_sets = app.extensions["undertone_key_sets"]
    for url, held in key_sets._held.items():
        key_sets._held[url] = type(held)(held.keys, held.fetched_at, held.tried_at.replace(year=2020))
    sign_in()
    assert platform.counts("/keys") == 2


def test_a_flood_of_unknown_keys_causes_one_fetch(app, platform, registration):
    client = app.test_client()
    for number in range(4):
        asked = log_in(client, platform)
        launch(client, asked, Key(f"random-{number}").sign(platform.claims(nonce=asked["nonce"])))
    assert platform.counts("/keys") == 1


def test_the_authorisation_request_holds_our_parameters_only(app, platform, registration):
    asked = log_in(app.test_client(), platform, repost="true", scope="everything", foo="<b>")
    assert set(asked) == {
        "scope",
        "response_type",
        "response_mode",
        "prompt",
        "client_id",
        "redirect_uri",
        "login_hint",
        "lti_message_hint",
        "state",
        "nonce",
    }
    assert asked["scope"] == "openid"
    assert asked["lti_message_hint"] == '{"cmid":10,"launchid":"1"}'
    assert len(asked["state"]) >= 22
    assert len(asked["nonce"]) >= 22


def test_login_takes_a_get_and_canvas_own_name_of_the_deployment(app, platform, registration):
    fields = {
        "iss": platform.url,
        "login_hint": "5",
        "client_id": "undertone-client",
        "target_link_uri": "http://localhost/lti/launch",
        "deployment_id": "106:8865aa",
    }
    assert app.test_client().get("/lti/login", query_string=fields).status_code == 200


def test_without_a_client_id_the_only_registration_is_meant(app, platform, registration):
    assert log_in(app.test_client(), platform, client_id="")["client_id"] == "undertone-client"


def test_a_browser_that_drops_cookies_gets_the_request_again_for_a_new_window(app, platform, registration):
    import re

    fields = {
        "iss": platform.url,
        "login_hint": "5",
        "client_id": "undertone-client",
        "target_link_uri": "http://localhost/lti/launch",
        "lti_message_hint": '"><script>',
    }
    framed = app.test_client(use_cookies=False)
    attempt = re.search(r'name="attempt" value="(\w+)"', framed.post("/lti/login", data=fields).text)[1]
    page = framed.post("/lti/continue", data={"attempt": attempt})
    assert 'target="_blank"' in page.text
    assert "<script>&" not in page.text
    assert '"><script>"' not in page.text
    sent = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert sent["login_hint"] == "5"
    own_window = app.test_client()
    again = re.search(r'name="attempt" value="(\w+)"', own_window.post("/lti/login", data=sent).text)[1]
    assert own_window.post("/lti/continue", data={"attempt": again}).status_code == 303
