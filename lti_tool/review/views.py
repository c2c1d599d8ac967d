"""The correction pages: one text at a time, from the queue or from "Wrong?" beside a text (U34–U39)."""

from dataclasses import replace
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from lti_tool.ingest.tables import Post
from lti_tool.launch.fields import takes
from lti_tool.launch.limits import corrections_limited
from lti_tool.launch.pages import CurrentLaunch, current, launch_blueprint
from lti_tool.review import opening, service
from lti_tool.review.effective import Shown, answers_of
from lti_tool.review.guide import emotion_guide, sentiment_guide
from lti_tool.review.ordering import Why
from lti_tool.review.outcome import Outcome, outcome
from lti_tool.review.sitting import Sitting, sitting
from lti_tool.review.texts import ReadableText, Where, readable, record_reading
from lti_tool.scoring.tables import Serving
from lti_tool.scoring.words import certainty_word, label_word, not_scored_word, reads_as_word
from lti_tool.storage.request import now, request_session, wiring
from model.labels import EMOTIONS, SENTIMENT

bp = launch_blueprint("review", __name__, roles=("instructor",))
WORDS = (label_word, reads_as_word, certainty_word, not_scored_word)
for word in WORDS:
    bp.add_app_template_global(word)
    bp.add_app_template_filter(word)

BACK = {
    "overview": "insights.overview",
    "reflection": "insights.reflections",
    "forum": "insights.forums",
    "queue": "review.queue",
}
FORM = ("text_hash", "back", "opened", "sentiment", "act")
"""What the form of a text holds besides its boxes; its button "Undo" sends them as well."""
CONTEXT = 2
"""Texts of the same thread shown above the one in question."""


@bp.get("/review")
def queue() -> str:
    """The next text of the queue, or why there is none."""
    launch, session = current(), request_session()
    waiting = service.queue(session, now(), launch.course_id, reader_id=launch.person_id)
    state = sitting(session, now(), launch.course_id, launch.person_id, len(waiting))
    pause = state.pauses and not request.args.get("more")
    item = next(iter(waiting), None)
    text = None if item is None or pause else _text(session, launch, item.post.id)
    if item is None or text is None:
        return _done(state, len(waiting))
    if item.read_before:
        text = replace(text, shown=None)  # what a colleague said would lead this reader
    return _page(session, launch, text, state, why=item.why, blind=item.blind, back="queue")


@bp.get("/review/<post_id>")
def item(post_id: str) -> str:
    """One text, opened by "Wrong?" or after an answer."""
    launch, session = current(), request_session()
    service.reviewable(session, post_id, launch.course_id)
    text = _text(session, launch, post_id)
    if text is None:
        return _done(Sitting((), 0), 0)
    return _page(session, launch, text, None, why=None, blind=False, back=request.args.get("back", ""))


@bp.post("/review/<post_id>")
@takes(*FORM, many=("labels",))
@corrections_limited
def answer(post_id: str) -> Response:
    """Save, or say that nobody can tell; then the next text, or the same one with what is shown now."""
    launch, session, form = current(), request_session(), request.form
    text_hash, back = form.get("text_hash", ""), form.get("back", "")
    seconds = opening.seconds_since(now(), launch.person_id, post_id, form.get("opened", ""))
    why = _why(session, launch, post_id) if back == "queue" else None
    if form.get("act") == "cannot_tell":
        service.cannot_tell(
            session,
            now(),
            post_id,
            launch.person_id,
            text_hash,
            course_id=launch.course_id,
            seconds_on_screen=seconds,
            why=why,
        )
    else:
        labels = {"sentiment": form.get("sentiment")} | dict.fromkeys(form.getlist("labels"), 1)
        service.answer(
            session,
            now(),
            post_id,
            launch.person_id,
            labels,
            text_hash,
            course_id=launch.course_id,
            shown=_model_labels(session, launch, post_id),
            seconds_on_screen=seconds,
            why=why,
        )
    if back == "queue":
        return redirect(url_for("review.queue", after=post_id), 303)
    return redirect(url_for("review.item", post_id=post_id, back=back, after=post_id), 303)


@bp.post("/review/undo")
@takes(*FORM, many=("labels",))
def undo() -> Response:
    """Take back the newest answer of this sitting and show its text again."""
    launch, session = current(), request_session()
    post_id = sitting(session, now(), launch.course_id, launch.person_id, 0).last or ""
    service.undo(session, now(), post_id, launch.person_id, course_id=launch.course_id)
    return redirect(url_for("review.item", post_id=post_id, back=request.form.get("back", ""), undone=1), 303)


@bp.get("/review/what-happens")
def what_happens() -> str:
    """What an answer does, and what the last night made of them (U38)."""
    session, launch = request_session(), current()
    query = select(Serving).where(
        (Serving.institution_id == launch.institution_id) | Serving.institution_id.is_(None)
    )
    latest = session.scalars(query.order_by(Serving.at.desc()).limit(1)).first()
    return render_template("review/what_happens.html", latest=latest)


@bp.get("/review/guide")
def guide() -> str:
    return render_template("review/guide_page.html", sentiments=sentiment_guide(), emotions=emotion_guide())


def _page(
    session: Session,
    launch: CurrentLaunch,
    text: ReadableText,
    state: Sitting | None,
    *,
    why: str | None,
    blind: bool,
    back: str,
) -> str:
    context = _thread(session, launch, text)
    _log(launch, [text, *context], "review")
    after = _after(session, launch)
    return render_template(
        "review/item.html",
        text=text,
        context=context,
        state=state,
        why=why,
        blind=blind,
        chosen=_chosen(text.shown, blind),
        back=back,
        back_url=_back_url(back),
        after=after,
        may_undo=sitting(session, now(), launch.course_id, launch.person_id, 0).last is not None,
        undone="undone" in request.args,
        outcome=_outcome(session, launch, text),
        opened=opening.sealed(now(), launch.person_id, text.post.id),
        keys=_keys(),
        sentiments=sentiment_guide(),
        emotions=emotion_guide(),
    )


def _chosen(shown: Shown | None, blind: bool) -> frozenset[str]:
    """What stands chosen at first: the labels shown, or nothing for a blind first choice (U34)."""
    if shown is None or blind:
        return frozenset()
    return frozenset((shown.sentiment, *shown.labels))


def _keys() -> dict[str, str]:
    return dict(zip((*SENTIMENT, *EMOTIONS), "qwe1234567", strict=True))


def _text(session: Session, launch: CurrentLaunch, post_id: str) -> ReadableText | None:
    return next(iter(readable(session, launch, post_ids=[post_id])), None)


def _thread(session: Session, launch: CurrentLaunch, text: ReadableText) -> list[ReadableText]:
    """The nearest earlier texts of the thread that may be read, oldest first."""
    if text.post.thread_index is None:
        return []
    same = select(Post.id).where(
        Post.thread_index == text.post.thread_index, Post.written_at < text.post.written_at
    )
    earlier = list(session.scalars(same.order_by(Post.written_at.desc())))
    return readable(session, launch, Where(), earlier)[:CONTEXT][::-1]


def _model_labels(session: Session, launch: CurrentLaunch, post_id: str) -> dict[str, Any]:
    text = _text(session, launch, post_id)
    if text is None or text.reading is None:
        return {}
    return {"sentiment": text.reading.sentiment} | dict.fromkeys(text.reading.labels, 1)


def _why(session: Session, launch: CurrentLaunch, post_id: str) -> Why | None:
    return service.asked_why(session, now(), post_id, launch.person_id, course_id=launch.course_id)


def _outcome(session: Session, launch: CurrentLaunch, text: ReadableText) -> Outcome | None:
    given = answers_of(session, [text.post]).get(text.post.id, [])
    return outcome(session, given, launch.person_id)


def _after(session: Session, launch: CurrentLaunch) -> ReadableText | None:
    """The text that was answered just now, with what is shown for it from here on."""
    post_id = request.args.get("after")
    text = _text(session, launch, post_id) if post_id else None
    return text if text and text.shown else None


def _back_url(back: str) -> str:
    if back in BACK:
        return url_for(BACK[back])
    return url_for("insights.examples", finding_id=back) if back else url_for("insights.overview")


def _done(state: Sitting, waiting: int) -> str:
    individual = current().mode == "individual"
    return render_template("review/done.html", state=state, waiting=waiting, individual=individual)


def _log(launch: CurrentLaunch, texts: list[ReadableText], page: str) -> None:
    with wiring().database.session() as session:
        record_reading(session, now(), launch, texts, page)
