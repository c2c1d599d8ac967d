"""The job of kind `retention`: each night what is over is deleted, and a report is left (P62)."""

from typing import Any

from lti_tool.jobs import Run, task
from lti_tool.rights import backup_list, requests
from lti_tool.rights.retention import Enforcing

KIND = "retention"


@task(KIND)
def retain(run: Run) -> dict[str, Any]:
    """Enforce the times of all institutions; throw away backups that are too old; count what is overdue."""
    enforcing = Enforcing(run.database, run.job_id, run.now(), run.settings.weights_home, run.tell)
    counts: dict[str, Any] = dict(enforcing.perform())
    counts["backups"] = len(backup_list.expire(run.settings.home, run.now()))
    with run.database.reading() as session:
        counts["overdue_requests"] = requests.overdue_everywhere(session, run.now())
    return counts
