"""Background work: the ledger is checked and sealed each night, and pauses by new wording are written down."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.consent import asking_again, checkpoints, verifying
from lti_tool.consent.verifying import Report
from lti_tool.jobs import Run, task
from lti_tool.launch.tables import Course


@task("tend_ledger")
def tend_ledger(run: Run) -> dict[str, Any]:
    """Check every chain, tell the log and the administrators what is broken, and seal what is whole (P25)."""
    now = run.now()
    told = _write_pauses(run, now)
    with run.database.reading() as session:
        report = verifying.check(session)
    with run.database.session() as session:
        note(session, now, report)
    broken = {fault.course_id for fault in report.faults}
    with run.database.reading() as session:
        whole = [one for one in checkpoints.courses(session) if one not in broken]
    sealed = 0
    for place, course_id in enumerate(whole):
        with run.database.session() as session:
            sealed += checkpoints.seal(session, now, course_id) is not None
        run.tell("Sealing the record of choices", place + 1, len(whole))
    return {"lines": report.lines, "faults": len(report.faults), "sealed": sealed, "paused": told}


def note(session: Session, now: datetime, report: Report) -> None:
    """What was found, in the security log: one row for the whole ledger and one for each fault."""
    audit.record(
        session,
        now,
        "ledger_verified",
        code="whole" if report.is_whole else "broken",
        facts={"courses": report.courses, "lines": report.lines, "faults": len(report.faults)},
    )
    for fault in report.faults:
        course = session.get(Course, fault.course_id) if fault.course_id else None
        audit.record(
            session,
            now,
            "ledger_broken",
            code=fault.kind,
            institution_id=course.institution_id if course else None,
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
