"""The page where a student writes: the prompt, what happens with the text, an editor that works without scripts."""

from typing import Any

from flask import jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import format_time
from werkzeug.wrappers import Response

from lti_tool.consent import service as consent
from lti_tool.errors import InvalidInputError, NotFoundError
from lti_tool.launch.fields import takes
from lti_tool.launch.limits import texts_limited
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.reflections import pipeline, service, words, writing, zones
from lti_tool.reflections.errors import PausedError, WindowsDifferError
from lti_tool.reflections.tables import Reflection, ReflectionText
from lti_tool.storage.request import now, request_session, wiring
from model.languages import word_count

bp = launch_blueprint("reflections", __name__, roles=("student",))
bp.add_app_template_filter(zones.told, "on_clock")

Answer = Response | str


@bp.get("/writing")
def opened() -> Answer:
    """The activity of the link that was opened: after the choice page, once an instructor has set it (U8)."""
    launch = current()
    if not launch.link_key:
        raise NotFoundError
    if _must_go_first():
        return redirect(url_for("consent.landing"))
    found = service.of_link(request_session(), launch.course_id, launch.link_key)
    if found is None:
        return render_template("reflections/not_set.html")
    return redirect(url_for("reflections.write", reflection_id=found.id))


@bp.get("/writing/<reflection_id>")
def write(reflection_id: str) -> Answer:
    """The editor for who gave A and is read; for everybody else the prompt and the other way, nothing to type into."""
    found = _reflection(reflection_id)
    if _must_go_first():
        return redirect(url_for("consent.landing"))
    row = writing.own(request_session(), found.id, current().person_id)
    return _page(found, row, changing="change" in request.args, said=request.args.get("done", ""))


@bp.post("/writing/<reflection_id>")
@takes("text", "version", "act")
@texts_limited
def save(reflection_id: str) -> Answer:
    """Keep a draft (`act=draft`, also what the page sends by itself) or hand the text in."""
    found = _reflection(reflection_id)
    if current().mode == "off" or current().ages != "adults":
        raise PausedError
    raw, version = request.form.get("text", ""), request.form.get("version", "")
    keep = writing.hand_in if request.form.get("act") == "hand_in" else writing.save_draft
    try:
        text = writing.as_typed(raw)
        row = keep(request_session(), now(), found, current().person_id, text, version)
    except InvalidInputError as error:
        return _not_saved(found, raw, error)
    if _by_script():
        return jsonify(version=row.version if row else "", at=format_time(now(), "HH:mm"))
    if row is not None and row.draft is None and row.text is not None:
        return redirect(url_for("reflections.write", reflection_id=found.id, done="handed_in"), 303)
    return redirect(url_for("reflections.write", reflection_id=found.id, done="draft", change=1), 303)


@bp.post("/writing/<reflection_id>/delete")
@texts_limited
def delete(reflection_id: str) -> Answer:
    """Delete what was written here with its estimate, at once and at any time (P41)."""
    found = _reflection(reflection_id)
    writing.delete(request_session(), found, current().person_id)
    return redirect(url_for("reflections.write", reflection_id=found.id, done="deleted"), 303)


def _must_go_first() -> bool:
    """To the page that asks, or that says the tool is paused."""
    chosen = consent.choices(request_session(), current().person_id)
    return current().mode == "off" or current().ages != "adults" or not chosen.answered


def _reflection(reflection_id: str) -> Reflection:
    return service.one(request_session(), current().course_id, reflection_id)


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _not_saved(found: Reflection, raw: str, error: InvalidInputError) -> Answer:
    """What stands in the way, with the text that was typed still in its place."""
    row = writing.own(request_session(), found.id, current().person_id)
    if _by_script():
        said = {"code": error.code, "words": words.of(error), "version": row.version if row else ""}
        return make_response(jsonify(said), int(error.status))
    page = _page(found, row, changing=True, typed=raw, problem=error)
    return make_response(page, int(error.status))


def _page(
    found: Reflection,
    row: ReflectionText | None,
    *,
    changing: bool,
    said: str = "",
    typed: str | None = None,
    problem: InvalidInputError | None = None,
) -> str:
    chosen, state = consent.choices(request_session(), current().person_id), service.state(found, now())
    values: dict[str, Any] = {"reflection": found, "state": state, "said": words.said(said)}
    if not chosen.a:
        return render_template("reflections/otherwise.html", **values)
    text = _editable(row) if typed is None else typed
    held = writing.held_back(request_session(), current().person_id)
    begun = changing or row is None or row.text is None or row.draft is not None
    return render_template(
        "reflections/write.html",
        **values,
        own=row,
        has_post=pipeline.has_post(request_session(), found.course_id, found.id, current().person_id),
        leaves_out=row is not None and row.text is not None and pipeline.leaves_out(row.text),
        text=text,
        count=word_count(text),
        most=pipeline.MOST_CHARACTERS,
        editing=state == "open" and begun and (not held or typed is not None),
        held=held,
        why_held=words.held_back(held),
        never_read=row is not None and row.passed_over_at is not None and not row.waiting,
        what_happens=words.what_happens(chosen, current().mode, wiring().settings.smallest_group),
        problem=words.of(problem) if problem else "",
        differs=isinstance(problem, WindowsDifferError),
    )


def _editable(row: ReflectionText | None) -> str:
    """What stands in the editor: the draft, else what was handed in."""
    if row is None:
        return ""
    return (row.draft if row.draft is not None else row.text) or ""
