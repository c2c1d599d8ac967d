"""Setting up: one institution per name, one registration per (issuer, client id), administrators by list."""

from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_tool.errors import InvalidInputError
from lti_tool.launch import courses, operators, registrations
from lti_tool.launch.institutions import Decision
from lti_tool.launch.tables import Course, Institution, Operator, Registration
from tests.launch.platform import facts_of

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
FACTS = facts_of("https://lms.example", "c1")
DEAN = Decision("aggregate_only", "the dean", "to find what is hard")


def add(database, institution="One", decision=DEAN, plain_http_hosts=(), **changes):
    with database.session() as session:
        facts = replace(FACTS, **changes)
        return registrations.add(
            session, NOW, institution, facts, decision, plain_http_hosts=plain_http_hosts
        )


def test_two_platforms_of_one_institution_share_it(database):
    assert add(database).institution_id == add(database, client_id="c2").institution_id
    with database.reading() as session:
        institution = session.scalars(select(Institution)).one()
    assert (institution.mode, institution.mode_record["approver"]) == ("aggregate_only", "the dean")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"client_id": "c2", "decision": replace(DEAN, mode="everything")},
        {"client_id": "c3", "institution": "Two", "decision": replace(DEAN, mode="")},
        {"client_id": "c4", "institution": "Two", "decision": None},
    ],
)
def test_what_exists_or_is_unknown_is_refused_and_changes_nothing(database, changes):
    add(database)
    with pytest.raises(InvalidInputError):
        add(database, **changes)
    with database.reading() as session:
        assert len(session.scalars(select(Registration)).all()) == 1


@pytest.mark.parametrize("name", ["issuer", "authorization_url", "token_url", "keys_url"])
@pytest.mark.parametrize(
    "address",
    [
        *("", "lms", "ftp://lms.example", "javascript:alert(1)"),
        *("https://", "https://:443", "https://[x", "https://lms.example:x", "https://lms .example"),
        *("http://lms.example", "http://localhost.example"),
    ],
)
def test_an_address_that_is_not_https_is_refused_and_changes_nothing(database, name, address):
    with pytest.raises(InvalidInputError, match="must be"):
        add(database, **{name: address})
    with database.reading() as session:
        assert session.scalars(select(Institution)).all() == []


@pytest.mark.parametrize("host", ["localhost", "localhost:8701", "127.0.0.1:8701", "[::1]:8701"])
def test_plain_http_is_for_this_machine(database, host):
    assert add(database, issuer=f"http://{host}").issuer == f"http://{host}"


def test_plain_http_is_for_the_host_and_port_that_the_operator_listed(database):
    listed = {"plain_http_hosts": ["LMS.test:8080"]}
    assert add(database, keys_url="http://lms.test:8080/keys", **listed).keys_url
    with pytest.raises(InvalidInputError, match="https"):
        add(database, client_id="c2", keys_url="http://lms.test/keys", **listed)


def test_a_registration_is_found_or_named_missing(database):
    made = add(database)
    with database.reading() as session:
        assert registrations.find(session, "https://lms.example", "c1").id == made.id
        with pytest.raises(InvalidInputError):
            registrations.find(session, "https://lms.example", "c9")


def test_an_administrator_is_listed_once_and_for_that_platform_only(database):
    made, other = add(database), add(database, institution="Two", issuer="https://two.example")
    for _ in range(2):
        with database.session() as session:
            operators.add(session, NOW, made.institution_id, made.issuer, made.client_id, "99")
    with database.reading() as session:
        assert len(session.scalars(select(Operator)).all()) == 1
        assert operators.is_listed(session, made, "99")
        assert not operators.is_listed(session, made, "9")
        assert not operators.is_listed(session, other, "99")


def test_active_courses_are_those_of_the_last_200_days(database):
    made = add(database)
    with database.session() as session:
        deployment = registrations.deployment_for(session, NOW, made, "1", accept=True)
        for key, days in (("new", 199), ("old", 201)):
            then = NOW - courses.timedelta(days=days)
            courses.remember(
                session, then, made, deployment, key, title=key, roster_url=None, lms_course_id=None
            )
        session.add(
            Course(institution_id=made.institution_id, deployment_id=deployment.id, context_key="never")
        )
    with database.reading() as session:
        assert [course.context_key for course in courses.active(session, NOW)] == ["new"]


@pytest.mark.parametrize(
    "address",
    ["https://10.0.0.1/a", "https://127.0.0.1/k", "https://169.254.169.254/t", "https://lms.example:8443/a"],
)
@pytest.mark.parametrize("name", ["issuer", "authorization_url", "token_url", "keys_url"])
def test_an_address_that_would_never_be_called_is_refused_at_once(database, name, address):
    with pytest.raises(InvalidInputError, match="public host"):
        add(database, **{name: address})


def test_two_approvals_of_one_pair_cannot_both_be_kept(database):
    """Whatever two processes saw before: the database holds one approved registration of a pair."""
    made = add(database)
    with pytest.raises(IntegrityError), database.session() as session:
        session.add(
            Registration(
                institution_id=made.institution_id, **asdict(FACTS), status="suspended", created_at=NOW
            )
        )
