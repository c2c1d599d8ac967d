"""The choice page, what follows from it, and "My choices". Only students are asked (P22)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.consent import answering, forms, ledger, service, wording
from lti_tool.consent.choices import DECLINED, FIELDS, Choices, ChoicesRefusedError
from lti_tool.consent.telling import changed as what_changed
from lti_tool.consent.telling import title, when_read
from lti_tool.consent.words import answer_word, event_word, problem_words
from lti_tool.errors import NotAllowedError, NotFoundError
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.storage.request import now, request_session, wiring

bp = launch_blueprint("consent", __name__, roles=("student",))
REFUSED = 422

Answer = Response | str | tuple[str, int]


class PausedError(NotAllowedError):
    code = "paused"
    words = "This tool is paused in your course. Nothing is asked and nothing new is read."


@bp.get("/student")
def landing() -> Answer:
    """The choice page once; after that the student's own page, or a short one after a refusal (P12)."""
    chosen = service.choices(request_session(), current().person_id)
    if current().mode == "off":
        return render_template("consent/paused.html", answered=chosen.answered)
    if not chosen.answered:
        return _ask()
    if chosen.a:
        return redirect(url_for("rights.my_texts"))
    return render_template("consent/declined.html", text=_texts())


@bp.post("/choices")
def choose() -> Answer:
    """Keep the choices, or show the form again with what was chosen and what stands in the way."""
    _refuse_while_paused()
    try:
        chosen = DECLINED if request.form.get("decision") == "decline" else forms.read(request.form)
    except ChoicesRefusedError as refused:
        return _form(_texts(), request.form, problem_words(refused)), REFUSED
    _save(chosen)
    return redirect(url_for("consent.saved"), 303)


@bp.get("/choices/saved")
def saved() -> Answer:
    chosen = service.choices(request_session(), current().person_id)
    if not chosen.answered:
        return redirect(url_for("consent.landing"))
    return render_template(
        "consent/saved.html",
        text=_texts(),
        chosen=_in_words(chosen),
        reads=chosen.a,
        when=when_read(chosen) if chosen.a else "",
    )


@bp.get("/choices")
def mine() -> Answer:
    """Current choices, what stopping each one does, and the history."""
    if not service.choices(request_session(), current().person_id).answered:
        return redirect(url_for("consent.landing"))
    return _mine(request.args.get("changed", ""), {})


@bp.post("/choices/<field>")
def change(field: str) -> Answer:
    """Change one choice; stopping the first one stops those that need it, as the page has said beforehand."""
    if field not in FIELDS or request.form.get("value") not in forms.ANSWERS:
        raise NotFoundError
    wanted = forms.ANSWERS[request.form["value"]]
    if wanted:
        _refuse_while_paused()
    before = service.choices(request_session(), current().person_id)
    after = replace(before, answered=True, **{field: wanted})
    if field == "a" and not wanted:
        after = DECLINED
    try:
        _save(after)
    except ChoicesRefusedError as refused:
        return _mine("", problem_words(refused)), REFUSED
    return redirect(url_for("consent.mine", changed=field), 303)


@bp.get("/stuck")
def stuck() -> str:
    """Where to turn when the course is hard: open to everyone, whatever they chose (P13)."""
    return render_template("consent/stuck.html")


def _ask() -> str:
    """The choice page, and the line in the ledger that it was shown."""
    launch = current()
    with wiring().database.session() as session:
        service.show(session, now(), launch.person_id, launch.course_id, _language())
        return _form(_texts(session), {}, {})


def _form(text: dict[str, Any], given: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template("consent/choose.html", text=text, given=given, problems=problems)


def _mine(changed: str, problems: Mapping[str, str]) -> str:
    launch, session, text = current(), request_session(), _texts()
    chosen = service.choices(session, launch.person_id)
    history = ledger.history(session, launch.person_id)
    lines = [
        {"at": line.at, "title": title(text, line.purpose), "event": event_word(line.event)}
        for line in history
    ]
    return render_template(
        "consent/mine.html",
        text=text,
        chosen=chosen,
        changed=what_changed(text, chosen, history, changed) if changed in FIELDS else None,
        problems=problems,
        lines=lines,
    )


def _in_words(chosen: Choices) -> dict[str, str]:
    return {field: answer_word(chosen.value(field)) for field in FIELDS}


def _save(chosen: Choices) -> None:
    launch = current()
    answering.answer(request_session(), now(), launch.person_id, launch.course_id, chosen, _language())


def _refuse_while_paused() -> None:
    if current().mode == "off":
        raise PausedError


def _texts(session: Session | None = None) -> dict[str, Any]:
    """The published texts in the page's language with the names of this course filled in."""
    published, launch = wording.current(session or request_session(), _language()), current()
    values = {
        "course": launch.course_title or _("this course"),
        "institution": launch.institution_name or _("Your institution"),
        "group": str(wiring().settings.smallest_group),
    }
    texts: dict[str, Any] = wording.filled(published.text, values)
    return {**texts, "language": published.language}


def _language() -> str:
    return str(get_locale() or wording.FIRST_LANGUAGE)
