"""The administrator's "Model" page: what serves and why, the last run in words, "Run now", and the way back."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.audit import record
from lti_tool.disclosure import rules
from lti_tool.errors import NotAllowedError, UndertoneError
from lti_tool.jobs import Job
from lti_tool.jobs import latest as latest_job
from lti_tool.launch import institutions
from lti_tool.launch.admin_pages import admin_page
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.retraining import provenance, service
from lti_tool.retraining.provenance import HoldsWithdrawnError
from lti_tool.retraining.words import (
    rule_rows,
    step_words,
    verdict_words,
    who_words,
    why_words,
)
from lti_tool.scoring import serving
from lti_tool.scoring.errors import NoModelError, NothingBeforeError
from lti_tool.scoring.tables import ModelVersion, Serving
from lti_tool.storage.request import now, request_session, wiring

bp = launch_blueprint("retraining", __name__, roles=("administrator",))
admin_page("retraining.model", _l("Model"), 30)


@bp.app_template_filter()
def in_steps(job: Job) -> dict[str, Any]:
    """A run's progress in steps of five percent: its items would tell how many corrections it learns from (P14)."""
    done = rules.percent(job.done, job.total) if job.total else 0
    return {"step": job.step, "kind": job.kind, "done": done, "total": 100 if job.total else 0}


for _words in (step_words, who_words, why_words):
    bp.add_app_template_filter(_words)


class SharedModelError(NotAllowedError):
    code = "shared_model"
    words = (
        "This installation serves several institutions with one model, so only its operator retrains it or goes "
        "back, with “undertone retrain” and “undertone rollback”. Nothing was changed."
    )


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
    run = service.latest(session)
    return render_template(
        "retraining/model.html",
        version=_serving(session),
        oldest=provenance.OLDEST.days,
        history=_history(session),
        run=run,
        verdict=verdict_words(run.report) if run else "",
        rules=rule_rows(run.report) if run else [],
        can_go_back=serving.before(session) is not None,
        alone=institutions.is_only_one(session),
        job=latest_job(session, service.KIND),
        at=wiring().settings.retrain_at,
        least=wiring().settings.retrain_least_corrections,
    )


@bp.get("/model/progress")
def progress() -> str:
    """The fragment that the page asks for while a run is under way."""
    return render_template("retraining/progress.html", job=latest_job(request_session(), service.KIND))


@bp.post("/model/run")
def run_now() -> Response:
    """Queue a run; a second one while one is under way is refused in words."""
    session, launch = _of_one_institution(), current()
    service.request(session, now(), timedelta(seconds=wiring().settings.job_lease_seconds))
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
    if serving.before(_of_one_institution()) is None:
        raise NotBackError
    return render_template("retraining/rollback.html")


@bp.post("/model/rollback")
def rollback() -> Response:
    session, launch = _of_one_institution(), current()
    try:
        provenance.roll_back(session, now(), who="administrator")
    except (NothingBeforeError, HoldsWithdrawnError):
        raise NotBackError from None
    record(session, now(), "rolled_back", institution_id=launch.institution_id, actor_id=launch.person_id)
    return redirect(url_for("retraining.model"), 303)


def _of_one_institution() -> Session:
    """The request's session; raises SharedModelError where the model reads for other institutions too (S22)."""
    session = request_session()
    if not institutions.is_only_one(session):
        raise SharedModelError
    return session


def _serving(session: Session) -> ModelVersion | None:
    try:
        return serving.serving(session, current().institution_id)
    except NoModelError:
        return None


def _history(session: Session) -> list[dict[str, Any]]:
    """Moves of the pointer, newest first, each with its version."""
    rows = session.execute(
        select(Serving, ModelVersion)
        .join(ModelVersion, ModelVersion.id == Serving.version_id)
        .where(Serving.institution_id.is_(None))
        .order_by(Serving.number.desc())
    )
    return [{"move": move, "version": version} for move, version in rows]
