"""The end of consent proof: `consent` prunes each course's ledger behind a signed checkpoint (P27, P62)."""

from datetime import datetime

from sqlalchemy import select

from lti_tool.consent import expiring
from lti_tool.errors import UndertoneError
from lti_tool.launch.tables import Course
from lti_tool.storage import Database


def prune(database: Database, now: datetime, institution_id: str, before: datetime) -> tuple[int, int]:
    """Let each ledger of the institution begin at `before`: lines deleted, and courses where that was refused.

    One transaction for each course, as its chain is locked.
    """
    with database.reading() as session:
        own = select(Course.id).where(Course.institution_id == institution_id).order_by(Course.id)
        courses = list(session.scalars(own))
    lines = refused = 0
    for course_id in courses:
        try:
            with database.session() as session:
                lines += expiring.prune(session, now, course_id, before)
        except UndertoneError:
            refused += 1
    return lines, refused
