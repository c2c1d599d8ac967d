"""The full record of a line, rendered and checked on every write (P24)."""

import copy
import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import select

from lti_tool.consent import controllers, facts, ledger, record, service, wording
from lti_tool.consent.errors import RecordError
from lti_tool.consent.service import DECLINED, Choices
from lti_tool.consent.signing import canonical
from lti_tool.consent.tables import ConsentEvent
from lti_tool.errors import FieldError
from lti_tool.launch.tables import Course, Institution

STATED = {
    "address": "1 Quay, Riverside",
    "contact": "privacy@riverside.example",
    "type": "public university",
    "data_protection_officer": "Ada Officer, dpo@riverside.example",
    "supervisory_authority": "The authority of Riverside",
    "impact_assessment": "DPIA 2026-4",
    "storage_location": "the university's own computing centre",
    "jurisdiction": "Riverside",
}


@pytest.fixture
def institution(session, course):
    return session.get_one(Institution, session.get_one(Course, course.course).institution_id)


@pytest.fixture
def line(session, course, institution, now):
    controllers.state(session, now, institution, STATED)
    service.show(session, now, course.people[0], course.course, "en")
    service.save(session, now, course.people[0], course.course, Choices(True, a=True), "en")
    return session.scalars(select(ConsentEvent).where(ConsentEvent.event == "granted")).one()


def test_p24_the_record_has_every_field_that_the_standard_asks_for(session, line):
    found = record.of(session, line)
    (purpose,), (controller,) = found["purposes"], found["controllers"]
    assert found["principal_id"] == line.person_id
    assert found["privacy_notice"]["sha256"] == line.wording_sha256
    assert (found["event"]["state"], found["event"]["type"], found["event"]["actor"]) == (
        *("granted", "explicit"),
        line.person_id,
    )
    assert found["event"]["time"].startswith(line.at.isoformat()[:19])
    assert purpose["title"] == "Read my texts, for me and the class picture"
    assert purpose["special_category"] is True
    assert purpose["storage_location"] == STATED["storage_location"]
    assert controller["name"] == "Riverside University"
    assert {controller[name] for name in ("address", "contact", "type", "data_protection_officer")} < set(
        STATED.values()
    )
    assert found["supervisory_authority"] == STATED["supervisory_authority"]
    assert found["impact_assessment"] == STATED["impact_assessment"]
    assert record.faults(found) == []


def without(found, path):
    changed = copy.deepcopy(found)
    *way, last = path
    place = changed
    for step in way:
        place = place[step]
    del place[last]
    return changed


def paths(part, way=()):
    if isinstance(part, dict):
        for key, inner in part.items():
            yield (*way, key)
            yield from paths(inner, (*way, key))
    elif isinstance(part, list):
        for number, inner in enumerate(part):
            yield from paths(inner, (*way, number))


def test_p24_no_field_may_be_missing(session, line):
    found = record.of(session, line)
    every = list(paths(found))
    assert len(every) > 40
    for path in every:
        with pytest.raises(RecordError):
            record.check(without(found, path))


def test_p24_every_write_is_checked_and_one_that_fails_writes_nothing(
    database, course, session, now, monkeypatch
):
    service.show(session, now, course.people[0], course.course, "en")
    session.commit()
    broken = {**facts.SECOND_SET, "B": replace(facts.SECOND_SET["B"], recipients=())}
    monkeypatch.setitem(facts.SETS, wording.VERSION, broken)
    with pytest.raises(RecordError), database.session() as writing:
        service.save(writing, now, course.people[0], course.course, Choices(True, a=True, b=True), "en")
    assert ledger.head(session, course.course)[0] == 1
    assert not service.choices(session, course.people[0]).answered


@pytest.mark.parametrize("event", ledger.EVENTS)
def test_p24_the_record_of_every_event_is_valid(session, line, later, event):
    written = ledger.write(session, later, line.person_id, line.course_id, "all", event, "en")
    found = record.of(session, written)
    assert record.faults(found) == []
    assert [purpose["id"] for purpose in found["purposes"]] == ["A", "A-earlier", "B", "C", "D"]
    assert (found["event"]["actor"] == "undertone") == (event in ("expired", "re-asked"))


def test_p24_an_old_record_renders_as_it_was(session, line, institution, later, monkeypatch):
    before = canonical(record.of(session, line))
    controllers.state(session, later, institution, {"address": "2 Hill", "contact": "new@riverside.example"})
    institution.name = "Hillside University"
    monkeypatch.setitem(facts.SETS, wording.VERSION + 1, {})
    service.save(session, later, line.person_id, line.course_id, DECLINED, "en")
    institution.name = "Riverside University"
    assert canonical(record.of(session, line)) == before
    newest = session.scalars(select(ConsentEvent).where(ConsentEvent.event == "withdrawn")).one()
    assert record.of(session, newest)["controllers"][0]["address"] == "2 Hill"


def test_p24_the_name_in_an_old_record_is_the_one_of_its_time(session, line, institution):
    before = canonical(record.of(session, line))
    institution.name = "Hillside University"
    assert canonical(record.of(session, line)) == before


def test_p24_what_nobody_stated_is_said_to_be_missing(session, course, now, institution):
    service.show(session, now, course.people[0], course.course, "en")
    found = record.of(session, session.scalars(select(ConsentEvent)).one())
    assert found["controllers"][0]["address"] == controllers.NOT_STATED
    assert controllers.missing(session, institution.id, now) == list(STATED)


@pytest.mark.parametrize("given", [{"address": "x" * 501}, {"colour": "blue"}])
def test_p24_an_unfit_statement_changes_nothing(session, institution, now, given):
    with pytest.raises(FieldError):
        controllers.state(session, now, institution, given)
    assert controllers.at(session, institution.id, now)[0] == 0


def test_p24_the_published_facts_have_not_been_changed():
    """A set that receipts were rendered from never changes: other facts get a set of their own."""
    for known, digest in (
        (facts.FIRST_SET, "4947e0e44a9f071d4b346a502d3e1eeaa80be3cd92f5ff3087678d454617c4ec"),
        (facts.SECOND_SET, "1a002ff2fb3d9ca053c83a853699612377cad077c448127fbda07a6a8c57fea2"),
    ):
        assert hashlib.sha256(repr(sorted(known.items())).encode()).hexdigest() == digest


def test_p61_a_record_of_c_says_for_whom_a_model_that_learnt_reads(session, line, later):
    service.save(
        session, later, line.person_id, line.course_id, Choices(True, a=True, c=True), "en", whole=False
    )
    given = session.scalars(select(ConsentEvent).where(ConsentEvent.purpose == "C")).all()[-1]
    assert record.of(session, given)["purposes"][0]["recipients"] == [facts.OWN]
