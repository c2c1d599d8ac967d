"""Where something waits that was handed in: asked by the schedule, which must not load what does the work."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from lti_tool.reflections.tables import Reflection, ReflectionText

BACK_AFTER = timedelta(days=1)
"""How often it is looked whether somebody who had left the course is back."""


def courses_that_wait(session: Session, now: datetime) -> list[str]:
    """Ids of the courses in which something was handed in that has no post yet.

    The text of somebody who has left waits for their return, and asks the platform once a day (P43).
    """
    query = select(Reflection.course_id).join(ReflectionText, ReflectionText.reflection_id == Reflection.id)
    seen = ReflectionText.passed_over_at
    due = query.where(ReflectionText.waiting, or_(seen.is_(None), seen <= now - BACK_AFTER))
    return sorted(set(session.scalars(due)))
