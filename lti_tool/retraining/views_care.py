"""Pinning, answering a proposal to go back, ending a run, what drifts, and the papers of one version."""

from typing import Any

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.audit import record
from lti_tool.errors import NotFoundError
from lti_tool.launch.pages import current
from lti_tool.retraining import by_hand, drift_task, papers, proposing, service
from lti_tool.retraining.blueprint import bp, scope
from lti_tool.retraining.care_words import drift_rows, drift_sentences, proposal_words
from lti_tool.scoring import pinning, serving
from lti_tool.scoring.tables import ModelVersion
from lti_tool.storage.request import now, request_session


def shown(session: Session) -> dict[str, Any]:
    """What the Model page says of these besides the rest."""
    proposal = proposing.open_proposal(session, scope())
    report = drift_task.latest(session, current().institution_id)
    shifts = report.body.get("shifts", []) if report else []
    return {
        "pin": pinning.pin_of(session, scope()),
        "proposal": proposal_words(proposal.figures) if proposal else "",
        "drift": report,
        "drift_sentences": drift_sentences(shifts) if shifts else [],
        "drift_rows": drift_rows(shifts),
    }


@bp.post("/model/pin")
def pin() -> Response:
    """Let what serves stay, whatever the night finds."""
    session, launch = request_session(), current()
    version = serving.serving(session, scope())
    by_hand.pin(session, now(), version, "administrator", scope(), launch.person_id)
    return redirect(url_for("retraining.model"), 303)


@bp.post("/model/unpin")
def unpin() -> Response:
    """From now on a better version may serve again."""
    pinning.unpin(request_session(), now(), scope(), current().person_id)
    return redirect(url_for("retraining.model"), 303)


@bp.post("/model/keep")
def keep() -> Response:
    """Answer a proposal to go back with no."""
    session, launch = request_session(), current()
    if proposing.answer(session, now(), "kept", scope()):
        record(
            session,
            now(),
            "proposal_kept",
            institution_id=launch.institution_id,
            actor_id=launch.person_id,
        )
    return redirect(url_for("retraining.model"), 303)


@bp.post("/model/cancel")
def cancel() -> Response:
    """End the run under way: it comes to a decision within seconds, and the model serves on."""
    session, launch = request_session(), current()
    service.cancel(session, now(), "administrator", scope())
    record(
        session,
        now(),
        "retraining_cancelled",
        institution_id=launch.institution_id,
        actor_id=launch.person_id,
    )
    return redirect(url_for("retraining.model"), 303)


@bp.get("/model/versions/<version_id>")
def version(version_id: str) -> str:
    """The card and the datasheet of a version that serves or served here; NotFoundError for any other (P61)."""
    session = request_session()
    served = {move.version_id for move in serving.history(session, scope())}
    if version_id not in served:
        raise NotFoundError
    found = session.get_one(ModelVersion, version_id)
    return render_template("retraining/version.html", version=found, paper=papers.paper_of(session, found))
