"""What runs when: the one table of scheduled jobs, and the modules whose tasks a worker can run."""

from datetime import datetime
from importlib import import_module

from sqlalchemy.orm import Session

from lti_tool.jobs.schedule import Entry, daily, every
from lti_tool.launch.courses import active
from lti_tool.settings import Settings

TASKS = (
    "lti_tool.launch.tasks",
    "lti_tool.consent.tasks",
    "lti_tool.ingest.tasks",
    "lti_tool.scoring.tasks",
    "lti_tool.insights.tasks",
    "lti_tool.retraining.tasks",
)

SWEEP_SECONDS = 3600
"""How often posts are looked for that an earlier scoring missed."""
EXPIRY_AT = "01:00"
"""When consent that is a year old ends: before the nightly retraining, so that it trains without it."""
KEYS_AT = "00:30"
"""When the signing keys are looked after."""


def load_tasks() -> None:
    """Import every part's tasks, which registers them."""
    for module in TASKS:
        import_module(module)


def entries(settings: Settings) -> list[Entry]:
    """The schedule of this installation."""
    always = [
        Entry("pull", every(settings.pull_seconds), active_courses),
        Entry("score", every(SWEEP_SECONDS), active_courses),
        Entry("snapshot", every(settings.snapshot_seconds), active_courses),
        Entry("expire_consent", daily(EXPIRY_AT), installation),
        Entry("turn_keys", daily(KEYS_AT), installation),
    ]
    if settings.retrain_on_request_only:
        return always
    return [*always, Entry("retrain", daily(settings.retrain_at), installation)]


def active_courses(session: Session, now: datetime) -> list[str]:
    """Ids of the courses that are in use: only these are pulled, scored and pictured."""
    return [course.id for course in active(session, now)]


def installation(session: Session, now: datetime) -> list[str]:
    """One job for the whole installation."""
    return [""]
