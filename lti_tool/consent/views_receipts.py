"""Receipts, the published keys that verify them, and the page about changed words."""

import json
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import asking_again, controllers, receipts, showing, signing
from lti_tool.consent.marking import marked
from lti_tool.consent.words import event_word
from lti_tool.launch.admin_pages import admin_notice
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Institution
from lti_tool.storage.request import now, request_session, wiring

bp = launch_blueprint("receipts", __name__, roles=("student",))
public_bp = Blueprint("receipt_keys", __name__, url_prefix="/consent")


@public_bp.get("/keys.json")
def keys() -> tuple[dict[str, Any], int]:
    """The keys that verify receipts, as a JWK Set: the present one and all that were retired (P26)."""
    return signing.published(), 200


@bp.get("/choices/receipts/<event_id>")
def receipt(event_id: str) -> str:
    """One receipt to read and to print."""
    found = receipts.of(request_session(), current().person_id, event_id)
    return render_template(
        "consent/receipt.html", receipt=found, event=event_word(found["event"]["state"]), event_id=event_id
    )


@bp.get("/choices/receipts/<event_id>.json")
def download(event_id: str) -> Response:
    """The same, signed, as a file."""
    found = receipts.of(request_session(), current().person_id, event_id)
    body = json.dumps(receipts.signed(found), ensure_ascii=False, indent=2)
    name = f"receipt-{found['receipt_id'][:8]}.json"
    return Response(
        body + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.get("/choices/changed")
def changed() -> Response | str:
    """Words that changed since the person's answer: the choice page again after a material change, else a notice."""
    launch = current()
    with wiring().database.session() as session:
        waiting = asking_again.pending(session, launch.person_id)
        if waiting is None:
            return redirect(url_for("consent.landing"))
        asking_again.note(session, now(), launch.person_id, launch.course_id, showing.language())
        text = {**showing.text(session, waiting.since), "asked_again": waiting.material}
        if not waiting.material:
            return render_template("consent/changed.html", text=text)
        drawn_from = showing.revision(session)
        return render_template("consent/choose.html", text=text, given={}, problems={}, revision=drawn_from)


def is_asked_again() -> bool:
    """Whether something of the person of this page is paused until they answer to changed words."""
    waiting = asking_again.pending(request_session(), current().person_id)
    return waiting is not None and waiting.material


bp.add_app_template_global(marked)
bp.add_app_template_global(is_asked_again)


@admin_notice
def broken_ledger(session: Session, _institution_id: str) -> list[str]:
    """Tell every administrator of the installation: whose line was touched is for the operator to find out."""
    newest = select(AuditEvent.code).where(AuditEvent.event == "ledger_verified")
    if session.scalars(newest.order_by(AuditEvent.at.desc()).limit(1)).first() != "broken":
        return []
    return [
        _(
            "The record of choices was changed from outside the tool. Ask whoever runs it to run `undertone ledger "
            "verify`, which names the place."
        )
    ]


@admin_notice
def unstated_controller(session: Session, institution_id: str) -> list[str]:
    """Every receipt says who is responsible, so somebody has to (P24); not before anything is asked at all."""
    institution = session.get_one(Institution, institution_id)
    if institution.mode == "off" or not controllers.missing(session, institution_id, now()):
        return []
    return [
        _(
            "Receipts of choices do not say yet who is responsible and how to reach them. Whoever runs the tool "
            "states it with `undertone institution controller`."
        )
    ]
