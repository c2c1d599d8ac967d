"""The administrator's page "Connection": the platforms, a check, what instructors may see, who administers."""

from typing import cast

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool.errors import FieldError
from lti_tool.launch import ages, courses, institutions, operators
from lti_tool.launch import connection as service
from lti_tool.launch.admin_pages import bp
from lti_tool.launch.fields import takes
from lti_tool.launch.institutions import Decision
from lti_tool.launch.pages import current
from lti_tool.launch.platform_keys import KeySets
from lti_tool.launch.tables import Institution, Registration
from lti_tool.storage.request import now, request_session, wiring

DECISION = ("mode", "approver", "reason", "office", "assessment", "memo", "ages")


@bp.get("/connection")
def connection() -> str:
    """Everything at a glance."""
    session = request_session()
    institution = session.get_one(Institution, current().institution_id)
    return render_template(
        "launch/connection.html",
        institution=institution,
        decided=institutions.is_decided(institution),
        described=service.described(session, institution.id, lms()),
        administrators=operators.listed(session, institution.id),
        own_index=operators.index_of_launch(session, current().id),
    )


@bp.get("/connection/mode")
def mode() -> str:
    """The decision in force, and a form for another."""
    return _mode_page(None)


@bp.post("/connection/mode")
@takes(*DECISION)
def decide() -> Response | tuple[str, int]:
    """Put a decision into force; it shows on every page at once (P2)."""
    session = request_session()
    institution = session.get_one(Institution, current().institution_id)
    try:
        institutions.decide(session, now(), institution, decision_of_form(), current().person_id)
    except FieldError as error:
        return _mode_page(error), error.status
    return redirect(url_for("launch_admin.connection"), 303)


@bp.post("/connection/courses/<course_id>/ages")
@takes("ages")
def course_ages(course_id: str) -> Response:
    """Mark a course as one in which somebody may be under 18, or take the mark off (P22)."""
    launch, session, minors = current(), request_session(), request.form.get("ages") == "minors"
    ages.set_course(
        session,
        now(),
        launch.institution_id,
        courses.one_seen_from(session, launch.institution_id, launch.course_id, course_id).id,
        may_hold_minors=minors,
        actor_id=launch.person_id,
    )
    return redirect(url_for("launch_admin.mode"), 303)


def _mode_page(fault: FieldError | None) -> str:
    institution = request_session().get_one(Institution, current().institution_id)
    return render_template(
        "launch/mode.html",
        institution=institution,
        courses=courses.seen_from(request_session(), institution.id, current().course_id),
        fault=said(fault),
        values=request.form,
    )


def said(fault: FieldError | None) -> str:
    """What did not fit, in the page's language; the form is shown again with what was filled in."""
    return str(_(fault.words)) if fault else ""


def decision_of_form() -> Decision:
    """What the form's fields say; nothing is preselected, so an untouched form holds no mode."""
    return Decision(**{name: request.form.get(name, "") for name in DECISION})


def check_lines(registration: Registration) -> list[service.Line]:
    """Try a platform now. Calls go out, so no transaction of this request is open."""
    place = wiring()
    with place.database.reading() as session:
        course = service.course_to_check(session, registration, current().course_id)
    key_sets = cast(KeySets, current_app.extensions["undertone_key_sets"])
    tried = service.check(place.database, place.settings, key_sets, lms(), now(), registration, course)
    framed = request.headers.get("Sec-Fetch-Dest") == "iframe"
    return [*tried, service.frame_line(inside=framed)]


def lms() -> service.Lms:
    return cast(service.Lms, current_app.extensions["undertone_lms"])
