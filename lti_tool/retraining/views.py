"""The administrator's "Model" page: what serves and why, the last run in words, "Run now", and the way back."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.audit import record
from lti_tool.disclosure import rules
from lti_tool.errors import UndertoneError
from lti_tool.jobs import Job
from lti_tool.jobs import latest as latest_job
from lti_tool.launch.pages import current
from lti_tool.retraining import by_hand, provenance, service, views_care
from lti_tool.retraining.blueprint import bp, scope
from lti_tool.retraining.provenance import HoldsWithdrawnError
from lti_tool.retraining.report_words import told
from lti_tool.retraining.words import (
    rule_rows,
    step_words,
    verdict_words,
    who_words,
    why_words,
)
from lti_tool.scoring import serving
from lti_tool.scoring.errors import NoModelError, NothingBeforeError
from lti_tool.scoring.tables import ModelVersion
from lti_tool.storage.request import now, request_session, wiring

__all__ = ["bp"]


@bp.app_template_filter()
def in_steps(job: Job) -> dict[str, Any]:
    """A run's progress in steps of five percent: its items would tell how many corrections it learns from (P14)."""
    done = rules.percent(job.done, job.total) if job.total else 0
    return {"step": job.step, "kind": job.kind, "done": done, "total": 100 if job.total else 0}


for _words in (step_words, who_words, why_words):
    bp.add_app_template_filter(_words)


class NotBackError(UndertoneError):
    """The same whatever the cause, so that pressing the button does not tell of a withdrawal (P14)."""

    code = "not_back"
    status = HTTPStatus.CONFLICT
    words = (
        "There is no version to go back to that may still serve. Whoever runs this tool can say more. Nothing was "
        "changed."
    )


@bp.get("/model")
def model() -> str:
    """Serving model, last report, history."""
    session = request_session()
    run = service.latest(session, scope())
    return render_template(
        "retraining/model.html",
        version=_serving(session),
        oldest=provenance.OLDEST.days,
        history=_history(session),
        run=run,
        verdict=verdict_words(run.report) if run else "",
        told=told(run.report) if run else None,
        rules=rule_rows(run.report) if run else [],
        can_go_back=serving.before(session, scope()) is not None,
        job=_job(session),
        at=wiring().settings.retrain_at,
        least=service.least_corrections(wiring().settings),
        **views_care.shown(session),
    )


@bp.get("/model/progress")
def progress() -> str:
    """The fragment that the page asks for while a run is under way."""
    return render_template("retraining/progress.html", job=_job(request_session()))


@bp.post("/model/run")
def run_now() -> Response:
    """Queue a run; a second one while one is under way is refused in words."""
    session, launch = request_session(), current()
    service.request(session, now(), timedelta(seconds=wiring().settings.job_lease_seconds), scope())
    record(
        session,
        now(),
        "retraining_requested",
        institution_id=launch.institution_id,
        actor_id=launch.person_id,
    )
    return redirect(url_for("retraining.model"), 303)


@bp.get("/model/rollback")
def confirm_rollback() -> str:
    """What going back would do, before it is done."""
    if serving.before(request_session(), scope()) is None:
        raise NotBackError
    return render_template("retraining/rollback.html")


@bp.post("/model/rollback")
def rollback() -> Response:
    """Go back, which also answers a proposal to do so."""
    try:
        by_hand.roll_back(request_session(), now(), "administrator", scope(), current().person_id)
    except (NothingBeforeError, HoldsWithdrawnError):
        raise NotBackError from None
    return redirect(url_for("retraining.model"), 303)


def _job(session: Session) -> Job | None:
    """The newest run's job; one that waits for the quiet hours to end is not under way."""
    job = latest_job(session, service.KIND, scope() or "")
    waits = job is not None and job.not_before is not None and job.not_before > now()
    return None if waits else job


def _serving(session: Session) -> ModelVersion | None:
    try:
        return serving.serving(session, current().institution_id)
    except NoModelError:
        return None


def _history(session: Session) -> list[dict[str, Any]]:
    """Moves of the pointer, newest first, each with its version."""
    moves = serving.history(session, scope())
    return [
        {"move": move, "version": session.get_one(ModelVersion, move.version_id)} for move in reversed(moves)
    ]
