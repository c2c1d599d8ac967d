"""Access tokens for a platform's services: one per registration and scopes, kept for all workers.

A token is used until a minute before it ends. The call to the platform happens in no transaction.
"""

import re
import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.errors import UndertoneError
from lti_tool.launch import keys
from lti_tool.launch.tables import Registration, ServiceToken
from lti_tool.outbound.client import Answer, Client
from lti_tool.storage import Database

MARGIN = timedelta(seconds=60)
ASSERTION_LIFE = timedelta(minutes=5) - keys.BACK
"""With its start dated back, five minutes from beginning to end (S11)."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

TOKEN = re.compile(r"[!-~]{1,8192}")
"""It goes into a header: visible characters of ASCII and no blank (RFC 6750, 2.1, is narrower still)."""
LONGEST_LIFE = 86_400
"""Seconds: a token that is said to last longer is asked for anew after a day."""
DIGITS = re.compile(r"[0-9]{1,18}")


class TokenRefusedError(UndertoneError):
    """The platform gives no token for these scopes; `words` name what its administrator can do."""

    code = "token_refused"
    status = 503
    words = (
        "The learning platform does not let this tool in. Its administrator must check the tool's key set "
        "address and switch on “Names and Role Provisioning”."
    )


def token(
    database: Database, client: Client, now: datetime, registration: Registration, scopes: tuple[str, ...]
) -> str:
    """A valid token; raises TokenRefusedError, or what the client raises when the platform is away."""
    wanted = " ".join(sorted(scopes))
    with database.reading() as session:
        kept = _kept(session, registration.id, wanted)
        if kept is not None and kept.expires_at > now + MARGIN:
            return kept.token
    with database.session() as session:
        asked = _request(session, now, registration, wanted)
    answer = client.post(registration.token_url, data=asked)
    made, seconds = _granted(answer, scopes)
    expires_at = now + timedelta(seconds=seconds)
    row = ServiceToken(registration_id=registration.id, scopes=wanted, token=made, expires_at=expires_at)
    # Another worker may have kept one of its own just now: both are good.
    with suppress(IntegrityError), database.session() as session:
        forget(session, registration.id, scopes)
        session.add(row)
    return made


def forget(session: Session, registration_id: str, scopes: tuple[str, ...]) -> None:
    """Drop a token that the platform did not take."""
    wanted = " ".join(sorted(scopes))
    session.execute(
        delete(ServiceToken).where(
            ServiceToken.registration_id == registration_id, ServiceToken.scopes == wanted
        )
    )


def _kept(session: Session, registration_id: str, scopes: str) -> ServiceToken | None:
    known = ServiceToken.registration_id == registration_id, ServiceToken.scopes == scopes
    return session.scalar(select(ServiceToken).where(*known))


def _request(session: Session, now: datetime, registration: Registration, scopes: str) -> dict[str, str]:
    claims = {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": registration.token_url,
        "jti": uuid.uuid4().hex,
    }
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": keys.signed(session, now, claims, ASSERTION_LIFE),
        "scope": scopes,
    }


def _granted(answer: Answer, scopes: tuple[str, ...]) -> tuple[str, int]:
    """The token and its seconds. Moodle drops scopes silently, so the answer's list is compared."""
    if answer.status != 200:
        raise TokenRefusedError
    body = answer.json()
    made = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(made, str) or not TOKEN.fullmatch(made):
        raise TokenRefusedError
    granted = body.get("scope")
    if isinstance(granted, str) and not set(scopes) <= set(granted.split()):
        raise TokenRefusedError(code="token_scope")
    return made, seconds_of(body.get("expires_in"))


def seconds_of(said: Any) -> int:
    """The life of a token, 0 when it is not known; some platforms write the number as text."""
    if isinstance(said, str) and DIGITS.fullmatch(said):
        said = int(said)
    if not isinstance(said, int | float):
        return 0
    return int(min(LONGEST_LIFE, max(0, said)))  # in this order, what is no number (NaN) is 0
