"""Pages of a launch: only the browser that launched, in time, in its role, from our own forms."""

from datetime import timedelta

import pytest
from flask import render_template_string
from sqlalchemy import select, update

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Institution, LaunchSession
from lti_tool.storage.request import request_session

OURS = {"Origin": "http://localhost"}


@pytest.fixture
def app(app):
    """The application with a page that writes, one that fails after writing, and one for instructors."""
    part = launch_blueprint("part", __name__, roles=("student",))

    @part.post("/write")
    def write():
        request_session().execute(update(Institution).values(name="written"))
        return current().role

    @part.post("/fail")
    def fail():
        request_session().execute(update(Institution).values(name="half written"))
        request_session().flush()
        raise ZeroDivisionError

    @part.get("/form")
    def form():
        return render_template_string("<form>{{ csrf_field() }}</form>{{ url_for('part.form') }}")

    staff = launch_blueprint("staff", __name__, roles=("instructor",))
    staff.get("/class", endpoint="class")(lambda: "class")
    app.register_blueprint(part)
    app.register_blueprint(staff)
    return app


def name_of(database):
    with database.reading() as session:
        return session.scalars(select(Institution.name)).one()


def refusals(database):
    with database.reading() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.event == "access_refused")).all()
        return [(event.code, event.facts) for event in events]


def test_a_form_of_the_page_writes(sign_in, database):
    assert sign_in().post("write").text == "student"
    assert name_of(database) == "written"


def test_an_error_rolls_back_and_tells_nothing(sign_in, database):
    answer = sign_in().post("fail")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "Reference for support" in answer.text
    assert name_of(database) == "Northfield College"


def test_a_form_holds_the_token_and_addresses_know_their_launch(sign_in):
    person = sign_in()
    page = person.get("form").text
    assert 'name="csrf_token"' in page
    assert f"/l/{person.launch_id}/form" in page


def test_without_the_cookie_a_page_does_not_exist(app, sign_in, database):
    person = sign_in()
    assert app.test_client().get(person.address("form")).status_code == 404
    assert refusals(database) == [("not_found", {"endpoint": "part.form"})]


def test_the_cookie_of_one_launch_opens_no_other(app, sign_in):
    browser = app.test_client()
    mine, other = sign_in(client=browser), sign_in(sub="6", course="3")
    assert browser.get(mine.address("form")).status_code == 200
    assert browser.get(other.address("form")).status_code == 404


def test_another_role_is_refused_and_logged(sign_in, database):
    assert sign_in("student").get("class").status_code == 403
    assert sign_in("instructor", "3").get("class").status_code == 200
    assert (
        refusals(database) == [("not_allowed", {"endpoint": "staff.class"})] or len(refusals(database)) == 1
    )


@pytest.mark.parametrize(
    ("column", "ago", "status"),
    [
        ("seen_at", timedelta(minutes=29), 200),
        ("seen_at", timedelta(minutes=31), 403),
        ("created_at", timedelta(hours=7, minutes=59), 200),
        ("created_at", timedelta(hours=8, minutes=1), 403),
    ],
)
def test_a_session_ends_after_half_an_hour_idle_and_eight_hours_in_all(
    sign_in, database, column, ago, status
):
    person = sign_in()
    with database.session() as session:
        row = session.get_one(LaunchSession, person.launch_id)
        setattr(row, column, getattr(row, column) - ago)
    assert person.get("form").status_code == status


def test_looking_at_a_page_keeps_the_session(sign_in, database):
    person = sign_in()
    with database.session() as session:
        row = session.get_one(LaunchSession, person.launch_id)
        row.seen_at = before = row.seen_at - timedelta(minutes=20)
    person.get("form")
    with database.reading() as session:
        assert session.get_one(LaunchSession, person.launch_id).seen_at > before + timedelta(minutes=19)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8701"},
    ],
)
def test_a_form_of_another_origin_writes_nothing(sign_in, database, headers):
    assert sign_in().post("write", headers=headers).status_code == 403
    assert name_of(database) == "Northfield College"


def test_a_form_without_an_origin_needs_the_browsers_word(sign_in):
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert sign_in().post("write", headers=headers).status_code == 200


@pytest.mark.parametrize("token", ["", "forged", None])
def test_a_form_without_this_launchs_token_writes_nothing(app, sign_in, database, token):
    browser = app.test_client()
    person, other = sign_in(client=browser), sign_in(course="3", client=browser)
    given = other.token() if token is None else token
    assert (
        person.client.post(person.address("write"), data={"csrf_token": given}, headers=OURS).status_code
        == 403
    )
    assert name_of(database) == "Northfield College"


def test_a_script_sends_the_token_in_a_header(sign_in):
    person = sign_in()
    headers = OURS | {"X-Csrf-Token": person.token()}
    assert person.client.post(person.address("write"), headers=headers).status_code == 200


def test_session_cookies_are_for_this_origin_and_partition_only(sign_in):
    person = sign_in()
    cookie = next(c for c in person.response.headers.getlist("Set-Cookie") if person.launch_id in c)
    assert cookie.startswith("__Host-")
    assert {part.strip() for part in cookie.split(";")[1:]} >= {
        "Secure",
        "HttpOnly",
        "Path=/",
        "SameSite=None",
        "Partitioned",
        "Max-Age=28800",
    }
    assert "Domain" not in cookie


def test_no_secret_of_a_session_is_stored(sign_in, database, settings):
    person = sign_in()
    secret = person.client.get_cookie(f"__Host-undertone-{person.launch_id}").value
    with database.reading() as session:
        assert secret not in session.get_one(LaunchSession, person.launch_id).secret_hash
    for file in settings.home.glob("undertone.db*"):
        assert secret.encode() not in file.read_bytes()
