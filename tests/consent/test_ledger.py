import pytest
from sqlalchemy import select, update

from lti_tool.consent import ledger, service
from lti_tool.consent.ledger import ImmutableRowError
from lti_tool.consent.service import DECLINED, Choices
from lti_tool.consent.tables import ConsentEvent, Wording


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
    session.execute(update(ConsentEvent).where(ConsentEvent.number == number).values(**values))


def test_an_untouched_chain_verifies_and_counts_from_one(session, chain):
    assert ledger.verify(session, chain) is None
    numbers = session.scalars(select(ConsentEvent.number).order_by(ConsentEvent.number)).all()
    assert numbers == list(range(1, 15))
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
    session.execute(table.delete().where(table.c.number == 4))
    assert ledger.verify(session, chain) == 4


def test_a_line_made_to_fit_itself_breaks_the_next(session, chain):
    line = session.scalars(select(ConsentEvent).where(ConsentEvent.number == 6)).one()
    session.expunge(line)
    line.event = "declined" if line.event != "declined" else "granted"
    change(session, 6, event=line.event, hash=ledger._hash(line))
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


def test_the_ledger_holds_no_address_and_no_name(session, chain):
    columns = set(ConsentEvent.__table__.columns.keys())
    assert not {
        column for column in columns if "ip" in column.split("_") or "name" in column or "mail" in column
    }
