"""The administrator's page "Help": what students read on every page, and what staff do about a worrying text."""

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from lti_tool.errors import FieldError
from lti_tool.launch import caring, languages
from lti_tool.launch.admin_pages import admin_page
from lti_tool.launch.caring import Protocol
from lti_tool.launch.fields import takes
from lti_tool.launch.help_contacts import FIELDS, HelpBlock
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Institution
from lti_tool.launch.views_admin import said
from lti_tool.storage.request import now, request_session

bp = launch_blueprint("care", __name__, roles=("administrator",))
admin_page("care.page", _l("Help"), 15)

Answer = Response | tuple[str, int]
PROTOCOL = ("steps", "contacts", "address")


@bp.get("/care")
def page() -> str:
    """What stands there now, and both forms."""
    return _page(None)


@bp.post("/care/help")
@takes("language", *FIELDS)
def set_help() -> Answer:
    block = HelpBlock(**{name: request.form.get(name, "") for name in FIELDS})
    try:
        caring.set_help(
            request_session(),
            now(),
            _institution(),
            request.form.get("language", ""),
            block,
            current().person_id,
        )
    except FieldError as error:
        return _page(error), int(error.status)
    return redirect(url_for("care.page"), 303)


@bp.post("/care/protocol")
@takes(*PROTOCOL)
def set_protocol() -> Answer:
    given = Protocol(**{name: request.form.get(name, "") for name in PROTOCOL})
    try:
        caring.set_protocol(request_session(), now(), _institution(), given, current().person_id)
    except FieldError as error:
        return _page(error), int(error.status)
    return redirect(url_for("care.page"), 303)


def _institution() -> Institution:
    return request_session().get_one(Institution, current().institution_id)


def _page(fault: FieldError | None) -> str:
    institution = _institution()
    return render_template(
        "launch/care.html",
        institution=institution,
        protocol=caring.protocol_of(institution),
        languages=languages.names(),
        default=current().help_contacts,
        fault=said(fault),
        values=request.form,
    )
