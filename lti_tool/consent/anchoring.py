"""What of the ledger is sealed outside the database: each course's last line, the published texts, who is responsible.

A seal names what is new since the seals before it. The rows `LedgerSeal` remember how far the file went, so a file that
lost its end shows too.
"""

import hashlib
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.consent import checkpoints, seals
from lti_tool.consent.sealed import Held, known, missing
from lti_tool.consent.seals import Kind, Seal
from lti_tool.consent.signing import canonical
from lti_tool.consent.tables import ConsentEvent, Controller, LedgerSeal, Wording
from lti_tool.errors import ConfigurationError


def present(session: Session, without: Collection[str] = ()) -> Held:
    """What stands now, less the courses whose chain is broken."""
    counted = select(ConsentEvent.course_id, func.count()).group_by(ConsentEvent.course_id)
    counts: dict[str, int] = dict(iter(session.execute(counted)))
    courses = {
        one: [*checkpoints.head(session, one), counts.get(one, 0)]
        for one in checkpoints.courses(session)
        if one not in without
    }
    return Held(
        courses,
        {wording_key(one): digest_of_wording(one) for one in session.scalars(select(Wording))},
        {controller_key(one): digest_of_controller(one) for one in session.scalars(select(Controller))},
    )


def seal(session: Session, now: datetime, path: Path, broken: Collection[str] = ()) -> Seal:
    """Seal what is new tonight, also when nothing is: the line says that the ledger was looked at.

    The first one begins the file. Raises SealsDamagedError.
    """
    found = seals.read(path)
    before, held = known(found or []), present(session, broken)
    new = Held(
        {one: head for one, head in held.courses.items() if head[0] not in before.heads.get(one, {})},
        {one: digest for one, digest in held.wordings.items() if one not in before.wordings},
        {one: digest for one, digest in held.controllers.items() if one not in before.controllers},
    )
    return _write(session, now, path, "sealed" if found else "begun", asdict(new))


def restored(session: Session, now: datetime, path: Path, made_at: datetime, came_back: Held) -> int | None:
    """Seal that a backup came back, as it was before anything was done again in it; how many sealed lines are missing.

    None where there are no seals to hold it against, or the file is damaged: the verifier says so, and the backup comes
    back all the same.
    """
    of = made_at.astimezone(UTC).isoformat()
    try:
        found = seals.read(path)
        if not found:
            return None
        _write(session, now, path, "restored", {"backup_of": of, **asdict(came_back)})
    except ConfigurationError:
        return None
    before = known(found)
    return sum(last - first + 1 for first, last in missing(before, came_back).values())


def accept(session: Session, now: datetime, path: Path, reason: str) -> Seal:
    """Seal everything as it stands, with the reason; what was sealed before counts no more.

    A file that does not fit is set aside, and the new one goes on from the numbers of the old.
    """
    after = max(remembered(session), default=0)
    try:
        found = seals.read(path)
    except seals.SealsDamagedError:
        found = []
    if found is not None and (not found or found[-1].number < after):
        seals.set_aside(path, now)
    held = {"reason": " ".join(reason.split()), **asdict(present(session))}
    return _write(session, now, path, "accepted", held, after)


def remembered(session: Session) -> dict[int, str]:
    """Number → hash of the lines of the file, as the database knows them."""
    return dict(iter(session.execute(select(LedgerSeal.number, LedgerSeal.hash))))


def wording_key(wording: Wording) -> str:
    return f"{wording.version} {wording.language}"


def controller_key(controller: Controller) -> str:
    return f"{controller.institution_id} {controller.number}"


def digest_of_wording(wording: Wording) -> str:
    """SHA-256 over the text, and when it was published, as what kind of change, and for which purposes."""
    said = {
        name: getattr(wording, name) for name in ("version", "language", "text", "sha256", "kind", "affects")
    }
    return _digest({**said, "published_at": _moment(wording.published_at)})


def digest_of_controller(controller: Controller) -> str:
    """SHA-256 over who was stated to be responsible, where, and since when."""
    said = {name: getattr(controller, name) for name in ("institution_id", "number", "fields")}
    return _digest({**said, "since": _moment(controller.since)})


def _write(
    session: Session, now: datetime, path: Path, kind: Kind, held: dict[str, Any], after: int = 0
) -> Seal:
    """The file first: it may know more than the database, and never less."""
    made = seals.append(path, now, kind, held, after)
    session.merge(LedgerSeal(number=made.number, hash=made.hash, at=now))
    session.flush()
    return made


def _digest(content: Any) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
