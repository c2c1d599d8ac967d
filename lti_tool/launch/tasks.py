"""Background work: our signing keys change in time."""

from typing import Any

from lti_tool.jobs import Run, task
from lti_tool.launch import keys


@task("turn_keys")
def turn_keys(run: Run) -> dict[str, Any]:
    """Publish the next key when its time has come, and retire what signs no more (S11)."""
    with run.database.session() as session:
        keys.turn(session, run.now())
    return {}
