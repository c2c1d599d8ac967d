"""A retraining run: take the pool, train or recalibrate in a child, decide, and move the pointer or leave it.

Every step can be killed and run again: the row of the run remembers which answers it took, a candidate that was being
written is thrown away, and the decision, the version and the pointer are one transaction.
"""

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.errors import UndertoneError
from lti_tool.jobs import Job, Run, enqueue, running
from lti_tool.jobs.service import LEASE, release_lapsed
from lti_tool.retraining import asking, gate, judging, switched_off
from lti_tool.retraining.beginning import begin
from lti_tool.retraining.deciding import Begun, close, giving_way, is_cancelled, outcome
from lti_tool.retraining.recipes import DEMO, HANDFUL, NIGHTLY, RECIPES, Recipe
from lti_tool.retraining.tables import TrainingRun
from lti_tool.retraining.training import CancelledError, OutOfTimeError, run_child
from lti_tool.scoring import wall
from lti_tool.settings import Settings

__all__ = [
    "DEMO",
    "HANDFUL",
    "KIND",
    "NIGHTLY",
    "RECIPES",
    "AlreadyRunningError",
    "NothingToCancelError",
    "Recipe",
    "cancel",
    "latest",
    "least_corrections",
    "perform",
    "request",
]

KIND = "retrain"
WORKSHOP = ".retraining-"
"""Folders beside the weights in which runs work; all but the present one's are of killed runs."""


class AlreadyRunningError(UndertoneError):
    code = "retraining_runs"
    status = 409
    words = "A retraining is already under way. Its progress is on the Model page; nothing else was started."


class NothingToCancelError(UndertoneError):
    code = "nothing_to_cancel"
    status = 409
    words = "No retraining is under way. Nothing was changed."


def request(session: Session, now: datetime, lease: timedelta = LEASE, scope: str | None = None) -> Job:
    """Queue a run, or go on with one whose worker was killed; raise AlreadyRunningError while one is alive.

    One that waits for the quiet hours to end begins now, since somebody asks for it.
    """
    release_lapsed(session, now, lease)
    present = running(session, KIND, scope or "")
    if present is not None and present.not_before is not None and present.not_before > now:
        present.not_before = None
        return present
    if present is not None and (present.state == "running" or not present.attempts):
        raise AlreadyRunningError
    return present or enqueue(session, now, KIND, scope or "")


def cancel(session: Session, now: datetime, who: str, scope: str | None = None) -> Job:
    """Have the run under way end within seconds, with a decision; `who` is a key of `who_words`.

    Raises NothingToCancelError.
    """
    job = running(session, KIND, scope or "")
    if job is None:
        raise NothingToCancelError
    job.payload = {**job.payload, "cancelled": {"who": who, "at": now.isoformat()}}
    session.flush()
    return job


def latest(session: Session, scope: str | None = None) -> TrainingRun | None:
    """The newest run that came to a decision; one from when the institution was alone, until it has had its own."""
    decided = select(TrainingRun).where(TrainingRun.decision != "").order_by(TrainingRun.started_at.desc())
    for own in wall.inherited(session, scope):
        row = session.scalars(decided.where(TrainingRun.scope == (own or "")).limit(1)).first()
        if row is not None:
            return row
    return None


def least_corrections(settings: Settings) -> int:
    """How many corrections a run needs to do anything."""
    return max(gate.LEAST_TO_RECALIBRATE, settings.retrain_least_corrections)


def perform(run: Run) -> dict[str, Any]:
    """Do the work of one job of kind `retrain` and return its decision."""
    begun = begin(run)
    pool, least = begun.pool, least_corrections(run.settings)
    if begun.row.decision:
        return outcome(begun.row)
    facts = judging.pool_facts(pool)
    if pool.size < least or len(pool.corrections) < gate.LEAST_TO_RECALIBRATE:
        return close(run, begun, gate.too_few(pool.size, least), facts)
    if _is_cancelled(run):
        return close(run, begun, gate.cancelled(), facts)
    stands = _nothing_new_since(run, begun)
    if stands is not None:
        return close(run, begun, gate.nothing_new(), judging.as_before(stands, begun.version.id))
    way = judging.way_of(pool)
    message = asking.message(run, begun, way)
    if way == "recalibration":
        facts = judging.recalibration_facts(pool, len(message["train"]))
        if len(message["train"]) < gate.LEAST_TO_RECALIBRATE:
            return close(run, begun, gate.too_few(len(message["train"]), gate.LEAST_TO_RECALIBRATE), facts)
    run.tell("Preparing", 0, 0)
    with _workshop(run) as folder:
        return _make(run, begun, message, facts, folder / "candidate")


def _make(
    run: Run, begun: Begun, message: Mapping[str, Any], facts: Mapping[str, Any], candidate: Path
) -> dict[str, Any]:
    """Have the candidate made and measured, and decide; a run that is ended early decides too."""
    way = message["way"]
    try:
        with giving_way(run, begun):
            stops = _stops(run, begun.pool.answer_ids)
            box = run.settings.retrain_seconds
            asked = {**message, "out": str(candidate)}
            result = run_child(asked, run.tell, box, candidate.parent, stops)
    except CancelledError:
        return close(run, begun, gate.cancelled(), facts)
    except OutOfTimeError:
        return close(run, begun, gate.out_of_time(), facts)
    switched_off.require_on(run.database, begun.pool.answer_ids)
    seconds = round((run.now() - begun.row.started_at).total_seconds(), 1)
    told = {**facts, **result, "way": way, "seconds": seconds}
    trained = candidate if way == "training" else None
    return close(run, begun, judging.verdict(way, result), told, trained)


@contextmanager
def _workshop(run: Run) -> Iterator[Path]:
    """An empty folder for all that a run writes; what killed runs left behind goes with it."""
    home, own = run.settings.weights_home, f"{WORKSHOP}{run.key or 'all'}-"
    for left in home.glob(f"{own}*"):  # another institution's run may be under way in another worker
        shutil.rmtree(left, ignore_errors=True)
    folder = home / f"{own}{run.job_id}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _nothing_new_since(run: Run, begun: Begun) -> TrainingRun | None:
    """The run before, when what serves has been compared on these corrections already, or was made from them."""
    with run.database.reading() as session:
        before = latest(session, begun.scope)
    if before is None or begun.due or not judging.stands(before.report):
        return None
    compared = (before.pool_hash, before.serving_version_id) == (begun.row.pool_hash, begun.version.id)
    return before if compared or _made_from_the_same(before, begun) else None


def _made_from_the_same(before: TrainingRun, begun: Begun) -> bool:
    """To learn the same answers once more would only count them twice. Their hash differs: other texts are held out."""
    answers = tuple(before.report.get("answers", ()))
    return before.candidate_version_id == begun.version.id and answers == begun.pool.answer_ids


def _stops(run: Run, answer_ids: Collection[str]) -> Callable[[], bool]:
    """A question to ask now and then: is a course of these answers switched off? Raises CancelledError."""
    is_off = switched_off.watch(run.database, answer_ids)

    def stops() -> bool:
        if _is_cancelled(run):
            raise CancelledError
        return is_off()

    return stops


def _is_cancelled(run: Run) -> bool:
    with run.database.reading() as session:
        return is_cancelled(session, run.job_id)
