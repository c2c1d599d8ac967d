"""A broken LMS is spared: calls of a day, the try that is let through, and the person who asks."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool import schedule
from lti_tool.ingest import breaker, tasks
from lti_tool.ingest.breaker import LmsPausedError
from lti_tool.ingest.tables import LmsBreaker
from lti_tool.jobs import Job, Run, enqueue
from lti_tool.launch.roster import RosterUnavailableError
from lti_tool.launch.tables import Course, Registration
from lti_tool.lms.errors import LmsRefusedError, LmsUnavailableError
from lti_tool.settings import Settings
from tests.ingest.conftest import NOW, another_course
from tests.ingest.histories.lms import FakeLms

HOUR = timedelta(hours=1)


class At(Run):
    """A run at a moment of its own."""

    moment = NOW

    def now(self):
        return self.moment


class Hourly:
    """Pulls of some courses as the schedule asks for them."""

    def __init__(self, courses):
        self.courses, self.database, self.moment = courses, courses[0].database, NOW
        self.roster, self.calls, self.fault = courses[0].roster, 0, None
        with self.database.session() as session:
            for course in session.scalars(select(Course)):
                course.last_launch_at = NOW

    def read_roster(self, *_):
        self.calls += 1
        if isinstance(self.fault, RosterUnavailableError):
            raise self.fault
        return self.roster

    def connector(self, *_):
        lms = FakeLms("moodle")
        lms.before_call = self.call
        return lms

    def call(self, _name):
        self.calls += 1
        if self.fault is not None:
            raise self.fault

    def turn(self):
        """What the schedule has to do now; the outcome of each pull."""
        with self.database.reading() as session:
            due = schedule.readable_courses(session, self.moment)
        return [self.run(course) for course in due]

    def run(self, course, **payload):
        run = At("j", course, payload, self.database, Settings(environment="test"), lambda *_: None)
        object.__setattr__(run, "moment", self.moment)
        try:
            tasks.pull(run)
        except Exception as error:
            return type(error)
        return None


@pytest.fixture
def hourly(course, monkeypatch):
    made = Hourly([course, another_course(course), another_course(course)])
    monkeypatch.setattr(tasks.roster, "read", made.read_roster)
    monkeypatch.setattr(tasks, "connector_for", made.connector)
    return made


def down():
    return RosterUnavailableError(code="outbound_failed")


def test_an_lms_that_is_down_for_a_day_costs_few_calls(hourly):
    hourly.fault = down()
    for hour in range(24):
        hourly.moment = NOW + hour * HOUR
        hourly.turn()
    assert hourly.calls <= 10, "three courses, every hour, would be 72"
    hourly.fault = None
    recovered = [hour for hour in range(24, 48) if tried(hourly, hour)]
    assert recovered[0] <= 24 + 6
    assert len(recovered) >= 48 - 24 - 6


def tried(hourly, hour):
    hourly.moment = NOW + hour * HOUR
    outcome = hourly.turn()
    return bool(outcome) and set(outcome) == {None}


def test_only_one_pull_is_let_through_when_the_pause_is_over(hourly):
    hourly.fault = down()
    assert hourly.turn() == [tasks.RosterMissingError] * 3
    hourly.calls, hourly.moment = 0, NOW + 3 * HOUR
    assert hourly.turn() == [tasks.RosterMissingError, LmsPausedError, LmsPausedError]
    assert hourly.calls == 1


def test_while_the_one_try_runs_no_other_begins(hourly):
    hourly.fault = down()
    hourly.turn()
    later = NOW + 3 * HOUR
    with hourly.database.session() as session:
        registration = session.scalars(select(Registration.id)).one()
        breaker.enter(session, later, registration, HOUR, asked=False)
        with pytest.raises(LmsPausedError):
            breaker.enter(session, later, registration, HOUR, asked=False)


def test_a_try_that_works_ends_the_pause_for_all(hourly):
    hourly.fault = down()
    hourly.turn()
    hourly.fault, hourly.moment = None, NOW + 3 * HOUR
    assert hourly.turn() == [None] * 3
    with hourly.database.reading() as session:
        assert session.scalars(select(LmsBreaker)).all() == []


def test_a_person_who_asks_is_not_kept_waiting_and_the_schedule_still_is(hourly):
    hourly.fault = down()
    hourly.turn()
    hourly.calls, course = 0, hourly.courses[0].course_id
    assert hourly.run(course) is LmsPausedError
    assert hourly.calls == 0
    assert hourly.run(course, asked=True) is tasks.RosterMissingError
    assert hourly.calls == 1
    assert hourly.run(course) is LmsPausedError
    assert hourly.turn() == []


def test_asking_marks_the_pull_that_waits_already(course):
    with course.database.session() as session:
        waiting = enqueue(session, NOW, "pull", course.course_id)
        assert breaker.ask(session, NOW, course.course_id).id == waiting.id
    with course.database.reading() as session:
        assert session.scalars(select(Job)).one().payload == {"asked": True}


@pytest.mark.parametrize(
    ("fault", "counts"),
    [
        (RosterUnavailableError(code="roster_http_503"), True),
        (RosterUnavailableError(code="roster_http_404"), False),
        (RosterUnavailableError(code="roster_not_offered"), False),
        (LmsUnavailableError(), True),
        (LmsUnavailableError(code="lms_malformed"), False),
        (LmsRefusedError(), False),
    ],
)
def test_only_silence_counts(hourly, fault, counts):
    """One course without a roster says nothing about the others of its LMS."""
    hourly.fault = fault
    hourly.turn()
    with hourly.database.reading() as session:
        assert bool(session.scalars(select(LmsBreaker)).all()) == counts


def test_pauses_grow_and_are_bounded():
    pauses = [breaker.pause(failures, HOUR) for failures in range(breaker.FAILURES, 60)]
    assert pauses[:2] == [2 * HOUR, 4 * HOUR]
    assert pauses == sorted(pauses)
    assert max(pauses) == breaker.LONGEST
    assert breaker.pause(3, timedelta(minutes=1)) == timedelta(minutes=2)


def test_another_lms_is_read_meanwhile(hourly):
    hourly.fault = down()
    hourly.turn()
    with hourly.database.reading() as session:
        registration = session.scalars(select(Registration.id)).one()
        assert breaker.paused(session, NOW) == {registration}
        assert breaker.paused(session, NOW + 3 * HOUR) == set()
        assert breaker.paused_until(session, NOW, "other") is None
