"""Whether only adults are in a course; where nobody has said so, nobody is asked and nothing is read (P22)."""

from datetime import datetime
from typing import Literal, cast

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.launch.tables import Course, Institution

AgePolicy = Literal["adults", "minors", ""]
POLICIES = ("adults", "minors")
"""`adults`: everybody in every course is 18 or older; `minors`: somebody in any course may be younger."""


def of(institution: Institution, course_may_hold_minors: bool | None) -> AgePolicy:
    """What holds for a course: what was said of it, else of its institution; empty while nobody has said."""
    return "minors" if course_may_hold_minors else cast(AgePolicy, institution.ages)


def only_adults() -> ColumnElement[bool]:
    """The condition on joined `Course` and `Institution` under which somebody may be asked and read."""
    return (Institution.ages == "adults") & ~Course.may_hold_minors


def set_course(
    session: Session,
    now: datetime,
    institution_id: str,
    course_id: str,
    *,
    may_hold_minors: bool,
    actor_id: str | None,
) -> Course:
    """Say of one course that somebody in it may be under 18, or take that back; NotFoundError for another's course."""
    course = session.get(Course, course_id)
    if course is None or course.institution_id != institution_id:
        raise NotFoundError("There is no such course in this institution. Nothing was changed.")
    course.may_hold_minors = may_hold_minors
    audit.record(
        session,
        now,
        "ages_of_course_set",
        code="minors" if may_hold_minors else "as_institution",
        institution_id=institution_id,
        course_id=course.id,
        actor_id=actor_id,
    )
    session.flush()
    return course
