"""The end of models: the last five promoted, none longer than chosen, never what serves or is pinned (P62).

Weights count as personal data (P61), so their archive is emptied and their unpacked copy deleted. The rows of the
version and of what served stay: they hold figures and hashes.
"""

import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.rights.retention_deleting import limit
from lti_tool.scoring.tables import CourseModel, ModelPin, ModelVersion, Serving, Weights

LAST = 5


@dataclass(frozen=True)
class Models:
    """Hashes of the weights that are over, and how many would be but are in use."""

    over: tuple[str, ...]
    kept_in_use: int


def find(session: Session, now: datetime, days: int) -> Models:
    """What is over: of the retrained weights those not among an owner's last five promoted, and those that are too old.

    The last five are the way back, so that one institution's runs do not take it from another.
    """
    in_use, owners = _in_use(session), _owners(session)
    places: Counter[str | None] = Counter()
    over, kept = [], 0
    for weights_hash, at in _promoted(session):
        place = places[owners.get(weights_hash)]
        places[owners.get(weights_hash)] += 1
        if place < LAST and at >= limit(now, days):
            continue
        if weights_hash in in_use:
            kept += 1
        else:
            over.append(weights_hash)
    return Models(tuple(over), kept)


def empty(session: Session, now: datetime, weights_hash: str) -> bool:
    """Throw the weights in the database away; False when that was done before."""
    row = session.get(Weights, weights_hash)
    if row is None or row.expired_at is not None:
        return False
    row.archive, row.expired_at = b"", now
    session.flush()
    return True


def delete_unpacked(session: Session, home: Path) -> int:
    """Delete this machine's copies of all weights that are over; return how many could not be deleted."""
    left = 0
    for weights_hash in session.scalars(select(Weights.hash).where(Weights.expired_at.is_not(None))):
        folder = home / weights_hash
        shutil.rmtree(folder, ignore_errors=True)
        left += folder.exists()
    return left


def oldest(session: Session) -> datetime | None:
    """When the oldest retrained weights that are left were made."""
    rows = [row for row in _retrained(session) if row.expired_at is None]
    return min((row.created_at for row in rows), default=None)


def _retrained(session: Session) -> list[Weights]:
    """Weights of this installation's own making: the shipped ones hold no text of a student."""
    shipped = select(ModelVersion.weights_hash).where(ModelVersion.origin == "shipped")
    own = select(ModelVersion.weights_hash).where(ModelVersion.origin != "shipped")
    query = select(Weights).where(Weights.hash.in_(own), Weights.hash.not_in(shipped))
    return list(session.scalars(query.order_by(Weights.hash)))


def _promoted(session: Session) -> list[tuple[str, datetime]]:
    """Retrained weights that are not over yet, the newest first, each with when it was last promoted or else made."""
    moves: dict[str, datetime] = {}
    query = select(ModelVersion.weights_hash, Serving.at).join(
        ModelVersion, ModelVersion.id == Serving.version_id
    )
    for weights_hash, at in session.execute(query.where(Serving.why != "rolled_back")):
        moves[weights_hash] = max(at, moves.get(weights_hash, at))
    rows = [row for row in _retrained(session) if row.expired_at is None]
    found = [(row.hash, moves.get(row.hash, row.created_at)) for row in rows]
    return sorted(found, key=lambda one: (one[1], one[0]), reverse=True)


def _owners(session: Session) -> dict[str, str | None]:
    """Hash of retrained weights → the institution whose texts they learnt from."""
    query = select(ModelVersion.weights_hash, ModelVersion.institution_id).where(
        ModelVersion.origin != "shipped"
    )
    return {row.weights_hash: row.institution_id for row in session.execute(query)}


def _in_use(session: Session) -> set[str]:
    """What serves the installation or an institution, what is pinned, and what a course shows."""
    serving: dict[str | None, Serving] = {}
    for row in session.scalars(select(Serving).order_by(Serving.number)):
        serving[row.institution_id] = row
    pinned = select(ModelPin.version_id).where(ModelPin.ended_at.is_(None))
    versions = {row.version_id for row in serving.values()} | {
        *session.scalars(select(CourseModel.version_id)),
        *session.scalars(pinned),
    }
    return set(session.scalars(select(ModelVersion.weights_hash).where(ModelVersion.id.in_(versions))))
