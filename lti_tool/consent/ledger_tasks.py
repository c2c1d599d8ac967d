"""Background work: the ledger is checked and sealed each night, and pauses by new wording are written down."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.consent import anchoring, asking_again, checkpoints, verifying
from lti_tool.consent.faults import OF_THE_FILE
from lti_tool.consent.seals import Seal
from lti_tool.consent.verifying import Report
from lti_tool.jobs import Run, task
from lti_tool.launch.tables import Course
from lti_tool.storage import Database


@task("tend_ledger")
def tend_ledger(run: Run) -> dict[str, Any]:
    """Check every chain, tell the log and the administrators what is broken, and seal what is whole (P25).

    Sealed twice: in the database, and in the file of seals outside it.
    """
    now = run.now()
    told = _write_pauses(run, now)
    with run.database.reading() as session:
        report = verifying.check(session, seals=run.settings.seals_path)
    broken = {fault.course_id for fault in report.faults}
    with run.database.reading() as session:
        whole = [one for one in checkpoints.courses(session) if one not in broken]
    sealed = 0
    for place, course_id in enumerate(whole):
        with run.database.session() as session:
            sealed += checkpoints.seal(session, now, course_id) is not None
        run.tell("Sealing the record of choices", place + 1, len(whole))
    seal = seal_outside(run.database, now, run.settings.seals_path, report)
    with run.database.session() as session:
        note(session, now, report, seal)
    return {"lines": report.lines, "faults": len(report.faults), "sealed": sealed, "paused": told}


def seal_outside(database: Database, now: datetime, path: Path, report: Report) -> Seal | None:
    """Add to the file of seals, without the courses that are broken; None while the file itself does not fit."""
    if any(fault.kind in OF_THE_FILE for fault in report.faults):
        return None
    with database.session() as session:
        return anchoring.seal(session, now, path, {fault.course_id for fault in report.faults})


def note(session: Session, now: datetime, report: Report, seal: Seal | None = None) -> None:
    """What was found, in the security log: one row for the whole ledger and one for each fault.

    With the number and hash of the new line in the file of seals: a collector keeps them off this machine.
    """
    facts: dict[str, Any] = {"courses": report.courses, "lines": report.lines, "faults": len(report.faults)}
    if seal is not None:
        facts |= {"seal": seal.number, "seal_hash": seal.hash, "seal_kind": seal.kind}
    audit.record(
        session,
        now,
        "ledger_verified",
        code="whole" if report.is_whole else "broken",
        facts=facts,
    )
    for fault in report.faults:
        course = session.get(Course, fault.course_id) if fault.course_id else None
        audit.record(
            session,
            now,
            "ledger_broken",
            code=fault.kind,
            institution_id=course.institution_id if course else fault.institution_id or None,
            course_id=course.id if course else None,
            facts={"number": fault.number},
        )


def _write_pauses(run: Run, now: datetime) -> int:
    """One person in one transaction, as it takes their consent row and then the course's ledger."""
    with run.database.reading() as session:
        people = asking_again.untold(session)
    told = 0
    for person_id in people:
        with run.database.session() as session:
            told += asking_again.tell(session, now, person_id)
    return told
