"""Background work: the end of an erasure."""

from typing import Any

from lti_tool.consent import wording
from lti_tool.jobs import Run, task
from lti_tool.rights import erasing


@task(erasing.JOB, quick=True)
def erase(run: Run) -> dict[str, Any]:
    """Delete the last copy of what the erasure `run.key` took away, unless it was taken back."""
    with run.database.session() as session:
        person_id = str(run.payload["person"])
        return {"texts": erasing.finish(session, run.now(), person_id, run.key, wording.FIRST_LANGUAGE)}
