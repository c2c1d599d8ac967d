"""Courses: LTI contexts, known by the platform's id within one deployment."""

import unicodedata
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.launch.tables import Course, Deployment, Registration

ACTIVE_FOR = timedelta(days=200)
LONGEST_TITLE = 255


def active(session: Session, now: datetime) -> list[Course]:
    """Courses launched in the last 200 days: only these are pulled and scored (design decision 5)."""
    recent = Course.last_launch_at >= now - ACTIVE_FOR
    return list(session.scalars(select(Course).where(recent).order_by(Course.id)))


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
