"""The job of kind `retrain`."""

from typing import Any

from lti_tool.jobs import Run, task
from lti_tool.retraining import service


@task(service.KIND)
def retrain(run: Run) -> dict[str, Any]:
    """One retraining run, from pool to decision."""
    return service.perform(run)
