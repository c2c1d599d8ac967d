"""One-time invites: a secret that is shown once, kept as its hash, and good for one use within a day (S16)."""

import secrets
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.launch.sessions import digest
from lti_tool.launch.tables import Invite

Purpose = Literal["administration", "registration", "listing"]
"""Opening an institution's administration; registering a platform by itself; being listed as an administrator."""
LIFE = timedelta(hours=24)
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without letters and digits that are taken for one another: a code may be typed in."""
LETTERS, GROUP = 28, 4
"""28 of 31 signs are 138 bits."""


class InviteError(NotFoundError):
    """It says the same of a secret that never was, one that is spent and one that is too old."""

    code = "invite"
    words = "This link or code is not known, was used already, or is older than a day. Ask for a new one."


def make(session: Session, now: datetime, institution_id: str, purpose: Purpose, actor_id: str | None) -> str:
    """A new secret, the only time that it can be read; secrets that can be used no more are dropped."""
    session.execute(delete(Invite).where(Invite.created_at < now - LIFE))
    secret = "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))
    row = Invite(
        institution_id=institution_id,
        purpose=purpose,
        secret_hash=digest(secret),
        created_at=now,
        spent_at=None,
    )
    session.add(row)
    audit.record(session, now, "invite_made", code=purpose, institution_id=institution_id, actor_id=actor_id)
    session.flush()
    return "-".join(secret[start : start + GROUP] for start in range(0, LETTERS, GROUP))


def institution_of(session: Session, now: datetime, secret: str, purpose: Purpose) -> str:
    """The institution whose invite this is, which stays unspent; raises InviteError."""
    found = session.scalar(select(Invite).where(*_good(now, secret, purpose)))
    if found is None:
        raise InviteError
    return found.institution_id


def spend(session: Session, now: datetime, secret: str, purpose: Purpose) -> str:
    """Use the invite up and return its institution; of two at once one gets InviteError."""
    query = update(Invite).where(*_good(now, secret, purpose)).values(spent_at=now)
    institution_id: str | None = session.scalar(query.returning(Invite.institution_id))
    if institution_id is None:
        raise InviteError
    audit.record(session, now, "invite_used", code=purpose, institution_id=institution_id)
    return institution_id


def give_back(session: Session, secret: str, purpose: Purpose) -> None:
    """Let an invite be used again, after what it was spent on has failed."""
    own = Invite.secret_hash == digest(_plain(secret)), Invite.purpose == purpose
    session.execute(update(Invite).where(*own).values(spent_at=None))


def _good(now: datetime, secret: str, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return (
        Invite.secret_hash == digest(_plain(secret)),
        Invite.purpose == purpose,
        Invite.spent_at.is_(None),
        Invite.created_at > now - LIFE,
    )


def _plain(secret: str) -> str:
    """As it was made, whatever case, blanks and dashes it was typed with."""
    return "".join(letter for letter in secret.upper() if letter in ALPHABET)
