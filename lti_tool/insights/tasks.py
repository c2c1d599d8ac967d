"""The job of kind `snapshot`: a course's numbers as of now."""

from typing import Any

from lti_tool.insights import service
from lti_tool.jobs import Run, task
from lti_tool.launch import roster


@task("snapshot")
def snapshot(run: Run) -> dict[str, Any]:
    """Build the snapshot of course `run.key`; the roster is read for its size only, outside any transaction."""
    size = _class_size(run)
    with run.database.reading() as session:
        version, body = service.compose(session, run.settings, run.key, class_size=size)
    with run.database.session() as session:
        service.keep(session, run.now(), run.key, version, body)
    return {"state": body.state, "findings": len(body.findings), "week": body.week}


def _class_size(run: Run) -> int | None:
    """How many students the platform lists; None when it does not answer, and then no coverage is told."""
    try:
        return sum(member.student for member in roster.read(run.database, run.settings, run.key).members)
    except roster.RosterUnavailableError:
        return None
