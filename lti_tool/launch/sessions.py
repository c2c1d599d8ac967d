"""One server-side session per launch: a secret in a `__Host-` cookie, its hash in the database (S6, S7)."""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from flask import Response
from sqlalchemy import update
from sqlalchemy.orm import Session

from lti_tool.launch.tables import LaunchSession, Registration

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
SEEN_EVERY = timedelta(minutes=1)
"""`seen_at` is written at most this often, so that reading pages rarely writes."""


def new_secret() -> str:
    """256 random bits in URL-safe letters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def same(secret: str, stored_hash: str) -> bool:
    return hmac.compare_digest(digest(secret), stored_hash)


def cookie_name(launch_id: str) -> str:
    """Named after the launch, so that two courses in two tabs cannot mix (S7)."""
    return f"__Host-undertone-{launch_id}"


def set_cookie(response: Response, name: str, value: str, lifetime: timedelta) -> None:
    """A cookie that only this origin sets and reads, kept apart per embedding site (design decision 10)."""
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )


def delete_cookie(response: Response, name: str) -> None:
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="None", partitioned=True)


def end_others(session: Session, now: datetime, person_id: str) -> list[str]:
    """End the open launches of a person, who belongs to one course; return their ids."""
    still_open = LaunchSession.person_id == person_id, LaunchSession.ended_at.is_(None)
    ended = update(LaunchSession).where(*still_open).values(ended_at=now).returning(LaunchSession.id)
    return list(session.scalars(ended, execution_options={"synchronize_session": False}))


def end_of_registration(session: Session, now: datetime, registration: Registration) -> None:
    """End every open session that came through a platform."""
    still_open = LaunchSession.registration_id == registration.id, LaunchSession.ended_at.is_(None)
    session.execute(update(LaunchSession).where(*still_open).values(ended_at=now))


def is_open(row: LaunchSession, now: datetime) -> bool:
    """Within 30 minutes of the last page and 8 hours of the launch."""
    return row.ended_at is None and now - row.seen_at < IDLE and now - row.created_at < ABSOLUTE


def touch(session: Session, now: datetime, launch_id: str) -> None:
    session.execute(update(LaunchSession).where(LaunchSession.id == launch_id).values(seen_at=now))
