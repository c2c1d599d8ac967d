"""The jobs of kinds `retrain`, `check_models` and `watch_disagreement`."""

from typing import Any

from sqlalchemy import select

from lti_tool.jobs import Run, enqueue, task
from lti_tool.launch.tables import Institution
from lti_tool.retraining import proposing, provenance, service
from lti_tool.scoring import serving, wall


@task(service.KIND)
def retrain(run: Run) -> dict[str, Any]:
    """One retraining run, from pool to decision: of the institution `run.key`, or where it is empty of the only one."""
    return service.perform(run)


@task("check_models")
def check_models(run: Run) -> dict[str, Any]:
    """Have each serving model replaced when it has held withdrawn texts for too long (P17), whatever the schedule.

    The quiet hours do not hold this back.
    """
    now, due = run.now(), []
    with run.database.session() as session:
        scopes = {wall.scope_of(session, one) for one in session.scalars(select(Institution.id))} or {None}
        for scope in sorted(scopes, key=str):
            if provenance.is_due(session, now, serving.serving(session, scope)):
                due.append(enqueue(session, now, service.KIND, scope or ""))
    return {"due": bool(due)}


@task("watch_disagreement")
def watch_disagreement(run: Run) -> dict[str, Any]:
    """Propose to go back when people disagree more since the last change (S44), for the institution `run.key`."""
    with run.database.session() as session:
        row = proposing.look(session, run.now(), run.settings.smallest_group, run.key or None)
        return {"proposed": row is not None}
