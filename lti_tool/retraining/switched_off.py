"""A run ends when a course whose texts it learns from is switched off (P64)."""

from collections.abc import Callable, Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.launch import stopping
from lti_tool.launch.stopping import StoppedError
from lti_tool.review.tables import Answer, PoolText
from lti_tool.storage import Database

CHUNK = 500
WORDS = (
    "A course whose texts this run learnt from was switched off, so the run was ended. The serving model is "
    "unchanged; the next run learns without them."
)


def courses_of(session: Session, answer_ids: Collection[str]) -> set[str]:
    """The ids of the courses in which these answers were given."""
    ids, found = sorted(answer_ids), set[str]()
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found |= set(session.scalars(select(Answer.course_id).where(Answer.id.in_(part))))
        found |= set(session.scalars(select(PoolText.course_id).where(PoolText.answer_id.in_(part))))
    return found


def watch(database: Database, answer_ids: Collection[str]) -> Callable[[], bool]:
    """A question to ask now and then: is any of the courses of these answers switched off?"""
    with database.reading() as session:
        courses = courses_of(session, answer_ids)

    def is_off() -> bool:
        with database.reading() as session:
            return bool(courses - stopping.running_courses(session, courses))

    return is_off


def require_on(database: Database, answer_ids: Collection[str]) -> None:
    """Raise StoppedError when one of the courses of these answers is switched off."""
    if watch(database, answer_ids)():
        raise StoppedError(WORDS)
