"""Who administers: by a one-time link, by a code, and taken off the list."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.launch import invites, operators, registrations
from lti_tool.launch.tables import Institution, LaunchSession, Operator
from tests.launch.administering import DECISION, TYPED, by_link, events, row
from tests.launch.fixtures import BASE_URL
from tests.launch.platform import DECIDED, facts_of


def test_from_a_one_time_link_to_an_open_door(app, database, new_institution):
    """Nothing is registered: the link, a platform typed in, approval with the decision."""
    person = by_link(app, database, new_institution)
    assert "None yet" in person("GET", "connection").text
    address = person("POST", "connection/connect/moodle", TYPED).headers["Location"].split("/", 3)[3]
    assert "Who decided" in person("GET", address).text
    given = DECISION | {"deployments": "auto"}
    assert person("POST", f"{address}/approve", given).status_code == 303
    assert row(database).status == "active"
    with database.reading() as session:
        assert session.get_one(Institution, new_institution).mode == "individual"


def test_a_link_opens_one_sitting_of_one_institution(app, database, new_institution, registration):
    person = by_link(app, database, new_institution)
    assert person("GET", f"connection/platforms/{registration.id}").status_code == 404
    with database.session() as session:
        session.execute(update(LaunchSession).values(seen_at=datetime.now(UTC) - timedelta(minutes=31)))
    assert person("GET", "connection").status_code == 403


def test_looking_at_a_link_does_not_use_it_up(app, database, new_institution):
    with database.session() as session:
        secret = invites.make(session, datetime.now(UTC), new_institution, "administration", None)
    client = app.test_client()
    assert client.get("/lti/administer").status_code == 200
    assert client.get("/lti/administer").headers.get("Set-Cookie") is None
    first = client.post("/lti/administer", data={"secret": secret.lower()}, headers={"Origin": BASE_URL})
    second = client.post("/lti/administer", data={"secret": secret}, headers={"Origin": BASE_URL})
    assert (first.status_code, second.status_code) == (303, 404)


@pytest.mark.parametrize("secret", ["", "ABCD", "\x00", "ü" * 30])
def test_what_was_never_a_link_opens_nothing(app, database, secret):
    answer = app.test_client().post("/lti/administer", data={"secret": secret}, headers={"Origin": BASE_URL})
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers
    with database.reading() as session:
        assert session.scalars(select(LaunchSession)).all() == []


def test_nobody_who_came_by_an_invitation_is_sent_to_a_course(app):
    for path in ("/lti/register?invite=AAAA", "/nothing"):
        page = app.test_client().get(path).text
        assert ("from your course" in page) == (path == "/nothing")


def test_a_form_of_another_site_spends_no_link(app, database, new_institution):
    with database.session() as session:
        secret = invites.make(session, datetime.now(UTC), new_institution, "administration", None)
    client = app.test_client()
    evil = client.post("/lti/administer", data={"secret": secret}, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    good = client.post("/lti/administer", data={"secret": secret}, headers={"Origin": BASE_URL})
    assert good.status_code == 303


def a_code(administrator):
    return re.search(r"<code[^>]*>([A-Z0-9-]{34})</code>", administrator.post("connection/code").text)[1]


@pytest.mark.parametrize("role", ["instructor", "none"])
def test_a_code_typed_in_makes_an_administrator_for_good(administrator, sign_in, database, role):
    code = a_code(administrator)
    person = sign_in(role, "12")
    where = "how-it-works" if role == "instructor" else person.landing
    assert "I have an administrator" in person.get(where).text
    assert person.post("administer", {"code": code.lower()}).status_code == 303
    assert person.get("connection").status_code == 200
    assert sign_in(role, "12").get("connection").status_code == 200
    assert sign_in(role, "13").get("connection").status_code == 403
    with database.reading() as session:
        assert len(session.scalars(select(Operator)).all()) == 2


def test_a_code_is_good_once_and_for_its_own_institution(administrator, sign_in, database, new_institution):
    code = a_code(administrator)
    assert sign_in("instructor", "12").post("administer", {"code": code}).status_code == 303
    assert sign_in("instructor", "13").post("administer", {"code": code}).status_code == 404
    with database.session() as session:
        foreign = invites.make(session, datetime.now(UTC), new_institution, "listing", None)
    person = sign_in("instructor", "14")
    assert person.post("administer", {"code": foreign}).status_code == 404
    assert person.get("connection").status_code == 403


def test_students_type_in_no_code(administrator, sign_in):
    code = a_code(administrator)
    student = sign_in("student", "5")
    assert student.get("administer").status_code == 403
    assert student.post("administer", {"code": code}).status_code == 403


def test_administrators_are_listed_by_date_without_a_name(administrator, database, registration):
    with database.session() as session:
        now = datetime.now(UTC)
        operators.add(
            session,
            now,
            registration.institution_id,
            registration.issuer,
            registration.client_id,
            "someone-listed",
        )
    page = administrator.get("connection").text
    assert "2 people are listed" in page
    assert page.count("this is you") == 1
    assert "someone-listed" not in page


def listed(database):
    with database.reading() as session:
        return {one.id: one for one in session.scalars(select(Operator))}


def test_who_is_taken_off_the_list_administers_no_more(administrator, sign_in, database):
    other = sign_in("administrator", "98")
    own = set(listed(database))
    taken = next(one for one in own if listed(database)[one].identity_index == index_of(database, other))
    assert administrator.post(f"connection/administrators/{taken}/remove").status_code == 303
    assert other.get("connection").status_code == 403
    assert sign_in("instructor", "98").get("connection").status_code == 403
    assert administrator.get("connection").status_code == 200
    assert len(events(database, "administrator_removed")) == 1


def index_of(database, person):
    with database.reading() as session:
        return session.get_one(LaunchSession, person.launch_id).operator_index


def test_another_institutions_administrator_is_not_taken_off(administrator, database):
    with database.session() as session:
        now = datetime.now(UTC)
        other = registrations.add(session, now, "Other", facts_of("https://other.example"), DECIDED)
        foreign = operators.add(session, now, other.institution_id, other.issuer, other.client_id, "1").id
    assert administrator.post(f"connection/administrators/{foreign}/remove").status_code == 404
    assert foreign in listed(database)
