"""Whose texts a model learnt from, and whether any of them were withdrawn since (P17).

A version learns on top of its parent, so it holds what its ancestors hold. Who is in a manifest can be asked only of
somebody whose id is at hand: it lists digests under a salt of its own.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentState, TrainingWithdrawal
from lti_tool.errors import UndertoneError
from lti_tool.retraining.learnt import from_taken_out
from lti_tool.retraining.tables import TrainingManifest
from lti_tool.review import dropping
from lti_tool.review.tables import Answer, PoolText
from lti_tool.scoring import pinning, serving, wall, weights
from lti_tool.scoring.errors import NoModelError
from lti_tool.scoring.tables import ModelVersion, Serving, Weights

CHUNK = 500
OLDEST = timedelta(days=35)
"""So long a model that serves may hold a text that was withdrawn since (P17)."""


class HoldsWithdrawnError(UndertoneError):
    code = "holds_withdrawn"
    status = 409
    words = (
        "This version has learnt from texts that were withdrawn since, so it does not serve again. "
        "Nothing was changed."
    )


@dataclass(frozen=True)
class Subjects:
    """Whose texts a pool holds, with the choices as they were when it was taken."""

    people: tuple[str, ...]
    choices: Mapping[str, tuple[int, datetime | None]]
    """Person id → revision of the choices, and since when A is granted."""
    taken_at: datetime


@dataclass(frozen=True)
class Proof:
    """What the manifests say of one version and one person."""

    version: ModelVersion
    holds: bool | None
    """None when a version on the way to it has no manifest, so that nothing can be proved."""
    manifests: tuple[str, ...]
    """Hashes of the manifests looked at."""


def subjects_of(session: Session, now: datetime, people: Sequence[str]) -> Subjects:
    """The people of a pool, and their choices at this moment."""
    query = select(ConsentState).where(ConsentState.person_id.in_(set(people)))
    choices = {state.person_id: (state.revision, state.a_since) for state in session.scalars(query)}
    return Subjects(tuple(sorted(set(people))), choices, now)


def write(session: Session, version: ModelVersion, subjects: Subjects, pool_hash: str) -> TrainingManifest:
    """Keep the manifest of a version that is about to be promoted."""
    salt = secrets.token_hex(32)
    consent = sorted([digest(salt, one), *map(str, subjects.choices[one])] for one in subjects.people)
    row = TrainingManifest(
        version_id=version.id,
        salt=salt,
        subjects=sorted(digest(salt, one) for one in subjects.people),
        consent_hash=hashlib.sha256(json.dumps(consent).encode()).hexdigest(),
        pool_hash=pool_hash,
        taken_at=subjects.taken_at,
    )
    row.hash = hash_of(row, version.weights_hash)
    session.add(row)
    session.flush()
    return row


def hash_of(row: TrainingManifest, weights_hash: str) -> str:
    """SHA-256 over the manifest and the weights it belongs to."""
    content: dict[str, Any] = {
        "consent": row.consent_hash,
        "pool": row.pool_hash,
        "salt": row.salt,
        "subjects": row.subjects,
        "taken_at": row.taken_at.isoformat(timespec="microseconds"),
        "weights": weights_hash,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def digest(salt: str, person_id: str) -> str:
    """A person's digest in one manifest; two manifests have nothing in common."""
    return hmac.new(bytes.fromhex(salt), person_id.encode(), hashlib.sha256).hexdigest()


def proves_without(session: Session, version: ModelVersion, person_id: str) -> Proof:
    """Whether the version, or one that it was trained from, learnt from the person's texts.

    A manifest that was altered, or is missing, proves nothing.
    """
    manifests, holds, known = [], False, True
    for one in wall.lineage(session, version):
        if one.origin == "shipped":
            continue
        row = session.get(TrainingManifest, one.id)
        if row is None or row.hash != hash_of(row, one.weights_hash):
            known = False
            continue
        manifests.append(row.hash)
        holds = holds or digest(row.salt, person_id) in row.subjects
    return Proof(version, True if holds else False if known else None, tuple(manifests))


def proofs(session: Session, person_id: str) -> list[Proof]:
    """A proof for every version that ever served anybody, the newest first."""
    newest = func.max(Serving.at).label("newest")
    query = select(Serving.version_id, newest).group_by(Serving.version_id)
    ordered = session.execute(query.order_by(newest.desc(), Serving.version_id))
    return [
        proves_without(session, session.get_one(ModelVersion, row.version_id), person_id) for row in ordered
    ]


def holds_withdrawn_since(session: Session, version: ModelVersion) -> datetime | None:
    """Since when the version, or one that it was trained from, holds a text that was withdrawn later; None for never.

    One without a manifest is taken to hold whatever was withdrawn after it was made.
    """
    left = _left(session)
    since = [moment for one in wall.lineage(session, version) if (moment := _holds_since(session, one, left))]
    return min(since, default=None)


def clean_base(session: Session, version: ModelVersion) -> ModelVersion:
    """The version, else the newest that it was trained from and that is kept, that a run may go on from.

    It holds nothing withdrawn (P17) and no label that is taken out now (S40). Raises NoModelError when none is left.
    """
    spoilt = from_taken_out(session)
    query = (
        select(ModelVersion).where(ModelVersion.origin == "shipped").order_by(ModelVersion.created_at.desc())
    )
    known: list[ModelVersion] = [*wall.lineage(session, version), *session.scalars(query)]
    for one in known:
        clean = one.id not in spoilt and holds_withdrawn_since(session, one) is None
        if clean and (one.id == version.id or _is_kept(session, one)):
            return one
    raise NoModelError


def _is_kept(session: Session, version: ModelVersion) -> bool:
    return bool(
        session.scalar(select(func.length(Weights.archive)).where(Weights.hash == version.weights_hash))
    )


def roll_back(session: Session, now: datetime, who: str, institution_id: str | None = None) -> ModelVersion:
    """As `serving.rollback`, but never to a version that holds withdrawn texts (P17) or is not whole (S39).

    It goes past those, and past one that has learnt labels which are taken out (S40) where there is another. Raises
    NothingBeforeError, HoldsWithdrawnError, NotWholeError.
    """
    kept, spoilt = list(serving.earlier(session, institution_id)), from_taken_out(session)
    may = [one for one in kept if holds_withdrawn_since(session, one) is None]
    if kept and not may:
        raise HoldsWithdrawnError
    to = next((one for one in may if one.id not in spoilt), next(iter(may), None))
    if to is not None:
        weights.require_whole(session, to.weights_hash)
    return serving.rollback(session, now, who, institution_id, to)


def is_due(session: Session, now: datetime, version: ModelVersion) -> bool:
    """Whether the version has to be replaced: it has held something withdrawn for too long, or learnt dropped labels.

    Labels that are taken out (S40) wait for nothing, but whoever pins the version wants it all the same.
    """
    since = holds_withdrawn_since(session, version)
    if since is not None and since <= now - OLDEST:
        return True
    return version.id in from_taken_out(session) and not pinning.holds(session, version.id)


def still_agreed(session: Session, subjects: Subjects, answer_ids: Collection[str]) -> bool:
    """Whether everybody in the pool grants A and C, did all the time since it was taken, and nothing of it was erased.

    Labels that were taken out meanwhile (S40) are as if erased. Whoever asks holds the consent rows.
    """
    if not _still_there(session, answer_ids) or dropping.taken_out(session).intersection(answer_ids):
        return False
    left = _left(session)
    query = select(ConsentState).where(ConsentState.person_id.in_(subjects.people))
    states = {state.person_id: state for state in session.scalars(query)}
    return all(
        one in states
        and states[one].a
        and states[one].c
        and states[one].a_since == subjects.choices[one][1]
        and left.get(one, datetime.min.replace(tzinfo=subjects.taken_at.tzinfo)) < subjects.taken_at
        for one in subjects.people
    )


def _still_there(session: Session, answer_ids: Collection[str]) -> bool:
    ids, found = sorted(answer_ids), set[str]()
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found |= set(session.scalars(select(Answer.id).where(Answer.id.in_(part))))
        found |= set(session.scalars(select(PoolText.answer_id).where(PoolText.answer_id.in_(part))))
    return len(found) == len(ids)


def _left(session: Session) -> dict[str, datetime]:
    """Person id → when their texts were last taken out of training."""
    query = select(TrainingWithdrawal.person_id, func.max(TrainingWithdrawal.at))
    rows = session.execute(query.group_by(TrainingWithdrawal.person_id))
    return {row[0]: row[1] for row in rows}


def _holds_since(session: Session, version: ModelVersion, left: Mapping[str, datetime]) -> datetime | None:
    if version.origin == "shipped":
        return None
    row = session.get(TrainingManifest, version.id)
    if row is None:
        gone = any(at >= version.created_at for at in left.values())
        return version.created_at if gone else None
    gone = any(at >= row.taken_at and digest(row.salt, one) in row.subjects for one, at in left.items())
    return row.taken_at if gone else None
