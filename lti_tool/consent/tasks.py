"""Background work: consent that is a year old, or whose course has ended, ends."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.consent import service
from lti_tool.jobs import Run, enqueue, task
from lti_tool.launch import courses
from lti_tool.launch.tables import Person


@task("expire_consent")
def expire_consent(run: Run) -> dict[str, Any]:
    """End what has lapsed, and erase what lived by it (P19)."""
    now, ended = run.now(), 0
    with run.database.reading() as session:
        people = service.lapsed(session, now)
    for place, person_id in enumerate(people):
        with run.database.session() as session:
            if service.expire(session, now, person_id):
                ended += 1
                _picture_anew(session, now, person_id)
        run.tell("Ending consent whose time is over", place + 1, len(people))
    return {"ended": ended}


def _picture_anew(session: Session, now: datetime, person_id: str) -> None:
    """The schedule passes over courses that nobody opens: their numbers must not keep somebody who is gone (P17).

    The last picture of a course that has ended stays until its own time is over (P62): numbers of groups, no text.
    """
    course_id = session.get_one(Person, person_id).course_id
    if course_id is None or courses.has_ended(session, now, course_id):
        return
    if course_id not in {course.id for course in courses.active(session, now)}:
        enqueue(session, now, "snapshot", course_id)
