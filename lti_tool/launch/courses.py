"""Courses: LTI contexts, known by the platform's id within one deployment."""

import unicodedata
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.launch.tables import Course, Deployment, Registration

ACTIVE_FOR = timedelta(days=200)
LONGEST_TITLE = 255


def active(session: Session, now: datetime) -> list[Course]:
    """Courses launched in the last 200 days that have not ended: only these are pulled and scored (decision 5, P19)."""
    recent = Course.last_launch_at >= now - ACTIVE_FOR
    goes_on = or_(Course.ends_on.is_(None), Course.ends_on > now)
    return list(session.scalars(select(Course).where(recent, goes_on).order_by(Course.id)))


def seen_from(session: Session, institution_id: str, course_id: str) -> list[Course]:
    """What a page of administrators lists: the course of its launch, or all by title for one from outside a course.

    Whoever administers the institution enters another course to act on it, so that a launch never reaches a course
    that it does not come from (S22).
    """
    own = select(Course).where(Course.institution_id == institution_id).order_by(Course.title, Course.id)
    return list(session.scalars(own.where(Course.id == course_id) if course_id else own))


def one_seen_from(session: Session, institution_id: str, launched: str, course_id: str) -> Course:
    """A course that such a page lists, where `launched` is the course of its launch; else NotFoundError."""
    for course in seen_from(session, institution_id, launched):
        if course.id == course_id:
            return course
    raise NotFoundError


def over(now: datetime) -> ColumnElement[bool]:
    """The condition that a course has ended."""
    return Course.ends_on <= now


def has_ended(session: Session, now: datetime, course_id: str) -> bool:
    """Whether the course has ended, as far as anybody has said when it does."""
    return session.scalar(select(Course.id).where(Course.id == course_id, over(now))) is not None


def set_end(session: Session, now: datetime, course_id: str, last_day: date | None) -> Course:
    """Let the institution say on which day a course ends, or with None that it does not say.

    Its date stands above what the LMS tells, because everybody's consent ends with it (P19). Raises NotFoundError.
    """
    course = session.get(Course, course_id)
    if course is None:
        raise NotFoundError("There is no course of this id. “undertone course list” names them.")
    course.ends_on = end_of(last_day) if last_day else None
    course.ends_by = "institution" if last_day else ""
    audit.record(
        session,
        now,
        "course_end_set",
        code="set" if last_day else "unset",
        institution_id=course.institution_id,
        course_id=course.id,
    )
    session.flush()
    return course


def end_of(day: date) -> datetime:
    """The first moment after a day, UTC."""
    return datetime.combine(day, time(), UTC) + timedelta(days=1)


def told_end(said: str | None) -> datetime | None:
    """The moment of an LMS's field for the end of a course; None when it is missing or no time with its zone."""
    try:
        moment = datetime.fromisoformat(said or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def remember(
    session: Session,
    now: datetime,
    registration: Registration,
    deployment: Deployment,
    context_key: str,
    *,
    title: str,
    roster_url: str | None,
    lms_course_id: str | None,
    ends_on: datetime | None = None,
) -> Course:
    """The course of a verified launch, made on first sight and kept up to date."""
    known = Course.deployment_id == deployment.id, Course.context_key == context_key
    course = session.scalar(select(Course).where(*known))
    if course is None:
        course = Course(
            institution_id=registration.institution_id, deployment_id=deployment.id, context_key=context_key
        )
        session.add(course)
    course.title = plain(title) or course.title or ""
    course.roster_url = roster_url or course.roster_url
    course.lms_course_id = lms_course_id or course.lms_course_id
    if ends_on is not None and course.ends_by != "institution":
        course.ends_on, course.ends_by = ends_on, "lms"
    course.last_launch_at = now
    session.flush()
    return course


def registration_of(session: Session, course: Course) -> Registration:
    deployment = session.get_one(Deployment, course.deployment_id)
    return session.get_one(Registration, deployment.registration_id)


def plain(words: str) -> str:
    """Words from outside on one line, without control and direction-override characters (S29, S31)."""
    kept = "".join(character if unicodedata.category(character)[0] != "C" else " " for character in words)
    return " ".join(unicodedata.normalize("NFC", kept).split())[:LONGEST_TITLE]
