"""The job of kind `pull`: read a course's LMS and store what its students agreed to."""

from typing import Any

from lti_tool.errors import UndertoneError
from lti_tool.ingest.service import Pull
from lti_tool.jobs import Run, task
from lti_tool.launch import people, roster
from lti_tool.launch.tables import Course
from lti_tool.lms.connections import connector_for, course_key


class RosterMissingError(UndertoneError):
    """Without the roster nobody knows whose names to remove, nor who has left: the pull waits (design)."""

    code = "roster_unavailable"
    words = "The roster could not be read; nothing was changed."


@task("pull")
def pull(run: Run) -> dict[str, Any]:
    """Read the course `run.key`; the result holds counts and, where the LMS refused an activity, why."""
    with run.database.reading() as session:
        course = session.get_one(Course, run.key)
        connector = connector_for(session, run.settings, course)
        known = people.people_by_lms_id(session, course.id)
    run.tell("roster", 0, 0)
    try:
        listed = roster.read(run.database, run.settings, course.id)
    except UndertoneError as error:
        raise RosterMissingError(code=error.code) from None
    counts = Pull(
        database=run.database,
        course_id=course.id,
        lms_course_id=course_key(course),
        connector=connector,
        roster=listed,
        people=known,
        reading_id=run.job_id,
        now=run.now,
        tell=run.tell,
    ).run()
    return counts.as_result()
