"""Background work: consent that is a year old ends."""

from typing import Any

from lti_tool.consent import service
from lti_tool.jobs import Run, task


@task("expire_consent")
def expire_consent(run: Run) -> dict[str, Any]:
    """End what has lapsed, and erase what lived by it (P19)."""
    now, ended = run.now(), 0
    with run.database.reading() as session:
        people = service.lapsed(session, now)
    for place, person_id in enumerate(people):
        with run.database.session() as session:
            ended += service.expire(session, now, person_id)
        run.tell("Ending consent that is a year old", place + 1, len(people))
    return {"ended": ended}
