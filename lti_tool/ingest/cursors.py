"""What is kept of each activity's reads: how far it was read, or why it was not. Short transactions of their own."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from lti_tool.ingest.passes import DAY, Plan
from lti_tool.ingest.tables import Activity, PullCursor
from lti_tool.ingest.writing import Counts, erase_posts
from lti_tool.lms.protocol import ActivityFacts
from lti_tool.storage import Database

NOT_LISTED = "not_listed"
GONE_AFTER = DAY
"""A teacher who hides a forum for an hour does not lose what was corrected in it."""


def of(session: Session, activity_id: str) -> PullCursor:
    """The activity's cursor, made at first sight."""
    cursor = session.get(PullCursor, activity_id)
    if cursor is None:
        cursor = PullCursor(activity_id=activity_id)
        session.add(cursor)
        session.flush()
    return cursor


def read(
    session: Session,
    activity_id: str,
    facts: ActivityFacts,
    plan: Plan,
    *,
    began: datetime,
    newest: datetime | None,
    basis: str,
    position: str,
) -> None:
    """The activity was read as planned; `began` is when the pull began, before it asked for the list."""
    cursor = of(session, activity_id)
    if plan.kind == "complete":
        cursor.complete_at, cursor.newest_at, cursor.basis = began, newest, basis
    elif newest is not None:
        cursor.newest_at = max(newest, cursor.newest_at or newest)
    cursor.read_at, cursor.position = began, position
    cursor.mark, cursor.changed_at = facts.cursor, facts.changed_at
    _clear(cursor)


def not_read(session: Session, now: datetime, activity_id: str, code: str, words: str = "") -> PullCursor:
    """The activity could not be read: how far it was read before stays, and so do its texts."""
    cursor = of(session, activity_id)
    if cursor.fault != code:
        cursor.fault, cursor.fault_since = code, now
    cursor.fault_words = words
    return cursor


def erase(database: Database, activity_id: str, counts: Counts) -> None:
    """Erase the activity's texts, in short transactions.

    It counts as never read before the first of them goes: once it may be read again, all of it is, since a read of
    changes would not bring them back.
    """
    never = dict.fromkeys(("newest_at", "read_at", "complete_at"))
    with database.session() as session:
        own = PullCursor.activity_id == activity_id
        session.execute(update(PullCursor).where(own).values(position="", **never))
    erase_posts(database, activity_id, counts)


def close(session: Session, course_id: str) -> None:
    """The pull is over: the marks that let it go on after a kill are wiped."""
    own = select(Activity.id).where(Activity.course_id == course_id)
    session.execute(update(PullCursor).where(PullCursor.activity_id.in_(own)).values(position=""))


def drop_unlisted(
    database: Database,
    now: datetime,
    course_id: str,
    listed: Collection[str],
    counts: Counts,
    *,
    at_once: bool,
) -> None:
    """Activities that a list which worked does not hold: hidden by staff, or deleted.

    They are not read, and a day later they are erased with their texts; with `at_once` now. `listed` holds the
    ids of the rows that are there. Connectors raise an error for a list that a missing right has emptied.
    Only what was read from an LMS has a cursor.
    """
    with database.session() as session:
        query = select(Activity.id).join(PullCursor).where(Activity.course_id == course_id)
        missing = [activity_id for activity_id in session.scalars(query) if activity_id not in listed]
        since = {one: not_read(session, now, one, NOT_LISTED).fault_since for one in missing}
    for activity_id, moment in since.items():
        if at_once or (moment is not None and moment <= now - GONE_AFTER):
            erase(database, activity_id, counts)
            with database.session() as session:
                session.execute(delete(PullCursor).where(PullCursor.activity_id == activity_id))
                session.execute(delete(Activity).where(Activity.id == activity_id))


def _clear(cursor: PullCursor) -> None:
    cursor.fault = cursor.fault_words = ""
    cursor.fault_since = None
