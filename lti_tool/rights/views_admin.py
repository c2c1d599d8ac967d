"""The administrator's page "Data protection": the off switch, what was deleted, and requests (P42, P62, P64)."""

from datetime import datetime

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.errors import FieldError
from lti_tool.launch import courses, stopping
from lti_tool.launch.admin_pages import admin_notice, admin_page
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Course, Institution
from lti_tool.rights import admin_words, requests, retention_choices, retention_report
from lti_tool.storage.request import now, request_session

bp = launch_blueprint("rights_admin", __name__, roles=("administrator",))
admin_page("rights_admin.overview", _l("Data protection"), 60)

for _words in (
    admin_words.kind_name,
    admin_words.request_name,
    admin_words.request_state,
    admin_words.act_name,
    admin_words.undone_words,
):
    bp.add_app_template_filter(_words)

Answer = Response | str | tuple[str, int]


@bp.get("/protection")
def overview() -> str:
    """Everything at a glance."""
    return _page()


@bp.post("/protection/switch")
@takes("reason")
def switch_institution() -> Answer:
    """Stop everything for the institution, or start it again in the mode it had."""
    session, launch = request_session(), current()
    institution, reason = session.get_one(Institution, launch.institution_id), request.form.get("reason", "")
    act = stopping.resume_institution if institution.mode == "off" else stopping.stop_institution
    try:
        act(session, now(), institution, reason, launch.person_id)
    except FieldError as fault:
        return _page(fault), int(fault.status)
    return redirect(url_for("rights_admin.overview"), 303)


@bp.post("/protection/courses/<course_id>/switch")
@takes("reason")
def switch_course(course_id: str) -> Answer:
    """The same for one course."""
    session, launch = request_session(), current()
    course = courses.one_seen_from(session, launch.institution_id, launch.course_id, course_id)
    act = stopping.resume_course if stopping.is_stopped(session, course.id) else stopping.stop_course
    try:
        act(session, now(), course, request.form.get("reason", ""), launch.person_id)
    except FieldError as fault:
        return _page(fault), int(fault.status)
    return redirect(url_for("rights_admin.overview"), 303)


@admin_notice
def late_requests(session: Session, institution_id: str) -> list[str]:
    """Requests past their date are told on every administrator's page (P42)."""
    late = requests.overdue(session, now(), institution_id)
    if not late:
        return []
    words = ngettext(
        "%(num)d request of a person about their data is overdue. It is on the page “Data protection”.",
        "%(num)d requests of people about their data are overdue. They are on the page “Data protection”.",
        late,
    )
    return [str(words)]


def _page(fault: FieldError | None = None) -> str:
    session, launch = request_session(), current()
    institution = session.get_one(Institution, launch.institution_id)
    return render_template(
        "rights/admin_overview.html",
        institution=institution,
        before=stopping.decision_before(institution),
        courses=[(course, _stops(course.id)) for course in _courses()],
        report=retention_report.newest(session, institution.id),
        days=retention_choices.days_of(session, institution.id),
        requests=requests.listed(session, institution.id),
        kinds=requests.KINDS,
        now=now(),
        fault=str(_(fault.words)) if fault else "",
        values={},
    )


def _courses() -> list[Course]:
    return courses.seen_from(request_session(), current().institution_id, current().course_id)


def _stops(course_id: str) -> list[tuple[str, datetime, datetime | None]]:
    rows = stopping.history(request_session(), course_id)
    return [(row.reason, row.stopped_at, row.resumed_at) for row in rows]
