"""Why a course could not be read at all is told where its staff look, in the words of the reading that failed."""

from datetime import date

import pytest

from lti_tool.ingest import tasks
from lti_tool.ingest.breaker import LmsPausedError
from lti_tool.ingest.tasks import RosterMissingError
from lti_tool.jobs import enqueue, service
from lti_tool.jobs.worker import UNEXPECTED
from lti_tool.launch.stopping import StoppedError
from lti_tool.lms.errors import LmsAccountError, LmsRefusedError, LmsUnavailableError
from tests.ingest.conftest import NOW, hours
from tests.ingest.test_pull_faults import state_of

assert tasks.pull
EXPIRED = LmsAccountError("The token has expired. Make a new one.")
IN_PART = LmsUnavailableError("Not for everything.", code="lms_in_part")


def ended(course, hour, error=None):
    """A pull's row as the worker leaves it."""
    course.now = NOW + hours(hour)
    with course.database.session() as session:
        job = enqueue(session, course.now, "pull", course.course_id)
        if error is None:
            service.finish(job, course.now, {})
        else:
            service.fail(job, course.now, error.code, error.words)


@pytest.mark.parametrize(
    "error", [EXPIRED, LmsRefusedError("Refused."), LmsUnavailableError(), RosterMissingError()]
)
def test_the_last_reading_s_fault_is_told_with_the_day_since_when_it_lasts(course, error):
    ended(course, -48)
    for hour in (1, 25, 50):
        ended(course, hour, error)
    failure = state_of(course).failure
    assert (failure.words, failure.since) == (error.words, date(2026, 11, 23))
    ended(course, 51)
    assert state_of(course).failure is None


def test_the_moment_of_a_reading_is_not_told(course):
    """A consent starts one at once."""
    ended(course, 1, EXPIRED)
    before = state_of(course).failure
    ended(course, 2.3, EXPIRED)
    assert state_of(course).failure == before


@pytest.mark.parametrize("untried", [LmsPausedError(), StoppedError()])
def test_readings_that_were_not_tried_hide_none_that_was(course, untried):
    ended(course, 1, EXPIRED)
    ended(course, 2, untried)
    assert state_of(course).failure.words == EXPIRED.words
    ended(course, 3)
    ended(course, 4, untried)
    assert state_of(course).failure is None


def test_faults_of_single_activities_stand_at_them_only(course):
    ended(course, 1, EXPIRED)
    ended(course, 2, IN_PART)
    assert state_of(course).failure is None


def test_an_error_nobody_foresaw_and_a_reading_that_waits(course):
    assert state_of(course).failure is None
    with course.database.session() as session:
        job = enqueue(session, NOW, "pull", course.course_id)
        service.fail(job, NOW, "unexpected", UNEXPECTED)
        enqueue(session, NOW + hours(1), "pull", course.course_id)
    assert state_of(course).failure.words == UNEXPECTED
