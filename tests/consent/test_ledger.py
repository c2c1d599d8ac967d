import pytest
from sqlalchemy import delete, select, update

from lti_tool.consent import chain as chains
from lti_tool.consent import ledger, service, verifying
from lti_tool.consent.errors import RecordError
from lti_tool.consent.ledger import ImmutableRowError
from lti_tool.consent.service import DECLINED, Choices
from lti_tool.consent.tables import ConsentEvent, Wording

from .tampering import unguarded


@pytest.fixture
def chain(session, course, now, later):
    """Two people's lines in one chain, seventeen in all."""
    first, second, _ = course.people
    service.show(session, now, first, course.course, "en")
    service.save(session, now, first, course.course, Choices(True, a=True, b=True), "en")
    service.show(session, now, second, course.course, "en")
    service.save(session, now, second, course.course, DECLINED, "en")
    service.save(session, later, first, course.course, DECLINED, "en")
    return course.course


def change(session, number, **values):
    with unguarded(session):
        session.execute(update(ConsentEvent).where(ConsentEvent.number == number).values(**values))


def test_an_untouched_chain_verifies_and_counts_from_one(session, chain):
    assert ledger.verify(session, chain) is None
    numbers = session.scalars(select(ConsentEvent.number).order_by(ConsentEvent.number)).all()
    assert numbers == list(range(1, 15))
    assert ledger.head(session, chain)[0] == 14


@pytest.mark.parametrize("event", ledger.EVENTS)
def test_p25_every_type_of_event_is_a_line_of_the_chain(session, chain, course, later, event):
    ledger.write(session, later, course.people[0], chain, "all", event, "en")
    assert ledger.verify(session, chain) is None
    assert ledger.head(session, chain)[0] == 15
    assert len(ledger.EVENTS) == 9


@pytest.mark.parametrize(("event", "purpose"), [("agreed", "all"), ("granted", "E"), ("", "A")])
def test_p25_an_unknown_event_or_purpose_is_refused_and_nothing_is_written(
    database, session, chain, course, later, event, purpose
):
    session.commit()
    with pytest.raises(RecordError), database.session() as writing:
        ledger.write(writing, later, course.people[0], chain, purpose, event, "en")
    assert ledger.head(session, chain)[0] == 14


@pytest.mark.parametrize("field", ["purpose", "event", "wording_sha256", "language", "previous_hash"])
def test_a_changed_line_is_found(session, chain, field):
    change(session, 3, **{field: "other"})
    assert ledger.verify(session, chain) == 3


def test_a_changed_time_or_person_is_found(session, chain, course, later):
    change(session, 5, at=later)
    assert ledger.verify(session, chain) == 5
    change(session, 2, person_id=course.people[2])
    assert ledger.verify(session, chain) == 2


def test_a_removed_line_is_found(session, chain):
    table = ConsentEvent.__table__
    with unguarded(session):
        session.execute(table.delete().where(table.c.number == 4))
    assert ledger.verify(session, chain) == 4


def test_a_line_made_to_fit_itself_breaks_the_next(session, chain):
    line = session.scalars(select(ConsentEvent).where(ConsentEvent.number == 6)).one()
    session.expunge(line)
    line.event = "declined" if line.event != "declined" else "granted"
    change(session, 6, event=line.event, hash=chains.hash_of(line))
    assert ledger.verify(session, chain) == 7


def test_each_course_has_its_own_chain(session, chain, now):
    from lti_tool.launch.tables import Course

    here = session.get_one(Course, chain)
    there = Course(institution_id=here.institution_id, deployment_id=here.deployment_id, context_key="102")
    session.add(there)
    session.flush()
    assert ledger.verify(session, there.id) is None
    assert ledger.head(session, there.id) == (0, ledger.START)


def test_the_application_refuses_to_change_or_delete_a_line(session, chain):
    line = session.scalars(select(ConsentEvent).limit(1)).one()
    line.event = "declined-after-all"
    with pytest.raises(ImmutableRowError):
        session.flush()
    session.rollback()


def test_the_application_refuses_to_change_a_published_wording(session, chain):
    session.scalars(select(Wording)).one().language = "fr"
    with pytest.raises(ImmutableRowError):
        session.flush()
    session.rollback()


def test_p27_a_line_holds_only_what_may_outlive_the_data(session, chain):
    """Pseudonym, purpose, text and its language, event, time, and the chain: nothing else, and no address (P25)."""
    assert set(ConsentEvent.__table__.columns.keys()) == {
        *("id", "course_id", "number", "person_id", "purpose", "event", "wording_sha256", "language", "at"),
        *("previous_hash", "hash"),
    }
    assert {key.column.table.name for key in ConsentEvent.__table__.foreign_keys} == {"courses"}


FAULTS = {
    "changed": "Line 3 of course {} was changed after it was written.",
    "missing": "Line 4 of course {} is missing.",
    "unlinked": "Line 7 of course {} does not follow from the line before it.",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_p25_the_verifier_names_the_first_broken_line_in_words(session, chain, kind):
    if kind == "changed":
        change(session, 3, purpose="B")
        change(session, 9, purpose="B")
    elif kind == "missing":
        with unguarded(session):
            session.execute(delete(ConsentEvent).where(ConsentEvent.number == 4))
    else:
        line = session.scalars(select(ConsentEvent).where(ConsentEvent.number == 6)).one()
        session.expunge(line)
        line.event = "paused"
        change(session, 6, event=line.event, hash=chains.hash_of(line))
    report = verifying.check(session)
    assert [fault.words for fault in report.faults] == [FAULTS[kind].format(chain)]
    assert not report.is_whole


def test_p18_a_published_text_that_was_changed_is_named(session, chain):
    with unguarded(session):
        session.execute(update(Wording).values(text={"first": "other words"}))
    version = session.scalar(select(Wording.version))
    assert [fault.words for fault in verifying.check(session).faults] == [
        f"The published text number {version} was changed after it was published."
    ]
