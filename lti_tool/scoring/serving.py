"""Which model version serves: an append-only history whose newest row is the pointer (design decision 5)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.jobs import enqueue
from lti_tool.launch.courses import active
from lti_tool.scoring import pinning, wall, weights
from lti_tool.scoring.errors import (
    GoneBeforeError,
    NoModelError,
    NothingBeforeError,
    ServingMovedError,
    UnknownVersionError,
    WalledError,
)
from lti_tool.scoring.tables import CourseModel, ModelVersion, Serving, Weights
from model import checkpoint

ROLLED_BACK = "rolled_back"
SHIPPED = Path(checkpoint.__file__).parent / "shipped"


def install_shipped(session: Session, now: datetime, folder: Path = SHIPPED) -> ModelVersion:
    """Store the model that comes with the project, and serve it when nothing else was ever promoted.

    Doing it again changes nothing. A newer shipped model replaces an older shipped one that is not pinned, never a
    retrained one. Raises UnusableWeightsError.
    """
    stored = weights.store(session, now, folder)
    version = _shipped_version(session, now, stored, folder)
    newest = _newest(session, None)
    if newest is None:
        _append(session, now, None, version.id, "installation", "shipped", None)
    elif newest.version_id != version.id and _gives_way(session, newest):
        promote(session, now, version.id, "installation", "newer_shipped")
    return version


def serving(session: Session, institution_id: str | None) -> ModelVersion:
    """The version that serves the institution, else the installation's that may serve it; NoModelError without one."""
    for row in _newest_first(session, institution_id):
        version = _version(session, row.version_id)
        if wall.may_serve(session, version, institution_id):
            return version
    raise NoModelError()


def everywhere(session: Session) -> dict[str | None, ModelVersion]:
    """The version that serves each institution, by its id, or with None the only one. Raises NoModelError."""
    return {scope: serving(session, scope) for scope in wall.scopes(session)}


def shown_version(session: Session, course_id: str) -> ModelVersion | None:
    """The one version that the course shows; None before its posts were scored for the first time."""
    shown = session.get(CourseModel, course_id)
    return _version(session, shown.version_id) if shown else None


def history(session: Session, institution_id: str | None = None) -> list[Serving]:
    """Every move of the pointer, oldest first.

    An institution's own begin where the installation's, of those that may serve it, end.
    """
    rows = [
        row
        for row in _newest_first(session, institution_id)
        if wall.may_serve(session, _version(session, row.version_id), institution_id)
    ]
    return rows[::-1]


def promote(
    session: Session,
    now: datetime,
    version_id: str,
    who: str,
    why: str,
    institution_id: str | None = None,
    expected_id: str | None = None,
) -> Serving:
    """Move the pointer to `version_id` and queue the scoring of the active courses.

    `why` is a key that `lti_tool.retraining.words.why_words` puts in the reader's words.
    `expected_id` names the version that the caller believes to serve. Raises ServingMovedError when another
    one does or when someone else moves the pointer at the same time, UnknownVersionError, WalledError (P61). A pin is
    for runs to heed: it ends here.
    """
    if not wall.may_serve(session, _version(session, version_id), institution_id):
        raise WalledError
    newest = _newest(session, institution_id)
    if expected_id is not None and serving(session, institution_id).id != expected_id:
        raise ServingMovedError()
    pinning.unpin(session, now, institution_id)
    row = _append(session, now, newest, version_id, who, why, institution_id)
    rescore(session, now, institution_id)
    return row


def rescore(session: Session, now: datetime, institution_id: str | None) -> None:
    """Queue the scoring of the active courses, those that were opened last first."""
    own = [course for course in active(session, now) if institution_id in (None, course.institution_id)]
    own.sort(key=lambda course: course.last_launch_at or now, reverse=True)
    for place, course in enumerate(own):
        enqueue(session, now + timedelta(microseconds=place), "score", course.id)


def rollback(
    session: Session,
    now: datetime,
    who: str,
    institution_id: str | None = None,
    to: ModelVersion | None = None,
) -> ModelVersion:
    """Serve `to` again, one of those that served before, else the newest of them; again and again goes further back.

    Raises NothingBeforeError when the present version is the first one, GoneBeforeError when none before is kept.
    """
    earlier = to or before(session, institution_id)
    if earlier is None:
        raise _no_way_back(session, institution_id)
    present = serving(session, institution_id).id
    promote(session, now, earlier.id, who, ROLLED_BACK, institution_id, expected_id=present)
    return earlier


def before(session: Session, institution_id: str | None = None) -> ModelVersion | None:
    """The newest version before the present one that is kept; None when there is none."""
    return next(earlier(session, institution_id), None)


def earlier(session: Session, institution_id: str | None = None) -> Iterator[ModelVersion]:
    """The other versions that served before the present one and are kept, the one before it first."""
    stack = _stack(history(session, institution_id))
    for version_id in reversed(stack[:-1]):
        version = _version(session, version_id)
        if version_id != stack[-1] and session.get_one(Weights, version.weights_hash).expired_at is None:
            yield version


def _no_way_back(session: Session, institution_id: str | None) -> NothingBeforeError:
    first = len(_stack(history(session, institution_id))) < 2
    return NothingBeforeError() if first else GoneBeforeError()


def _stack(rows: list[Serving]) -> list[str]:
    """Versions on the way to the present one, each once in a row: going back takes the later ones away."""
    stack: list[str] = []
    for row in rows:
        if row.version_id in stack[:-1] and row.why == ROLLED_BACK:
            while stack[-1] != row.version_id:
                stack.pop()
        elif stack[-2:-1] == [row.version_id]:
            stack.pop()
        elif stack[-1:] != [row.version_id]:
            stack.append(row.version_id)
    return stack


def _append(
    session: Session,
    now: datetime,
    newest: Serving | None,
    version_id: str,
    who: str,
    why: str,
    institution_id: str | None,
) -> Serving:
    """Write the row after `newest`, the one that the caller decided on.

    The numbers are unique, so of two who decided on the same row the database refuses one. Reading the newest again
    here would see the other's row and let both pass.
    """
    number = newest.number + 1 if newest else 1
    row = Serving(
        institution_id=institution_id, number=number, version_id=version_id, who=who, why=why, at=now
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise ServingMovedError() from error
    record(
        session,
        now,
        "serving_moved",
        code=who,
        institution_id=institution_id,
        facts={"version": version_id, "number": number},
    )
    session.flush()
    return row


def _gives_way(session: Session, newest: Serving) -> bool:
    """Whether what serves came with the project and nobody has pinned it, for an institution of several either."""
    shipped = _version(session, newest.version_id).origin == "shipped"
    return shipped and not pinning.holds(session, newest.version_id)


def _shipped_version(session: Session, now: datetime, stored: Weights, folder: Path) -> ModelVersion:
    calibration = checkpoint.read_json(folder / checkpoint.CALIBRATION)
    query = select(ModelVersion).where(
        ModelVersion.weights_hash == stored.hash, ModelVersion.origin == "shipped"
    )
    for version in session.scalars(query):
        if version.calibration == calibration:
            return version
    version = ModelVersion(
        weights_hash=stored.hash,
        calibration=calibration,
        origin="shipped",
        figures=stored.manifest.get("heldout") or stored.manifest.get("figures", {}),
        created_at=now,
    )
    session.add(version)
    session.flush()
    return version


def _newest_first(session: Session, institution_id: str | None) -> Iterator[Serving]:
    """The institution's own moves, then the installation's of before its first own one."""
    before: datetime | None = None
    for scope in (institution_id, None) if institution_id else (None,):
        query = select(Serving).where(_of(scope)).order_by(Serving.number.desc())
        for row in session.scalars(query):
            if scope is not None or before is None or row.at <= before:
                yield row
            before = row.at if scope is not None else before


def _newest(session: Session, institution_id: str | None) -> Serving | None:
    query = select(Serving).where(_of(institution_id)).order_by(Serving.number.desc()).limit(1)
    return session.scalars(query).first()


def _of(institution_id: str | None) -> ColumnElement[bool]:
    column = Serving.institution_id
    return column.is_(None) if institution_id is None else column == institution_id


def _version(session: Session, version_id: str) -> ModelVersion:
    version = session.get(ModelVersion, version_id)
    if version is None:
        raise UnknownVersionError()
    return version
