"""A valid access token for whoever reads: renewed once, by whoever holds the lease, in no transaction.

Renewing kills the token before it at once (Canvas replaces it in place), so two who renew would take it from each
other. One short transaction takes the lease, the call happens outside of any, a second one stores what came of it.
Everybody else waits and reads again. A holder that is killed leaves the lease to run out; the refresh token stays the
same, so the next holder renews again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.launch.tables import Registration
from lti_tool.lms.canvas_accounts import key_of, turn
from lti_tool.lms.canvas_oauth import Grant, Key, refresh
from lti_tool.lms.canvas_oauth_words import WORDS, CanvasOauthError
from lti_tool.lms.errors import LmsAccountError, LmsUnavailableError
from lti_tool.lms.tables import CanvasAccount
from lti_tool.outbound.client import Client, OutboundFailedError, OutboundRefusedError
from lti_tool.storage import Database, bound, new_id

MARGIN = timedelta(seconds=60)
"""A token is renewed this long before it ends."""
LEASE = timedelta(seconds=30)
"""Twice what one call may last (`outbound.client.READ_SECONDS`)."""
CALLS = 3
"""How often Canvas is asked before a reading ends because it does not answer."""
PAUSE = 0.25
"""Seconds."""
TRIES = int(LEASE.total_seconds() / PAUSE) + 20
"""Looks at the store while somebody else renews: until a lease of somebody killed is over, and a little longer."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class _Lease:
    """The right to renew the token of one generation."""

    owner: str
    generation: int
    key: Key
    refresh_token: str = field(repr=False)


class CanvasTokens:
    """The access tokens of one registration's Canvas account."""

    def __init__(
        self,
        database: Database,
        client: Client,
        registration_id: str,
        now: Callable[[], datetime] = utc_now,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database, self._client, self._registration_id = database, client, registration_id
        self._now, self._pause = now, pause

    def require(self) -> None:
        """Raise LmsAccountError, which says what to do, unless the account may be used at this moment."""
        with self._database.reading() as session:
            self._authorised(session)

    def token(self) -> str:
        """A token that lasts a while yet, renewed if need be.

        Raises LmsAccountError when there is none to be had, LmsUnavailableError when Canvas does not answer.
        """
        with self._database.reading() as session:
            account = self._authorised(session)
            held = account.access_token or ""
            if account.expires_at is not None and account.expires_at > self._now() + MARGIN:
                return held
        return self.renewed(held)

    def renewed(self, refused: str) -> str:
        """The token that came after `refused`: somebody else's when there is one already. Raises as `token` does."""
        failures = 0
        for _ in range(TRIES):
            found = self._newer_or_lease(refused)
            if isinstance(found, str):
                return found
            if found is None:
                self._pause(PAUSE)
                continue
            try:
                made = self._renew(found)
            except OutboundFailedError:
                failures += 1
                if failures == CALLS:
                    raise LmsUnavailableError from None
                self._pause(failures)
            else:
                if made:
                    return made
        raise LmsUnavailableError(
            "Another reading is renewing the reading account's token and did not end. The next reading tries again.",
            code="canvas_renewing",
        )

    def _newer_or_lease(self, refused: str) -> str | _Lease | None:
        """In one short transaction; None while somebody else holds the lease."""
        now, owner = self._now(), new_id()
        with self._database.session() as session:
            account = self._authorised(session)
            if account.access_token != refused:
                return account.access_token or ""
            free = or_(CanvasAccount.lease_until.is_(None), CanvasAccount.lease_until < now)
            if not self._changed(
                session, account.generation, free, lease_owner=owner, lease_until=now + LEASE
            ):
                return None
            _, key = key_of(session, self._registration_id)
            return _Lease(owner, account.generation, key, account.refresh_token or "")

    def _renew(self, lease: _Lease) -> str:
        """Call Canvas and store; empty when the lease was lost meanwhile, so that what came is not used."""
        try:
            grant = refresh(self._client, self._now(), lease.key, lease.refresh_token)
        except CanvasOauthError as error:
            self._failed(lease, error)
            raise LmsAccountError(error.words, code=f"canvas_{error.code}") from None
        except (OutboundFailedError, OutboundRefusedError):
            with self._database.session() as session:
                self._give_back(session, lease)
            raise
        return self._store(lease, grant)

    def _store(self, lease: _Lease, grant: Grant) -> str:
        with self._database.session() as session:
            own = CanvasAccount.lease_owner == lease.owner
            values = {
                "access_token": grant.access_token,
                "refresh_token": grant.refresh_token or lease.refresh_token,
                "expires_at": grant.expires_at,
                "generation": lease.generation + 1,
                "fault": "",
                "lease_owner": None,
                "lease_until": None,
            }
            stored = self._changed(session, lease.generation, own, **values)
        return grant.access_token if stored else ""

    def _failed(self, lease: _Lease, error: CanvasOauthError) -> None:
        """Keep why, for the page; a grant that Canvas ended is forgotten."""
        with self._database.session() as session:
            if not self._give_back(session, lease):
                return
            account = session.get_one(CanvasAccount, self._registration_id)
            if error.code == "grant_gone":
                account.access_token = account.refresh_token = account.expires_at = None
                turn(account, "again")
            account.fault = error.code
            registration = session.get_one(Registration, self._registration_id)
            audit.record(
                session,
                self._now(),
                "canvas_renewal_failed",
                code=error.code,
                institution_id=registration.institution_id,
                registration_id=registration.id,
            )

    def _give_back(self, session: Session, lease: _Lease) -> bool:
        own = CanvasAccount.lease_owner == lease.owner
        return self._changed(session, lease.generation, own, lease_owner=None, lease_until=None)

    def _changed(self, session: Session, generation: int, condition: object, /, **values: object) -> bool:
        """Change the row while it is still of this generation, in one statement: of two, one succeeds."""
        own = CanvasAccount.registration_id == self._registration_id, CanvasAccount.generation == generation
        home = session.get_one(Registration, self._registration_id).institution_id
        sealed = bound(CanvasAccount, values | {"registration_id": self._registration_id}, home)
        change = update(CanvasAccount).where(*own, condition).values(**sealed)  # type: ignore[arg-type]
        done = change.returning(CanvasAccount.registration_id)
        return session.scalar(done, execution_options={"synchronize_session": False}) is not None

    def _authorised(self, session: Session) -> CanvasAccount:
        """The account while it may be used; raises LmsAccountError that says what to do."""
        account = session.get(CanvasAccount, self._registration_id)
        registration = session.get(Registration, self._registration_id)
        if account is None or registration is None:
            raise unusable("waiting")
        if registration.status != "active":
            raise unusable("off")
        if account.standing != "authorised":
            raise unusable(account.standing)
        return account


def unusable(standing: str) -> LmsAccountError:
    """Why nothing is read, by the standing of the account."""
    words = {
        "waiting": "Canvas was not authorised yet. An administrator does it on the page “Connection”.",
        "revoked": (
            "The authorisation in Canvas was revoked. To read on, an administrator authorises again on the page "
            "“Connection”."
        ),
        "off": "This platform is switched off, so nothing is read.",
        "again": WORDS["grant_gone"],
    }
    return LmsAccountError(words[standing], code=f"canvas_{standing}")
