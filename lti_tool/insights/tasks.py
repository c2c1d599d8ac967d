"""The job of kind `snapshot`: a course's numbers as of now."""

from typing import Any

from lti_tool.consent import service as consent
from lti_tool.insights import service
from lti_tool.insights.snapshot import SnapshotBody
from lti_tool.jobs import Run, task
from lti_tool.launch import roster, stopping

TRIES = 3
"""How often a picture is counted anew because choices changed while it was counted."""


@task("snapshot")
def snapshot(run: Run) -> dict[str, Any]:
    """Build the snapshot of course `run.key`; the roster is read for its size only, outside any transaction."""
    size = _class_size(run)
    body = next(kept for kept in (_picture(run, size, last=n == TRIES) for n in range(1, TRIES + 1)) if kept)
    return {"state": body.state, "findings": len(body.findings), "week": body.week}


def _picture(run: Run, size: int | None, *, last: bool) -> SnapshotBody | None:
    """Count outside any write, and keep it unless somebody's choices changed meanwhile (P16); None then.

    The last try holds everybody's choices while it counts.
    """
    with run.database.reading() as session:
        mark = consent.mark(session, run.key)
        version, body, told = service.compose(session, run.settings, run.key, class_size=size)
    with run.database.session() as session:
        if consent.mark(session, run.key, hold=True) != mark:
            if not last:
                return None
            version, body, told = service.compose(session, run.settings, run.key, class_size=size)
        service.keep(session, run.now(), run.key, version, body, told)
    return body


def _class_size(run: Run) -> int | None:
    """How many students the platform lists; None when it does not answer, and then no coverage is told."""
    with run.database.reading() as session:
        if stopping.stop_of(session, run.now(), run.key) is not None:
            return None  # nobody is asked for anything while the course is switched off (P64)
    try:
        return sum(member.student for member in roster.read(run.database, run.settings, run.key).members)
    except roster.RosterUnavailableError:
        return None
