"""Sealing each night, the end of the proof after the limitation period, what stays of somebody erased (P25, P27)."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import chain as chains
from lti_tool.consent import checkpoints, expiring, ledger, ledger_tasks, service, verifying
from lti_tool.consent.erasing import forget
from lti_tool.consent.service import DECLINED, Choices
from lti_tool.consent.tables import ConsentEvent, ConsentState, LedgerCheckpoint
from lti_tool.errors import ConfigurationError
from lti_tool.jobs import Run
from lti_tool.launch import people
from lti_tool.launch.tables import Membership, Person, PersonKey
from lti_tool.schedule import entries
from lti_tool.storage import Keyring, use_keyring

from .conftest import make_course
from .tampering import unguarded
from .test_guards import on_postgres  # noqa: F401

SIX_YEARS = timedelta(days=6 * 365 + 2)


@pytest.fixture
def chain(session, course, now, later):
    """Somebody who agreed and withdrew, and somebody who answered a week later: 6 + 1 + 6 lines."""
    first, second, _ = course.people
    service.show(session, now, first, course.course, "en")
    service.save(session, now, first, course.course, Choices(True, a=True), "en")
    service.save(session, now, first, course.course, DECLINED, "en")
    service.show(session, later, second, course.course, "en")
    service.save(session, later, second, course.course, DECLINED, "en")
    return course.course


def numbers(session, course_id):
    query = select(ConsentEvent.number).where(ConsentEvent.course_id == course_id)
    return session.scalars(query.order_by(ConsentEvent.number)).all()


def test_p27_after_the_limitation_period_the_old_lines_go_and_the_rest_still_verifies(session, chain, now):
    assert expiring.prune(session, now, chain, now - SIX_YEARS) == 0
    assert session.scalar(select(func.count()).select_from(LedgerCheckpoint)) == 0
    assert expiring.prune(session, now + SIX_YEARS, chain, now + timedelta(seconds=1)) == 7
    assert numbers(session, chain) == list(range(8, 14))
    assert verifying.check(session).is_whole
    (log,) = session.scalars(select(AuditEvent).where(AuditEvent.event == "ledger_pruned"))
    assert (log.course_id, log.facts) == (chain, {"lines": 7, "upto": 7})
    assert expiring.prune(session, now + SIX_YEARS, chain, now + timedelta(seconds=1)) == 0


def test_p27_a_chain_whose_every_line_has_expired_goes_on_from_its_checkpoint(session, chain, course, later):
    assert expiring.prune(session, later, chain, later + timedelta(days=1)) == 13
    assert numbers(session, chain) == []
    ledger.write(session, later, course.people[2], chain, "all", "shown", "en")
    assert numbers(session, chain) == [14]
    assert verifying.check(session).is_whole
    with unguarded(session):
        session.execute(delete(ConsentEvent))
    assert ledger.head(session, chain)[0] == 13


def test_p27_no_line_goes_of_somebody_who_still_grants_something(session, course, now, later):
    first, second, _ = course.people
    service.save(session, now, first, course.course, DECLINED, "en")
    service.save(session, now, second, course.course, Choices(True, a=True), "en")
    assert expiring.prune(session, later, course.course, later) == 5
    assert numbers(session, course.course) == [6, 7, 8, 9, 10]


def test_p27_nothing_of_a_broken_chain_is_deleted(session, chain, later):
    with unguarded(session):
        session.execute(update(ConsentEvent).where(ConsentEvent.number == 9).values(purpose="B"))
    with pytest.raises(expiring.BrokenChainError):
        expiring.prune(session, later, chain, later)
    assert len(numbers(session, chain)) == 13


@pytest.mark.postgres
def test_p27_on_postgresql_the_end_of_the_proof_takes_the_maintenance_role(on_postgres, now, later):  # noqa: F811
    with on_postgres.session() as session:
        course = make_course(session)
        service.save(session, now, course.people[0], course.course, DECLINED, "en")
    with on_postgres.session() as session:
        assert expiring.prune(session, later, course.course, later) == 5
        assert session.scalar(select(func.current_user())) == "undertone"
        assert verifying.check_course(session, course.course) == (0, None)


def test_p27_of_somebody_erased_only_the_lines_stay_and_they_lead_to_nobody(
    session, registration, course, now, later
):
    person = add_person(session, registration, now)
    place = session.get_one(Person, person).course_id
    service.show(session, now, person, place, "en")
    service.save(session, now, person, place, Choices(True, a=True, b=True), "en")
    service.save(session, later, person, place, DECLINED, "en")
    forget(session, later, person)
    for table in (PersonKey, Membership, ConsentState):
        own = select(func.count()).select_from(table).where(table.person_id == person)
        assert session.scalar(own) == 0
    assert session.get(Person, person) is None
    lines = session.scalars(select(ConsentEvent).where(ConsentEvent.person_id == person)).all()
    assert [line.event for line in lines][-1] == "erased"
    assert verifying.check(session).is_whole
    assert add_person(session, registration, later) != person
    forget(session, later, person)
    assert len(session.scalars(select(ConsentEvent).where(ConsentEvent.person_id == person)).all()) == len(
        lines
    )


def add_person(session, registration, now):
    """Who launches with this `sub` in the one course of the registration."""
    from lti_tool.launch.tables import Course, Deployment

    deployment = session.scalars(
        select(Deployment).where(Deployment.registration_id == registration.id)
    ).first()
    if deployment is None:
        deployment = Deployment(registration_id=registration.id, deployment_key="1", created_at=now)
        session.add(deployment)
        session.flush()
    place = session.scalars(select(Course).where(Course.deployment_id == deployment.id)).first()
    if place is None:
        place = Course(
            institution_id=registration.institution_id, deployment_id=deployment.id, context_key="77"
        )
        session.add(place)
        session.flush()
    found = people.person_for(
        session, now, place, registration.issuer, registration.client_id, "1", "sub-5", "sub-5"
    )
    people.remember_membership(session, now, found.id, place.id, "student")
    return found.id


def run_night(database, settings):
    return ledger_tasks.tend_ledger(Run("job", "", {}, database, settings, lambda *_: None))


def test_p25_each_night_the_ledger_is_checked_and_sealed(database, settings, session, chain):
    session.commit()
    assert "tend_ledger" in [entry.kind for entry in entries(settings)]
    assert run_night(database, settings) == {"lines": 13, "faults": 0, "sealed": 1, "paused": 0}
    assert run_night(database, settings)["sealed"] == 0
    (seal,) = checkpoints.of(session, chain)
    assert (seal.number, seal.kind) == (13, "head")
    logged = session.scalars(select(AuditEvent.code).where(AuditEvent.event == "ledger_verified")).all()
    assert logged == ["whole", "whole"]


def damage(session, chain, how):
    """By somebody who owns the database and knows how lines are hashed, but not the signing key."""
    with unguarded(session):
        if how == "cut":
            session.execute(delete(ConsentEvent).where(ConsentEvent.number > 11))
        elif how == "all":
            session.execute(delete(ConsentEvent))
        elif how == "rewritten":
            rewrite(session, chain)
        elif how == "checkpoint":
            session.execute(update(LedgerCheckpoint).values(number=12))
        else:
            session.execute(update(LedgerCheckpoint).values(kind="pruned"))
    session.commit()


def rewrite(session, chain):
    """A whole chain anew, in which the withdrawal never happened."""
    table, previous = ConsentEvent.__table__, chains.START
    for line in session.scalars(select(ConsentEvent).order_by(ConsentEvent.number)).all():
        session.expunge(line)
        line.previous_hash = previous
        line.event = "granted" if line.event == "withdrawn" else line.event
        previous = line.hash = chains.hash_of(line)
        values = {"event": line.event, "previous_hash": line.previous_hash, "hash": line.hash}
        session.execute(table.update().where(table.c.id == line.id).values(**values))


@pytest.mark.parametrize(
    ("how", "kind", "number"),
    [
        ("cut", "cut", 13),
        ("all", "cut", 13),
        ("rewritten", "rewritten", 13),
        ("checkpoint", "checkpoint", 12),
        ("pruned", "checkpoint", 13),
    ],
)
def test_p25_what_an_owner_of_the_database_can_do_is_found_by_the_seal_of_the_night(
    database, settings, session, chain, how, kind, number
):
    session.commit()
    run_night(database, settings)
    damage(session, chain, how)
    session.expire_all()
    (fault,) = verifying.check(session).faults
    assert (fault.kind, fault.number, fault.course_id) == (kind, number, chain)


def test_p25_a_broken_chain_is_logged_told_to_administrators_and_not_sealed(
    sign_in, database, settings, session, chain
):
    session.commit()
    administrator = sign_in("administrator", "9")
    words = "The record of choices was changed from outside the tool."
    assert words not in administrator.get("connection").text
    with unguarded(session):
        session.execute(update(ConsentEvent).where(ConsentEvent.number == 4).values(purpose="C"))
    session.commit()
    assert run_night(database, settings) == {"lines": 4, "faults": 1, "sealed": 0, "paused": 0}
    assert words in administrator.get("connection").text
    (row,) = session.scalars(select(AuditEvent).where(AuditEvent.event == "ledger_broken"))
    assert (row.code, row.course_id, row.facts) == ("changed", chain, {"number": 4})


def test_p25_a_checkpoint_of_a_retired_key_still_holds_and_one_of_a_stranger_does_not(
    database, settings, session, chain, keyring
):
    session.commit()
    run_night(database, settings)
    kid = keyring.ids("receipts")[0]
    try:
        use_keyring(keyring.with_new("receipts").without("receipts", kid))
        assert verifying.check(session).is_whole
        use_keyring(Keyring.generate())
        assert [fault.kind for fault in verifying.check(session).faults] == ["checkpoint"]
    finally:
        use_keyring(keyring)


@pytest.mark.postgres
def test_p27_without_the_maintenance_role_nothing_goes_and_it_is_said_why(
    on_postgres,  # noqa: F811
    now,
    later,
    monkeypatch,
):
    monkeypatch.setattr(expiring, "MAINTENANCE", "nobody_made_this_role")
    with on_postgres.session() as session:
        course = make_course(session)
        service.save(session, now, course.people[0], course.course, DECLINED, "en")
    with pytest.raises(ConfigurationError, match="no role"), on_postgres.session() as session:
        expiring.prune(session, later, course.course, later)
    with on_postgres.reading() as session:
        assert numbers(session, course.course) == [1, 2, 3, 4, 5]
        assert checkpoints.of(session, course.course) == []
