"""Erasing with ten seconds to take it back, pausing, and objecting. Every page works without scripts."""

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from lti_tool.consent import service as consent
from lti_tool.consent import wording
from lti_tool.errors import InvalidInputError, NotFoundError
from lti_tool.launch.fields import takes
from lti_tool.launch.limits import corrections_limited
from lti_tool.launch.pages import current
from lti_tool.rights import erasing, export, objecting, own_texts, pausing
from lti_tool.rights.blueprint import bp
from lti_tool.storage.request import now, request_session

ALL: tuple[erasing.Scope, ...] = ("texts", "person")


@bp.get("/texts/<post_id>/erase")
def confirm_erasing(post_id: str) -> str:
    """What erasing one text does, before it is done."""
    launch = current()
    text = own_texts.one(request_session(), launch.person_id, launch.course_id, post_id)
    return render_template("rights/erase.html", text=text)


@bp.post("/texts/<post_id>/erase")
@corrections_limited
def erase(post_id: str) -> Response:
    launch = current()
    asked = erasing.ask(request_session(), now(), launch.person_id, launch.course_id, "text", post_id)
    return redirect(url_for("rights.erasure", erasure_id=asked.id), 303)


@bp.get("/data/erase")
def confirm_erasing_all() -> str:
    """Both ways to erase everything, and what each does."""
    launch, session = current(), request_session()
    return render_template(
        "rights/erase_all.html",
        counts=export.counts(session, launch.person_id),
        reads=consent.choices(session, launch.person_id).a,
        missing=False,
    )


@bp.post("/data/erase")
@takes("scope")
@corrections_limited
def erase_all() -> Response | tuple[str, int]:
    launch, session, scope = current(), request_session(), request.form.get("scope")
    if scope not in ALL:
        counts, reads = (
            export.counts(session, launch.person_id),
            consent.choices(session, launch.person_id).a,
        )
        return render_template("rights/erase_all.html", counts=counts, reads=reads, missing=True), 422
    asked = erasing.ask(session, now(), launch.person_id, launch.course_id, scope)
    return redirect(url_for("rights.erasure", erasure_id=asked.id), 303)


@bp.get("/data/erasures/<erasure_id>")
def erasure(erasure_id: str) -> str:
    """What is hidden, until when it can be brought back, or what became of it."""
    return _erasure(erasure_id, "rights/erasure.html")


@bp.get("/data/erasures/<erasure_id>/state")
def erasure_state(erasure_id: str) -> str:
    """The fragment that the page asks for while it waits."""
    return _erasure(erasure_id, "rights/erasure_state.html")


@bp.post("/data/erasures/<erasure_id>/undo")
def undo_erasing(erasure_id: str) -> Response:
    erasing.undo(request_session(), now(), current().person_id, erasure_id)
    return redirect(url_for("rights.erasure", erasure_id=erasure_id), 303)


@bp.get("/data/pause")
def confirm_pause() -> str:
    """What pausing does, or going on."""
    launch, session = current(), request_session()
    return render_template(
        "rights/pause.html",
        on_pause=pausing.is_paused(session, launch.person_id),
        reads=consent.choices(session, launch.person_id).a,
    )


@bp.post("/data/pause")
@takes("value")
@corrections_limited
def pause() -> Response:
    """Pause or go on; a form that is out of date asks for what stands already and changes nothing."""
    launch, session, value = current(), request_session(), request.form.get("value")
    if value not in ("pause", "resume"):
        raise InvalidInputError
    act = pausing.pause if value == "pause" else pausing.resume
    act(session, now(), launch.person_id, str(get_locale() or wording.FIRST_LANGUAGE))
    return redirect(url_for("rights.my_data", told="paused" if value == "pause" else "resumed"), 303)


@bp.get("/data/object")
def objection() -> str:
    return render_template("rights/object.html", about=objecting.ABOUT, missing=False)


@bp.post("/data/object")
@takes("about")
@corrections_limited
def object_() -> Response | tuple[str, int]:
    about = request.form.get("about")
    if about not in objecting.ABOUT:
        return render_template("rights/object.html", about=objecting.ABOUT, missing=True), 422
    objecting.make(request_session(), now(), current(), about)
    return redirect(url_for("rights.my_data", told="objected"), 303)


def _erasure(erasure_id: str, template: str) -> str:
    person_id, session = current().person_id, request_session()
    outcome = erasing.outcome(session, person_id, erasure_id)
    row = next((own for own in erasing.waiting(session, person_id) if own.id == erasure_id), None)
    if outcome == "waiting" and row is None:
        raise NotFoundError
    return render_template(template, outcome=outcome, erasure=row, erasure_id=erasure_id)
