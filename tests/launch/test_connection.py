"""The administrator's page: facts, and a check that names what does not work."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.launch import connection, registrations
from lti_tool.launch.tables import Course, Institution, LaunchSession, ServiceToken
from tests.launch.platform import DECIDED, LTI, facts_of

MEMBERS = json.loads((Path(__file__).parent / "rosters" / "moodle.json").read_text())
LINE = re.compile(r"<strong>(Works|Does not work):</strong> ([^<·]+)")


@pytest.fixture
def administrator(sign_in, platform):
    platform.members[:] = MEMBERS
    return sign_in("administrator", "99")


def lines(person):
    page = person.post(check_of(person)).text
    return {name.strip(): found == "Works" for found, name in LINE.findall(page)}


def check_of(person):
    """The address of the check of the one platform."""
    return re.search("connection/platforms/[0-9a-f]+/check", person.get("connection").text)[0]


def test_the_page_shows_the_registration_and_what_the_platform_needs(administrator, platform):
    page = administrator.get("connection").text
    assert platform.url in page
    page = administrator.get(re.search("connection/platforms/[0-9a-f]+", page)[0]).text
    for fact in (platform.url, "undertone-client", f"{platform.url}/token"):
        assert fact in page
    assert "http://localhost/lti/keys" in administrator.get("connection/connect/moodle").text
    assert "Northfield College" in administrator.get("connection").text
    assert "None yet, so no text is read" in page


def test_a_check_tries_keys_roster_and_lms(administrator):
    found = lines(administrator)
    assert found["Keys of the platform"]
    assert found["List of people"]
    assert not found["Reading the LMS"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/keys", "Keys of the platform"), ("/roster/2", "List of people"), ("/token", "List of people")],
)
def test_what_is_broken_is_named(administrator, database, platform, path, name):
    platform.status[path] = 500
    assert not lines(administrator)[name]


def test_a_nameless_roster_is_a_fault(administrator, platform):
    platform.members[:] = [{"user_id": "5", "roles": ["Learner"]}]
    page = administrator.post(check_of(administrator)).text
    assert "cannot be removed from texts" in page


def test_a_check_changes_nothing_but_the_token_it_needed(administrator, database):
    before = rows(database)
    administrator.post(check_of(administrator))
    assert rows(database) == before
    with database.reading() as session:
        assert session.scalars(select(ServiceToken)).one()


def rows(database):
    with database.reading() as session:
        return [len(session.scalars(select(table)).all()) for table in (Course, LaunchSession)]


def test_outside_a_course_the_one_opened_last_is_checked(sign_in, platform):
    platform.members[:] = MEMBERS
    person = sign_in("administrator", "99", **{LTI + "context": None})
    assert "Open the tool from a course once" in person.post(check_of(person)).text
    sign_in("instructor", "3")
    assert lines(person)["List of people"]


def test_an_administrator_sees_their_own_institution_only(administrator, database):
    with database.session() as session:
        registrations.add(
            session, datetime.now(UTC), "Other College", facts_of("https://other.example"), DECIDED
        )
    assert "other.example" not in administrator.get("connection").text


def test_an_institutions_name_is_escaped(administrator, database):
    with database.session() as session:
        session.scalars(select(Institution)).one().name = "<b>Ünï</b>"
    assert "&lt;b&gt;Ünï&lt;/b&gt;" in administrator.get("connection").text


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_others_do_not_get_there(sign_in, registration, role):
    person = sign_in(role)
    assert person.get("connection").status_code == 403
    assert person.post(f"connection/platforms/{registration.id}/check").status_code == 403


def test_sign_ins_are_told_and_so_is_that_there_were_none(sign_in, database, registration):
    """What was done to the registration is no sign-in: it was added and approved."""

    def told(now):
        return connection._signing_in(database, now, registration)

    assert (told(datetime.now(UTC)).ok, "Nobody has signed in" in told(datetime.now(UTC)).words) == (
        None,
        True,
    )
    sign_in("student")
    assert told(datetime.now(UTC)).ok
    assert "1 worked, 0 refused, 0 offered" in told(datetime.now(UTC)).words
    assert told(datetime.now(UTC) + timedelta(days=31)).ok is None


@pytest.mark.parametrize(("place", "works"), [("iframe", "Works"), ("document", "Not tried")])
def test_the_check_says_what_this_request_shows_of_cookies_in_frames(administrator, place, works):
    page = administrator.post(check_of(administrator), headers={"Sec-Fetch-Dest": place}).text
    assert f"<strong>{works}:</strong> Cookies in the course page" in page


@pytest.mark.parametrize(("apart", "works"), [(0, True), (29, True), (45, False), (-45, False)])
def test_clocks_that_are_apart_are_a_fault(administrator, monkeypatch, apart, works):
    class Away(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(seconds=apart)

    monkeypatch.setattr(connection, "datetime", Away)
    assert lines(administrator)["Clocks"] is works
