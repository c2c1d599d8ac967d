"""The jobs of kinds `retrain` and `check_models`."""

from typing import Any

from lti_tool.jobs import Run, enqueue, task
from lti_tool.retraining import provenance, service
from lti_tool.scoring import serving


@task(service.KIND)
def retrain(run: Run) -> dict[str, Any]:
    """One retraining run, from pool to decision."""
    return service.perform(run)


@task("check_models")
def check_models(run: Run) -> dict[str, Any]:
    """Have the serving model replaced when it has held withdrawn texts for too long (P17), whatever the schedule."""
    now = run.now()
    with run.database.session() as session:
        due = provenance.is_due(session, now, serving.serving(session, None))
        if due:
            enqueue(session, now, service.KIND)
    return {"due": due}
