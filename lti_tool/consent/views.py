"""The choice page, what follows from it, and "My choices". Only students are asked (P22)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from lti_tool.consent import answering, asking_again, forms, ledger, service, showing, translating, wording
from lti_tool.consent.choices import (
    DECLINED,
    FIELDS,
    Choices,
    ChoicesMovedError,
    ChoicesRefusedError,
    Field,
)
from lti_tool.consent.errors import OldWordingError
from lti_tool.consent.telling import changed as what_changed
from lti_tool.consent.telling import title, when_read
from lti_tool.consent.words import answer_word, basis_word, event_word, problem_words
from lti_tool.errors import NotAllowedError, NotFoundError
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current, launch_blueprint, record_refusal
from lti_tool.storage.request import abandon, now, request_session, wiring

bp = launch_blueprint("consent", __name__, roles=("student",))
bp.add_app_template_global(basis_word)
REFUSED = 422

Answer = Response | str | tuple[str, int]


class NotOfferedError(NotAllowedError):
    """Nobody has said that everyone in the course is an adult (P22)."""

    code = "not_offered"
    words = "Nothing was saved: this tool asks nothing in this course. It is for people of 18 or older."


class PausedError(NotAllowedError):
    code = "paused"
    words = "This tool is paused in your course. Nothing is asked and nothing new is read."


@bp.get("/student")
def landing() -> Answer:
    """The choice page once; after that the student's own page, or a short one after a refusal (P12)."""
    chosen = service.choices(request_session(), current().person_id)
    if current().mode == "off":
        return render_template("consent/paused.html", answered=chosen.answered)
    if current().ages != "adults":
        return render_template("consent/not_offered.html", answered=chosen.answered)
    if not chosen.answered:
        return _ask()
    if asking_again.pending(request_session(), current().person_id):
        return redirect(url_for("receipts.changed"))
    if chosen.a:
        return redirect(url_for("rights.my_texts"))
    return render_template("consent/declined.html", text=showing.text())


@bp.post("/choices")
@takes("decision", "a", "earlier", "b", "c", "d", "wording", "revision")
def choose() -> Answer:
    """Keep the choices, or show the form again with what was chosen and what stands in the way."""
    _refuse_where_nothing_is_asked()
    try:
        chosen = DECLINED if request.form.get("decision") == "decline" else forms.read(request.form)
    except ChoicesRefusedError as refused:
        return _form(showing.text(), request.form, problem_words(refused)), REFUSED
    try:
        if read := request.form.get("wording"):
            wording.require_current(request_session(), read, showing.language())
        _save(chosen)
    except ChoicesMovedError as moved:
        return _moved(moved)
    except OldWordingError as old:
        return _reworded(old)
    return redirect(url_for("consent.saved"), 303)


@bp.get("/choices/saved")
def saved() -> Answer:
    chosen = service.choices(request_session(), current().person_id)
    if not chosen.answered:
        return redirect(url_for("consent.landing"))
    lines = ledger.history(request_session(), current().person_id)
    return render_template(
        "consent/saved.html",
        text=showing.text(),
        chosen=_in_words(chosen),
        reads=chosen.a,
        when=when_read(chosen) if chosen.a else "",
        receipt=lines[0].id if lines else "",  # lines end before the choices they led to (P27)
    )


@bp.get("/choices")
def mine() -> Answer:
    """Current choices, what stopping each one does, and the history."""
    if not service.choices(request_session(), current().person_id).answered:
        return redirect(url_for("consent.landing"))
    return _mine(request.args.get("changed", ""), {})


@bp.post("/choices/<field>")
@takes("value", "revision")
def change(field: str) -> Answer:
    """Change one choice; stopping the first one stops those that need it, as the page has said beforehand."""
    if field not in FIELDS or request.form.get("value") not in forms.ANSWERS:
        raise NotFoundError
    wanted = forms.ANSWERS[request.form["value"]]
    if wanted:
        _refuse_where_nothing_is_asked()
    try:
        _change(field, wanted)
    except ChoicesRefusedError as refused:
        return _mine("", problem_words(refused)), REFUSED
    except ChoicesMovedError as moved:
        return _moved(moved)
    except OldWordingError as old:
        abandon()
        record_refusal(old.code, old.correlation_id)
        return redirect(url_for("receipts.changed"), 303)
    return redirect(url_for("consent.mine", changed=field), 303)


@bp.get("/stuck")
def stuck() -> str:
    """Where to turn when the course is hard: open to everyone, whatever they chose (P13)."""
    return render_template("consent/stuck.html")


def _ask() -> str:
    """The choice page, and the line in the ledger that it was shown."""
    launch = current()
    with wiring().database.session() as session:
        translating.publish(session, now(), showing.language())
        service.show(session, now(), launch.person_id, launch.course_id, showing.language())
        return _form(showing.text(session), {}, {})


def _form(text: dict[str, Any], given: Mapping[str, str], problems: Mapping[str, str]) -> str:
    drawn_from = showing.revision(request_session())
    return render_template(
        "consent/choose.html", text=text, given=given, problems=problems, revision=drawn_from
    )


def _mine(changed: str, problems: Mapping[str, str], moved: str = "") -> str:
    launch, session, text = current(), request_session(), showing.text()
    chosen = service.choices(session, launch.person_id)
    history = ledger.history(session, launch.person_id)
    lines = [
        {"id": line.id, "at": line.at, "title": title(text, line.purpose), "event": event_word(line.event)}
        for line in history
    ]
    return render_template(
        "consent/mine.html",
        text=text,
        chosen=chosen,
        changed=what_changed(text, chosen, history, changed) if changed in FIELDS else None,
        problems=problems,
        moved=moved,
        lines=lines,
        revision=showing.revision(session),
    )


def _in_words(chosen: Choices) -> dict[str, str]:
    return {field: answer_word(chosen.value(field)) for field in FIELDS}


def _save(chosen: Choices) -> None:
    launch = current()
    answering.answer(
        request_session(),
        now(),
        launch.person_id,
        launch.course_id,
        chosen,
        showing.language(),
        _drawn_from(),
    )


def _change(field: Field, wanted: bool) -> None:
    launch, session = current(), request_session()
    answering.change(
        session,
        now(),
        launch.person_id,
        launch.course_id,
        field,
        wanted,
        showing.language(),
        _drawn_from(),
    )


def _drawn_from() -> int | None:
    """The revision of the choices that the form was drawn from; None for a form that says none."""
    return request.form.get("revision", None, type=int)


def _moved(moved: ChoicesMovedError) -> Answer:
    """What stands now, in the place of a change that another window has overtaken; and a line in the log."""
    if not moved.present.answered:
        raise moved
    abandon()
    record_refusal(moved.code, moved.correlation_id)
    return _mine("", {}, _(moved.words)), HTTPStatus.CONFLICT


def _reworded(old: OldWordingError) -> Answer:
    """The present words, in the place of an answer to earlier ones; and a line in the log (P18)."""
    abandon()
    record_refusal(old.code, old.correlation_id)
    launch, session = current(), request_session()
    translating.publish(session, now(), showing.language())
    waiting = asking_again.pending(session, launch.person_id)
    seen = asking_again.note if waiting else service.show
    seen(session, now(), launch.person_id, launch.course_id, showing.language())
    text = showing.text(session, waiting.since if waiting else None)
    asked_again = waiting is not None and waiting.material
    return _form({**text, "asked_again": asked_again, "reworded": _(old.words)}, {}, {}), old.status


def _refuse_where_nothing_is_asked() -> None:
    """Raise PausedError or NotOfferedError; a No is taken at any time."""
    if current().mode == "off":
        raise PausedError
    if current().ages != "adults":
        raise NotOfferedError
