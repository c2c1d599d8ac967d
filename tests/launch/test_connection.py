"""The administrator's page: facts, and a check that names what does not work."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from lti_tool.launch import registrations
from lti_tool.launch.tables import Course, Institution, LaunchSession, ServiceToken
from tests.launch.platform import LTI

MEMBERS = json.loads((Path(__file__).parent / "rosters" / "moodle.json").read_text())
LINE = re.compile(r"<strong>(Works|Does not work):</strong> ([^<·]+)")


@pytest.fixture
def administrator(sign_in, platform):
    platform.members[:] = MEMBERS
    return sign_in("administrator", "99")


def lines(person):
    page = person.post("connection/check").text
    return {name.strip(): found == "Works" for found, name in LINE.findall(page)}


def test_the_page_shows_the_registration_and_what_the_platform_needs(administrator, platform):
    page = administrator.get("connection").text
    for fact in (platform.url, "undertone-client", f"{platform.url}/token", "http://localhost/lti/keys"):
        assert fact in page
    assert "Northfield College" in page
    assert "No reading account is set up" in page


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
    page = administrator.post("connection/check").text
    assert "cannot be removed from texts" in page


def test_a_check_changes_nothing_but_the_token_it_needed(administrator, database):
    before = rows(database)
    administrator.post("connection/check")
    assert rows(database) == before
    with database.reading() as session:
        assert session.scalars(select(ServiceToken)).one()


def rows(database):
    with database.reading() as session:
        return [len(session.scalars(select(table)).all()) for table in (Course, LaunchSession)]


def test_outside_a_course_the_one_opened_last_is_checked(sign_in, platform):
    platform.members[:] = MEMBERS
    person = sign_in("administrator", "99", **{LTI + "context": None})
    assert "Open this page from a course once" in person.post("connection/check").text
    sign_in("instructor", "3")
    assert lines(person)["List of people"]


def test_an_administrator_sees_their_own_institution_only(administrator, database):
    with database.session() as session:
        registrations.add(
            session,
            datetime.now(UTC),
            institution_name="Other College",
            issuer="https://other.example",
            client_id="c",
            authorization_url="https://other.example/auth",
            token_url="https://other.example/token",
            keys_url="https://other.example/keys",
            mode="off",
            approved_by="the test",
        )
    assert "other.example" not in administrator.get("connection").text


def test_an_institutions_name_is_escaped(administrator, database):
    with database.session() as session:
        session.scalars(select(Institution)).one().name = "<b>Ünï</b>"
    assert "&lt;b&gt;Ünï&lt;/b&gt;" in administrator.get("connection").text


@pytest.mark.parametrize("role", ["student", "instructor"])
def test_others_do_not_get_there(sign_in, role):
    person = sign_in(role)
    assert person.get("connection").status_code == 403
    assert person.post("connection/check").status_code == 403
