"""One request to the data-protection staff: what is known, what was done, and doing it (P42).

Nobody's texts are handed out here: an administrator may teach, and what a file holds would tell who agreed (P14). The
operator makes the copy with a command.
"""

from datetime import UTC, datetime

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from lti_tool.consent.wording import FIRST_LANGUAGE
from lti_tool.errors import FieldError
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current
from lti_tool.rights import requests
from lti_tool.rights.requests_tables import DataRequest
from lti_tool.rights.views_admin import Answer
from lti_tool.rights.views_admin import bp as bp
from lti_tool.storage.request import now, request_session


@bp.post("/protection/requests")
@takes("kind", "lms_user", "received")
def record_request() -> Answer:
    """Record a request and open its page."""
    launch, form = current(), request.form
    try:
        made = requests.record(
            request_session(),
            now(),
            launch.institution_id,
            form.get("kind", ""),
            form.get("lms_user", ""),
            launch.person_id,
            _day(form.get("received", "")),
        )
    except FieldError as fault:
        return render_template(
            "rights/admin_request_new.html", kinds=requests.KINDS, values=form, fault=str(_(fault.words))
        ), int(fault.status)
    return redirect(url_for("rights_admin.one_request", request_id=made.id), 303)


@bp.get("/protection/requests/new")
def new_request() -> str:
    """The form for a request."""
    return render_template("rights/admin_request_new.html", kinds=requests.KINDS, values={}, fault="")


@bp.get("/protection/requests/<request_id>")
def one_request(request_id: str) -> str:
    return _page(_own(request_id))


@bp.post("/protection/requests/<request_id>/erase")
@takes("sure")
def erase(request_id: str) -> Answer:
    """Erase the person in every course, once the box was ticked."""
    found = _own(request_id)
    if request.form.get("sure") != "yes":
        return _page(found, _("Tick the box: this cannot be undone. Nothing was erased.")), 400
    language = str(get_locale() or FIRST_LANGUAGE)
    requests.erase(request_session(), now(), found, current().person_id, language)
    return redirect(url_for("rights_admin.one_request", request_id=found.id), 303)


@bp.post("/protection/requests/<request_id>/close")
@takes("state", "words")
def close(request_id: str) -> Answer:
    """End a request with what was answered, or add a note to it."""
    found, form = _own(request_id), request.form
    session, words, actor_id = request_session(), form.get("words", ""), current().person_id
    try:
        if form.get("state") == "open":
            requests.note(session, now(), found, words, actor_id)
        else:
            requests.close(session, now(), found, form.get("state", ""), words, actor_id)
    except FieldError as fault:
        return _page(found, str(_(fault.words))), int(fault.status)
    return redirect(url_for("rights_admin.one_request", request_id=found.id), 303)


def _own(request_id: str) -> DataRequest:
    return requests.one(request_session(), current().institution_id, request_id)


def _page(found: DataRequest, fault: str = "") -> str:
    session = request_session()
    return render_template(
        "rights/admin_request.html",
        one=found,
        courses=len(requests.subjects(session, found)),
        late=found.state == "open" and found.due_at < now(),
        fault=fault,
    )


def _day(said: str) -> datetime | None:
    """The day that a date field names, from midnight UTC; None when it was left empty."""
    if not said:
        return None
    try:
        return datetime.strptime(said, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise FieldError(
            "The date must be a day, such as 2026-11-30. Nothing was saved.", "received"
        ) from None
