"""Whose texts of a course may be read: active students by the roster who granted A."""

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.consent.reading import READS
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.launch.roster import Roster
from lti_tool.storage import blind_index

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


def newest_grants(session: Session, course_id: str) -> dict[str, int]:
    """Person id → the number in the course's ledger of their newest grant of A or of the box for earlier posts."""
    granted = ConsentEvent.purpose.in_(READS), ConsentEvent.event == "granted"
    query = select(ConsentEvent.person_id, func.max(ConsentEvent.number)).where(*granted)
    own = query.where(ConsentEvent.course_id == course_id).group_by(ConsentEvent.person_id)
    return {row[0]: row[1] for row in session.execute(own)}


def basis_of(course_id: str, authors: Authors, grants: Mapping[str, int], roster: Roster) -> str:
    """A keyed mark of whose texts are read, from when on, and of the names to remove; it can be compared only.

    It changes when somebody agrees, changes the box for earlier posts, withdraws, pauses, goes on, joins, leaves,
    comes back or is called otherwise: then a complete read is due. The other choices say nothing of what is read.
    Who withdraws and agrees again has the same choices as before and no text left, so the grant (`newest_grants`)
    counts too.
    """
    readable = sorted(
        f"{user} {one.person_id} {grants.get(one.person_id)} {one.earlier} {one.reads} {one.pauses}"
        for user, one in authors.items()
    )
    named = sorted(f"{one.lms_user_id}\n{one.given}\n{one.family}\n{one.name}" for one in roster.members)
    return blind_index(course_id, "basis", str(roster.names), *readable, "named", *named)
