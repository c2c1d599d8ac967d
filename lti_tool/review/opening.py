"""When the page of a text was made, signed, so that nobody can say that they looked at it for longer (S43)."""

from datetime import datetime

from itsdangerous import BadData, URLSafeSerializer

from lti_tool.storage import session_secrets

LONGEST = 3600
"""Seconds after which a page was left open, which says nothing of how long somebody read."""


def sealed(now: datetime, person_id: str, post_id: str) -> str:
    """What the form of a text carries: that this person's page was made now."""
    return _signer().dumps([person_id, post_id, round(now.timestamp(), 1)])


def seconds_since(now: datetime, person_id: str, post_id: str, opened: str) -> float | None:
    """Seconds since the page was made; None when it was not made for this person and text, or over an hour ago."""
    try:
        *made_for, at = _signer().loads(opened)
    except (BadData, ValueError, TypeError):
        return None
    seconds = now.timestamp() - float(at)
    return seconds if made_for == [person_id, post_id] and 0 <= seconds < LONGEST else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(session_secrets(), salt="review-opened")
