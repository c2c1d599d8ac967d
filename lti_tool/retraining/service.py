"""A retraining run: take the pool, train and measure in a child, decide, and move the pointer or leave it.

Every step can be killed and run again: the row of the run remembers which answers it took, a candidate that was being
written is thrown away, and the decision, the version and the pointer are one transaction.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.errors import UndertoneError
from lti_tool.ingest.writing import lock_all
from lti_tool.jobs import Job, Run, enqueue, running
from lti_tool.jobs.service import LEASE, release_lapsed
from lti_tool.retraining import cards, gate, provenance, switched_off
from lti_tool.retraining.pool import Pool, build
from lti_tool.retraining.tables import TrainingRun
from lti_tool.retraining.training import run_child
from lti_tool.retraining.words import verdict_words
from lti_tool.review.pool import corrections
from lti_tool.scoring import serving, weights
from lti_tool.scoring.tables import ModelVersion

KIND = "retrain"
WHO = "nightly run"


@dataclass(frozen=True)
class Recipe:
    """How a run trains: `replay` starter rows, each correction `repeat` times, one pass.

    `development` starter rows give the development figures and `frozen` held-out rows are measured on, all of them
    by default.
    """

    replay: int
    repeat: int
    options: Mapping[str, Any]
    development: int | None = None
    frozen: int | None = None


NIGHTLY = Recipe(
    2000, 3, {"epochs": 1.0, "learning_rate": 3e-5, "batch_size": 32, "max_length": 128, "seed": 11}
)
DEMO = Recipe(
    140,
    3,
    {"epochs": 1.0, "learning_rate": 1.2e-5, "batch_size": 16, "max_length": 96, "seed": 11},
    development=60,
    frozen=240,
)
HANDFUL = Recipe(
    8,
    5,
    {"epochs": 1.0, "learning_rate": 1e-4, "batch_size": 8, "max_length": 48, "seed": 11, "threads": 1},
    development=12,
    frozen=24,
)
"""Every step of a run in seconds, for tests."""
RECIPES: Mapping[str, Recipe] = {"production": NIGHTLY, "demo": DEMO, "test": HANDFUL}

WORKSHOP = ".retraining-"
"""Folders beside the weights in which runs work; all but the present one's are of killed runs."""


class AlreadyRunningError(UndertoneError):
    code = "retraining_runs"
    status = 409
    words = "A retraining is already under way. Its progress is on the Model page; nothing else was started."


def request(session: Session, now: datetime, lease: timedelta = LEASE) -> Job:
    """Queue a run, or go on with one whose worker was killed; raise AlreadyRunningError while one is alive."""
    release_lapsed(session, now, lease)
    present = running(session, KIND)
    if present is not None and (present.state == "running" or not present.attempts):
        raise AlreadyRunningError
    return present or enqueue(session, now, KIND)


def latest(session: Session) -> TrainingRun | None:
    """The newest run that came to a decision."""
    decided = select(TrainingRun).where(TrainingRun.decision != "")
    return session.scalars(decided.order_by(TrainingRun.started_at.desc()).limit(1)).first()


@dataclass(frozen=True)
class _Begun:
    """What a run works with: its row, the serving version, the pool and whose texts it holds.

    `base` is what it trains on: the serving version, else the newest one that holds nothing withdrawn. `due` says
    that the serving version may not stay, because it has held withdrawn texts for too long (P17); the candidate is
    then compared with the base, and one of the two takes its place.
    """

    row: TrainingRun
    version: ModelVersion
    base: ModelVersion
    pool: Pool
    subjects: provenance.Subjects
    due: bool

    @property
    def rival(self) -> ModelVersion:
        """The version that the candidate has to beat."""
        return self.base if self.due else self.version


def perform(run: Run) -> dict[str, Any]:
    """Do the work of one job of kind `retrain` and return its decision."""
    begun = _begin(run)
    row, pool = begun.row, begun.pool
    if row.decision:
        return _outcome(row)
    least = run.settings.retrain_least_corrections
    if pool.size < least:
        return _close(run, begun, gate.too_few(pool.size, least), _pool_facts(pool), None)
    run.tell("Preparing", 0, 0)
    with _workshop(run) as folder:
        candidate = folder / "candidate"
        with _giving_way(run, begun):
            result = _train(run, begun, candidate)
        switched_off.require_on(run.database, pool.answer_ids)
        verdict = _judge(result, pool)
        facts = {
            **_pool_facts(pool),
            **result,
            "seconds": round((run.now() - row.started_at).total_seconds(), 1),
        }
        return _close(run, begun, verdict, facts, candidate)


@contextmanager
def _workshop(run: Run) -> Iterator[Path]:
    """An empty folder for all that a run writes; what killed runs left behind goes with it."""
    home = run.settings.weights_home
    for left in home.glob(f"{WORKSHOP}*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = home / f"{WORKSHOP}{run.job_id}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _begin(run: Run) -> _Begun:
    """The run's row, made once; on a second try the pool is the one that the first had taken."""
    with run.database.session() as session:
        row = session.scalars(select(TrainingRun).where(TrainingRun.job_id == run.job_id)).first()
        now, version = run.now(), serving.serving(session, None)
        usable = corrections(session, None)
        if row is None:
            row = TrainingRun(job_id=run.job_id, started_at=now)
            session.add(row)
            pool = build(usable)
        else:
            pool = build(usable, only=row.report.get("answers", []))
        due = provenance.is_due(session, now, version)
        if not row.decision:
            row.serving_version_id, row.pool_hash = version.id, pool.hash
            row.report = {"answers": list(pool.answer_ids)} | ({"cause": "withdrawn"} if due else {})
        session.flush()
        base = provenance.clean_base(session, version)
        subjects = provenance.subjects_of(session, now, pool.people)
        return _Begun(row, version, base, pool, subjects, due)


def _train(run: Run, begun: _Begun, candidate: Path) -> dict[str, Any]:
    recipe, pool, rival = RECIPES[run.settings.environment], begun.pool, begun.rival
    box = run.settings.retrain_seconds
    message = {
        "serving": str(weights.path_of(run.database, run.settings, rival.weights_hash)),
        "base": str(weights.path_of(run.database, run.settings, begun.base.weights_hash)),
        "out": str(candidate),
        "calibration": rival.calibration,
        "train": list(pool.corrections),
        "check": list(pool.held_out or pool.corrections),
        "replay": recipe.replay,
        "repeat": recipe.repeat,
        "development": recipe.development,
        "frozen": recipe.frozen,
        "options": {**recipe.options, "max_seconds": box},
    }
    is_off = switched_off.watch(run.database, pool.answer_ids)
    return run_child(message, run.tell, box, candidate.parent, is_off)


@contextmanager
def _giving_way(run: Run, begun: _Begun) -> Iterator[None]:
    """A version that may not stay goes even when the training that was to replace it fails (P17)."""
    try:
        yield
    except Exception:
        if begun.due and begun.base.id != begun.version.id:
            with run.database.session() as session:
                if serving.serving(session, None).id == begun.version.id:
                    base = provenance.clean_base(session, begun.version)
                    serving.promote(session, run.now(), base.id, WHO, "clean_rolled_back")
        raise


def _judge(result: Mapping[str, Any], pool: Pool) -> gate.Verdict:
    def figures(name: str) -> gate.Figures:
        return gate.Figures(**{key: result[name][key] for key in ("macro_f1", "recall", "agreement")})

    checked_on = len(pool.held_out or pool.corrections)
    return gate.judge(
        figures("candidate"), figures("serving"), result["positives"], checked_on, bool(pool.held_out)
    )


def _close(
    run: Run, begun: _Begun, verdict: gate.Verdict, facts: dict[str, Any], candidate: Path | None
) -> dict[str, Any]:
    """Decision, version, pointer and the jobs that follow, in one transaction."""
    now = run.now()
    with run.database.session() as session:
        lock_all(session, begun.pool.people)
        row = session.get_one(TrainingRun, begun.row.id, populate_existing=True)
        if row.decision:
            return _outcome(row)
        if serving.serving(session, None).id != begun.version.id:
            verdict = gate.pointer_moved() if candidate is not None else verdict
        else:
            verdict = _move(session, now, begun, row, verdict, facts, candidate)
        row.decision, row.finished_at = verdict.decision, now
        row.report = {**row.report, **asdict(verdict), **facts}
        record(session, now, "retraining", code=verdict.decision, facts={"pool": row.pool_hash})
        return _outcome(row)


def _move(
    session: Session,
    now: datetime,
    begun: _Begun,
    row: TrainingRun,
    verdict: gate.Verdict,
    facts: dict[str, Any],
    candidate: Path | None,
) -> gate.Verdict:
    """Move the pointer as the verdict says, and return the verdict that came of it.

    Consent is asked again: what was withdrawn while the candidate trained keeps it from serving (P17). And a version
    that may not stay gives way to the newest one that may.
    """
    base = provenance.clean_base(session, begun.version)
    agreed = base.id == begun.base.id and provenance.still_agreed(
        session, begun.subjects, begun.pool.answer_ids
    )
    if candidate is not None and not agreed:
        verdict = gate.withdrawn()
    if verdict.decision == "promoted" and candidate is not None:
        row.candidate_version_id = _promote(session, now, candidate, begun, facts)
    elif begun.due and base.id != begun.version.id:
        serving.promote(session, now, base.id, WHO, "clean_rolled_back", expected_id=begun.version.id)
        verdict = replace(verdict, decision="rolled_back")
    return verdict


def _outcome(row: TrainingRun) -> dict[str, Any]:
    """What the job's row says of a run that has ended."""
    return {"decision": row.decision, "sentence": verdict_words(row.report)}


def _promote(
    session: Session, now: datetime, candidate: Path, begun: _Begun, facts: Mapping[str, Any]
) -> str:
    stored = weights.store(session, now, candidate)
    cards.require_whole(stored.manifest)
    version = ModelVersion(
        weights_hash=stored.hash,
        calibration=facts["calibration"],
        parent_id=begun.base.id,
        origin="retrained",
        figures=dict(facts["candidate"]["labels"]),
        created_at=now,
    )
    session.add(version)
    session.flush()
    manifest = provenance.write(session, version, begun.subjects, begun.pool.hash)
    record(
        session, now, "retraining", code="manifest", facts={"version": version.id, "manifest": manifest.hash}
    )
    why = "clean_retrained" if begun.base.id != begun.version.id else "promoted"
    serving.promote(session, now, version.id, WHO, why, expected_id=begun.version.id)
    return version.id


def _pool_facts(pool: Pool) -> dict[str, Any]:
    return {
        "corrections": len(pool.corrections),
        "held_out": len(pool.held_out),
        "near_duplicates": pool.duplicates,
    }
