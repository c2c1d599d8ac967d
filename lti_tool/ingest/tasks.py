"""The job of kind `pull`: read a course's LMS and store what its students agreed to."""

from datetime import timedelta
from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.ingest import breaker, reasons
from lti_tool.ingest.service import Pull
from lti_tool.ingest.writing import Counts
from lti_tool.jobs import Run, task
from lti_tool.launch import courses, people, roster, stopping
from lti_tool.launch.roster import Roster
from lti_tool.launch.tables import Course
from lti_tool.lms.connections import connector_for, course_key
from lti_tool.lms.errors import LmsAskedToWaitError


class RosterMissingError(UndertoneError):
    """Without the roster nobody knows whose names to remove, nor who has left: the pull waits (design)."""

    code = "roster_unavailable"
    words = "The roster could not be read; nothing was changed."


@task("pull")
def pull(run: Run) -> dict[str, Any]:
    """Read the course `run.key`; the result holds counts and, where the LMS refused an activity, why.

    The payload may hold `asked` (by a person: the breaker does not make it wait) and `complete` (read everything).
    """
    every = timedelta(seconds=run.settings.pull_seconds)
    with run.database.reading() as session:
        stopping.require_running(session, run.now(), run.key)
        course = session.get_one(Course, run.key)
        registration_id = courses.registration_of(session, course).id
    with run.database.session() as session:
        breaker.enter(session, run.now(), registration_id, every, asked=bool(run.payload.get("asked")))
    counts = Counts()
    try:
        _read(run, course, counts)
    except UndertoneError as error:
        with run.database.session() as session:
            if isinstance(error, LmsAskedToWaitError):
                breaker.asked_to_wait(session, run.now(), registration_id, error.wait)
            elif not _is_silence(error):
                breaker.worked(session, registration_id)
            elif (
                not counts.activities
            ):  # what was read before the silence says that the LMS is not down for good
                breaker.failed(session, run.now(), registration_id, every)
        raise
    with run.database.session() as session:
        breaker.worked(session, registration_id)
    return counts.as_result()


def _read(run: Run, course: Course, counts: Counts) -> None:
    connector = connector_for(run.database, run.settings, course)
    run.tell("roster", 0, 0)
    listed = _roster(run, course)
    with run.database.session() as session:
        people.learn_lms_ids(session, course, listed.lms_ids)
        known = people.people_by_lms_id(session, course.id)
    Pull(
        database=run.database,
        course_id=course.id,
        lms_course_id=course_key(course),
        connector=connector,
        roster=listed,
        people=known,
        reading_id=run.job_id,
        now=run.now,
        tell=run.tell,
        complete=bool(run.payload.get("complete")),
        counts=counts,
    ).run()


def _roster(run: Run, course: Course) -> Roster:
    try:
        return roster.read(run.database, run.settings, course.id)
    except UndertoneError as error:
        raise RosterMissingError(code=error.code) from None


def _is_silence(error: UndertoneError) -> bool:
    """Whether the platform gave no answer at all, rather than one that we cannot use."""
    if isinstance(error, RosterMissingError):
        return error.code == "outbound_failed" or error.code.startswith(("roster_http_5", "roster_http_429"))
    return reasons.is_silence(error)
