"""What runs when: the one table of scheduled jobs, and the modules whose tasks a worker can run."""

from datetime import UTC, datetime
from importlib import import_module

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import quiet_hours
from lti_tool.ingest import breaker
from lti_tool.jobs.schedule import Entry, daily, every
from lti_tool.launch.courses import active, registration_of
from lti_tool.launch.stopping import stop_of
from lti_tool.launch.tables import Institution
from lti_tool.reflections.waiting import courses_that_wait
from lti_tool.scoring import wall
from lti_tool.settings import Settings

TASKS = (
    "lti_tool.catching_up",
    "lti_tool.launch.tasks",
    "lti_tool.consent.tasks",
    "lti_tool.consent.ledger_tasks",
    "lti_tool.ingest.tasks",
    "lti_tool.reflections.tasks",
    "lti_tool.scoring.tasks",
    "lti_tool.scoring.attribution",
    "lti_tool.insights.tasks",
    "lti_tool.retraining.tasks",
    "lti_tool.retraining.drift_task",
    "lti_tool.rights.retention_tasks",
    "lti_tool.rights.tasks",
)

SWEEP_SECONDS = 3600
"""How often posts are looked for that an earlier scoring missed."""
CATCHING_UP_SECONDS = 900
"""How often it is looked whether something was due and not queued, as when the machine slept."""
EXPIRY_AT = "01:00"
"""When consent that is a year old ends: before the nightly retraining, so that it trains without it."""
MODELS_AT = "01:30"
"""When it is looked whether the serving model holds withdrawn texts or dropped labels: after consent has ended, before
the retraining."""
RETENTION_AT = "01:30"
"""When what is over is deleted: after consent has ended and before the nightly retraining."""
LEDGER_AT = "00:45"
"""When the record of choices is checked and sealed: before the night's work adds to it."""
KEYS_AT = "00:30"
"""When the signing keys are looked after."""
DISAGREEMENT_AT = "02:00"
"""When it is looked whether people disagree more since the last change of the model: before a run changes it again."""
DRIFT_AT = "03:30"
"""When, on Mondays, the texts of the last week are compared with those before."""


def load_tasks() -> None:
    """Import every part's tasks, which registers them."""
    for module in TASKS:
        import_module(module)


def entries(settings: Settings) -> list[Entry]:
    """The schedule of this installation."""
    always = [
        Entry("catch_up", every(CATCHING_UP_SECONDS), installation),
        Entry("pull", every(settings.pull_seconds), readable_courses),
        Entry("reflections", every(settings.pull_seconds), courses_that_wait),
        Entry("tend_reflections", every(settings.snapshot_seconds), installation),
        Entry("score", every(SWEEP_SECONDS), active_courses),
        Entry("snapshot", every(settings.snapshot_seconds), pictured_courses),
        Entry("expire_consent", daily(EXPIRY_AT), installation),
        Entry("check_models", daily(MODELS_AT), installation),
        Entry("turn_keys", daily(KEYS_AT), installation),
        Entry("tend_ledger", daily(LEDGER_AT), installation),
        Entry("retention", daily(RETENTION_AT), installation),
        Entry("watch_disagreement", daily(DISAGREEMENT_AT), scopes),
        Entry("watch_drift", mondays(DRIFT_AT), institutions),
    ]
    if settings.retrain_on_request_only:
        return always
    at = quiet_hours.start_after(quiet_hours.of(settings), settings.retrain_at)
    return [*always, Entry("retrain", daily(at), scopes)]


def mondays(at: str) -> BaseTrigger:
    """A trigger at "HH:MM" UTC each Monday."""
    hour, minute = at.split(":")
    return CronTrigger(day_of_week="mon", hour=int(hour), minute=int(minute), timezone=UTC)


def active_courses(session: Session, now: datetime) -> list[str]:
    """Ids of the courses that are in use and not switched off: only these are pulled and scored."""
    return [course.id for course in active(session, now) if stop_of(session, now, course.id) is None]


def pictured_courses(session: Session, now: datetime) -> list[str]:
    """Courses whose picture is made anew: also one that is switched off, so that no withdrawn number outlives it."""
    return [course.id for course in active(session, now)]


def readable_courses(session: Session, now: datetime) -> list[str]:
    """Of the active courses those whose LMS answers: one that is broken is left alone for a while."""
    paused = breaker.paused(session, now)
    return [
        course.id
        for course in active(session, now)
        if (not paused or registration_of(session, course).id not in paused)
        and stop_of(session, now, course.id) is None
    ]


def installation(session: Session, now: datetime) -> list[str]:
    """One job for the whole installation."""
    return [""]


def institutions(session: Session, now: datetime) -> list[str]:
    """Ids of the institutions that are switched on."""
    return list(
        session.scalars(select(Institution.id).where(Institution.mode != "off").order_by(Institution.id))
    )


def scopes(session: Session, now: datetime) -> list[str]:
    """One job for each institution, or one for the installation where that serves a single one (P61)."""
    return [scope or "" for scope in wall.scopes(session)]
