"""Background work: consent that is a year old ends."""

from typing import Any

from lti_tool.consent import service
from lti_tool.jobs import Run, task


@task("expire_consent")
def expire_consent(run: Run) -> dict[str, Any]:
    """End what has lapsed, and erase what lived by it (P19)."""
    with run.database.session() as session:
        return {"ended": service.expire(session, run.now())}
