"""The end of a run: decision, version, pointer and the jobs that follow, in one transaction."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.ingest.writing import lock_all
from lti_tool.jobs import Job, Run
from lti_tool.launch import institutions
from lti_tool.retraining import cards, gate, provenance
from lti_tool.retraining.pool import Pool
from lti_tool.retraining.rules import Verdict
from lti_tool.retraining.tables import TrainingRun
from lti_tool.retraining.training import TrainingFailedError
from lti_tool.retraining.words import verdict_words
from lti_tool.scoring import pinning, serving, wall, weights
from lti_tool.scoring.tables import ModelVersion, Weights

WHO = "nightly run"
NEW_VERSION = ("promoted", "recalibrated")


@dataclass(frozen=True)
class Begun:
    """What a run works with: its row, the serving version, the pool and whose texts it holds.

    `base` is what it goes on from: the serving version, else the newest one that holds nothing withdrawn. `due` says
    that the serving version may not stay, because it has held withdrawn texts for too long (P17); the candidate is
    then compared with the base, and one of the two takes its place. `prior` is the calibration that the base's weights
    came with. `scope` is the institution that the pointer and the pool are of; None where there is one (P61).
    """

    row: TrainingRun
    version: ModelVersion
    base: ModelVersion
    pool: Pool
    subjects: provenance.Subjects
    due: bool
    prior: Mapping[str, Any]
    scope: str | None = None

    @property
    def rival(self) -> ModelVersion:
        """The version that the candidate has to beat."""
        return self.base if self.due else self.version


def close(
    run: Run, begun: Begun, verdict: Verdict, facts: Mapping[str, Any], candidate: Path | None = None
) -> dict[str, Any]:
    """Write the decision and return it; `candidate` is the directory of a trained one.

    `facts` go into the report; those of a candidate hold its figures and its calibration. A run that has decided
    already decides nothing again.
    """
    now = run.now()
    with run.database.session() as session:
        lock_all(session, begun.pool.people)
        row = session.get_one(TrainingRun, begun.row.id, populate_existing=True)
        if row.decision:
            return outcome(row)
        if is_cancelled(session, run.job_id):
            verdict = gate.cancelled()
        if serving.serving(session, begun.scope).id != begun.version.id:
            verdict = gate.pointer_moved() if "candidate" in facts else verdict
        else:
            verdict = _move(session, now, begun, row, verdict, facts, candidate)
        row.decision, row.finished_at = verdict.decision, now
        row.report = {**row.report, **asdict(verdict), **facts}
        record(session, now, "retraining", code=verdict.decision, facts={"pool": row.pool_hash})
        return outcome(row)


@contextmanager
def giving_way(run: Run, begun: Begun) -> Iterator[None]:
    """A version that may not stay goes even when the training that was to replace it fails (P17)."""
    try:
        yield
    except TrainingFailedError:
        if begun.due and begun.base.id != begun.version.id:
            with run.database.session() as session:
                if serving.serving(session, begun.scope).id == begun.version.id:
                    base = provenance.clean_base(session, begun.version)
                    _point(session, run.now(), begun, base.id, "clean_rolled_back")
        raise


def outcome(row: TrainingRun) -> dict[str, Any]:
    """What the job's row says of a run that has ended."""
    return {"decision": row.decision, "sentence": verdict_words(row.report)}


def is_cancelled(session: Session, job_id: str) -> bool:
    """Whether somebody has asked that the run of this job ends."""
    job = session.get(Job, job_id, populate_existing=True)
    return job is not None and bool(job.payload.get("cancelled"))


def _move(
    session: Session,
    now: datetime,
    begun: Begun,
    row: TrainingRun,
    verdict: Verdict,
    facts: Mapping[str, Any],
    candidate: Path | None,
) -> Verdict:
    """Move the pointer as the verdict says, and return the verdict that came of it.

    Consent is asked again: what was withdrawn while the candidate trained keeps it from serving (P17). A pin holds
    whatever the candidate is like; but a version that may not stay gives way to the newest one that may.
    """
    base = provenance.clean_base(session, begun.version)
    agreed = base.id == begun.base.id and provenance.still_agreed(
        session, begun.subjects, begun.pool.answer_ids
    )
    if "candidate" in facts and not agreed:
        verdict = gate.withdrawn()
    if verdict.decision in NEW_VERSION and not begun.due and pinning.is_pinned(session, begun.scope):
        verdict = gate.pinned(verdict)
    if verdict.decision in NEW_VERSION:
        row.candidate_version_id = _promote(session, now, begun, verdict.decision, facts, candidate)
    elif begun.due and base.id != begun.version.id:
        _point(session, now, begun, base.id, "clean_rolled_back")
        verdict = replace(verdict, decision="rolled_back")
    return verdict


def _promote(
    session: Session,
    now: datetime,
    begun: Begun,
    decision: str,
    facts: Mapping[str, Any],
    candidate: Path | None,
) -> str:
    """Make the version and let it serve. A recalibrated one has the base's weights, so nothing is scored again."""
    if candidate is not None:
        stored, origin = weights.store(session, now, candidate), "retrained"
    else:
        stored, origin = session.get_one(Weights, begun.base.weights_hash), "recalibrated"
    cards.require_whole(stored.manifest)
    version = ModelVersion(
        weights_hash=stored.hash,
        calibration=facts["calibration"],
        parent_id=begun.base.id,
        origin=origin,
        institution_id=_owner(session, begun.scope),
        figures=dict(facts["candidate"]["labels"]),
        created_at=now,
    )
    session.add(version)
    session.flush()
    manifest = provenance.write(session, version, begun.subjects, begun.pool.hash)
    known = {"version": version.id, "manifest": manifest.hash}
    record(session, now, "retraining", code="manifest", facts=known)
    _point(
        session, now, begun, version.id, decision if begun.base.id == begun.version.id else "clean_retrained"
    )
    return version.id


def _point(session: Session, now: datetime, begun: Begun, version_id: str, why: str) -> None:
    serving.promote(session, now, version_id, WHO, why, begun.scope, expected_id=begun.version.id)


def _owner(session: Session, scope: str | None) -> str | None:
    """Nobody's where one run learns from the texts of several institutions: then it serves none of them (P61)."""
    alone = scope is not None or institutions.is_only_one(session)
    return wall.owner_of(session, scope) if alone else None
