"""The table that decides how an activity is read, over every combination of what is known of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.ingest.authors import basis_of, newest_grants, readable_authors
from lti_tool.ingest.passes import LIVELY, LIVELY_EVERY, OVERLAP, plan
from lti_tool.lms.protocol import ActivityFacts
from lti_tool.rights import pausing
from tests.ingest.conftest import DECLINED, EARLIER, FROM_NOW

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Last:
    newest_at: datetime | None = None
    read_at: datetime | None = None
    complete_at: datetime | None = None
    mark: str = ""
    changed_at: datetime | None = None
    basis: str = "b"


FACTS = ActivityFacts("1", "forum", "Forum")
AN_HOUR_AGO = NOW - timedelta(hours=1)
READ = Last(newest_at=NOW - 2 * DAY, read_at=AN_HOUR_AGO, complete_at=AN_HOUR_AGO)
OLD = replace(READ, newest_at=NOW - 30 * DAY)


def why(last: Last, facts: ActivityFacts = FACTS, *, basis: str = "b", complete: bool = False) -> str:
    return plan(last, facts, NOW, basis, complete=complete).why


@pytest.mark.parametrize(
    ("last", "facts", "expected"),
    [
        (Last(), FACTS, "first"),
        (READ, FACTS, "since"),
        (replace(READ, basis="other"), FACTS, "people"),
        (replace(OLD, complete_at=NOW - DAY), FACTS, "age"),
        (replace(OLD, complete_at=NOW - DAY + timedelta(seconds=1)), FACTS, "since"),
        (replace(READ, complete_at=NOW - LIVELY_EVERY), FACTS, "age"),
        (replace(OLD, complete_at=NOW - LIVELY_EVERY), FACTS, "since"),
        (replace(OLD, complete_at=NOW - LIVELY_EVERY), replace(FACTS, changed_at=NOW), "age"),
        (replace(READ, complete_at=NOW + timedelta(hours=1)), FACTS, "age"),
        (replace(READ, newest_at=None), FACTS, "empty"),
        (replace(READ, changed_at=NOW), replace(FACTS, changed_at=NOW), "same"),
        (replace(READ, changed_at=NOW, newest_at=None), replace(FACTS, changed_at=NOW), "same"),
        (replace(READ, changed_at=NOW, mark="3"), replace(FACTS, changed_at=NOW, cursor="4"), "since"),
        (replace(READ, mark="3"), replace(FACTS, cursor="3"), "since"),
        (replace(READ, changed_at=NOW), replace(FACTS, changed_at=AN_HOUR_AGO), "back"),
        (replace(READ, changed_at=AN_HOUR_AGO), replace(FACTS, changed_at=NOW), "since"),
        (replace(READ, changed_at=AN_HOUR_AGO), FACTS, "since"),
    ],
)
def test_each_row_of_the_table(last, facts, expected):
    assert why(last, facts) == expected


def test_a_complete_read_is_made_when_it_is_asked_for():
    assert why(replace(READ, changed_at=NOW), replace(FACTS, changed_at=NOW), complete=True) == "asked"


def test_changes_are_read_from_before_the_newest_stamp():
    assert plan(READ, FACTS, NOW, "b", complete=False).since == READ.newest_at - OVERLAP


def test_a_stamp_years_ahead_hides_nothing_that_is_written_now():
    ahead = replace(READ, newest_at=NOW + 1000 * DAY)
    assert plan(ahead, FACTS, NOW, "b", complete=True).kind == "complete"
    assert plan(ahead, FACTS, NOW, "b", complete=False).since == AN_HOUR_AGO - OVERLAP


def basis(course):
    with course.database.reading() as session:
        grants = newest_grants(session, course.course_id)
        students = {one.lms_user_id for one in course.roster.members if one.student}
        authors = readable_authors(session, course.course_id, course.people, students)
        return basis_of(course.course_id, authors, grants, course.roster)


def test_only_what_decides_whose_texts_are_read_asks_for_them_anew(course):
    """The first choice, the box for earlier posts and a pause; nobody's other choices (P41)."""
    course.choose("5", EARLIER)
    before = basis(course)
    course.choose("5", replace(EARLIER, b=True, c=True, d=True))
    course.choose("6", DECLINED)
    assert basis(course) == before
    course.choose("5", FROM_NOW)
    without = basis(course)
    course.choose("5", EARLIER)
    again = basis(course)
    with course.database.session() as session:
        pausing.pause(session, course.now, course.people["5"], "en")
    paused = basis(course)
    with course.database.session() as session:
        pausing.resume(session, course.now, course.people["5"], "en")
    resumed = basis(course)
    course.choose("5", DECLINED)
    course.choose("5", EARLIER)
    assert len({before, without, again, paused, resumed, basis(course)}) == 6


minutes = st.integers(-3000, 3000).map(lambda number: NOW + timedelta(minutes=number))
moments = st.none() | minutes
marks = st.sampled_from(["", "1", "2"])
lasts = st.builds(Last, moments, moments, moments, marks, moments, st.sampled_from("bc"))
facts_of = st.builds(
    lambda mark, changed: replace(FACTS, cursor=mark, changed_at=changed), marks, st.none() | minutes
)


@given(lasts, facts_of, st.booleans())
def test_nothing_is_ever_left_out_that_the_rules_do_not_allow(last, facts, complete):
    made = plan(last, facts, NOW, "b", complete=complete)
    assert (made.since is not None) == (made.kind == "changes")
    if made.kind == "complete":
        return
    assert not complete
    assert last.complete_at is not None
    assert last.basis == "b"
    assert timedelta(0) <= NOW - last.complete_at < DAY
    if last.newest_at is not None and last.newest_at > NOW - LIVELY:
        assert NOW - last.complete_at < LIVELY_EVERY
    if made.kind == "nothing":
        assert facts.changed_at == last.changed_at is not None
        assert facts.cursor == last.mark
    else:
        assert made.since <= last.newest_at - OVERLAP
        assert made.since <= last.read_at - OVERLAP


@given(lasts, facts_of)
def test_the_same_is_decided_whatever_the_clock_of_the_lms_says(last, facts):
    """Ten minutes off, or hours: the moment to read from moves with the LMS's stamps, never past our last read."""
    shift = timedelta(minutes=10)
    ahead = replace(
        last,
        newest_at=last.newest_at and last.newest_at + shift,
        changed_at=last.changed_at and last.changed_at + shift,
    )
    moved = replace(facts, changed_at=facts.changed_at and facts.changed_at + shift)
    one, other = (
        plan(last, facts, NOW, "b", complete=False),
        plan(ahead, moved, NOW, "b", complete=False),
    )
    if one.since is not None and other.since is not None:
        assert one.since <= other.since <= last.read_at - OVERLAP
