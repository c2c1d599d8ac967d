"""Whose texts of a course may be read: active students by the roster who granted A."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentState

Authors = Mapping[str, ConsentState]
"""LMS user id → the person's choices as they were when the pull began."""


def readable_authors(
    session: Session, course_id: str, people: Mapping[str, str], active_students: Collection[str]
) -> Authors:
    """`people` is LMS user id → person id; staff, observers and those who left the roster are not among the result."""
    query = select(ConsentState).where(ConsentState.course_id == course_id, ConsentState.a)
    granted = {state.person_id: state for state in session.scalars(query)}
    return {
        user: granted[person]
        for user, person in people.items()
        if person in granted and user in active_students
    }
