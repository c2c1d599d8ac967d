"""The student's own page, "Why?", "This is wrong", and how often the model is wrong."""

from contextlib import suppress

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from lti_tool.consent import service as consent
from lti_tool.consent import wording
from lti_tool.consent.telling import when_read
from lti_tool.launch.fields import takes
from lti_tool.launch.limits import corrections_limited, texts_limited
from lti_tool.launch.pages import current
from lti_tool.review import service as review
from lti_tool.rights import erasing, own_texts, pausing, views_data, views_erasing, words
from lti_tool.rights import why as reasons
from lti_tool.rights.blueprint import bp
from lti_tool.rights.figures import measured
from lti_tool.scoring import attribution
from lti_tool.scoring.serving import shown_version
from lti_tool.storage.request import now, request_session, wiring
from model.labels import EMOTIONS, SENTIMENT

__all__ = ["bp", "views_data", "views_erasing"]

PER_PAGE = 20
MOST_COMMENT = 1000

for _word in (words.act_words, words.role_words):
    bp.add_app_template_filter(_word)


@bp.get("/texts")
def my_texts() -> Response | str:
    """Own texts, newest first; without A the page of `consent` says what there is."""
    launch, session = current(), request_session()
    chosen = consent.choices(session, launch.person_id)
    if not chosen.a:
        return redirect(url_for("consent.landing"))
    start, which = max(0, request.args.get("start", 0, type=int)), _which()
    found = own_texts.page(
        session, launch.person_id, launch.course_id, start=start, most=PER_PAGE, which=which
    )
    return render_template(
        "rights/texts.html",
        found=found,
        start=start,
        following=start + PER_PAGE if start + PER_PAGE < found.total else None,
        which=which,
        said=request.args.get("said", ""),
        paused=launch.mode == "off",
        on_pause=pausing.is_paused(session, launch.person_id),
        erasures=erasing.waiting(session, launch.person_id),
        shared=chosen.b and launch.mode == "individual",
        earlier=chosen.earlier,
        when=when_read(chosen),
    )


@bp.get("/texts/<post_id>/why")
@texts_limited
def why(post_id: str) -> str:
    """All that is known of why a text got its labels; the search for its passages begins with the first look."""
    return _why(post_id, "rights/why.html")


@bp.get("/texts/<post_id>/why/passages")
def passages(post_id: str) -> str:
    """The fragment that the page asks for while the search is under way."""
    return _why(post_id, "rights/passages.html")


@bp.post("/texts/<post_id>/why")
@texts_limited
def why_again(post_id: str) -> Response:
    """Search once more after a search that failed."""
    attribution.ask(request_session(), now(), current().person_id, post_id)
    return redirect(url_for("rights.why", post_id=post_id), 303)


@bp.get("/texts/<post_id>/wrong")
def wrong(post_id: str) -> str:
    """The form in which the author says what the text means to them."""
    launch = current()
    text = own_texts.one(request_session(), launch.person_id, launch.course_id, post_id)
    return _wrong(text, _chosen(text), missing=False)


@bp.post("/texts/<post_id>/wrong")
@takes("text_hash", "sentiment", "comment", many=("labels",))
@corrections_limited
def contest(post_id: str) -> Response | tuple[str, int]:
    """Keep the author's own labels; they are shown beside the estimate at once (P40)."""
    launch, session, form = current(), request_session(), request.form
    if form.get("sentiment") not in SENTIMENT:
        text = own_texts.one(session, launch.person_id, launch.course_id, post_id)
        return _wrong(text, frozenset(form.getlist("labels")), missing=True), 422
    labels = {"sentiment": form["sentiment"], **dict.fromkeys(form.getlist("labels"), 1)}
    comment = _comment()[:MOST_COMMENT]
    review.contest(
        session, now(), post_id, launch.person_id, labels, comment or None, form.get("text_hash") or None
    )
    return redirect(url_for("rights.my_texts", said=post_id, _anchor=f"text-{post_id}"), 303)


@bp.get("/how-often-wrong")
def how() -> str:
    """How it works, and the measured figures of the model whose labels the course shows."""
    session, language = request_session(), str(get_locale() or wording.FIRST_LANGUAGE)
    version, published = shown_version(session, current().course_id), wording.current(session, language)
    return render_template(
        "rights/how.html",
        version=version,
        rows=measured(version),
        how=published.text["how"],
        how_language=published.language,
    )


def _why(post_id: str, template: str) -> str:
    launch, session = current(), request_session()
    found = reasons.why(session, launch.person_id, launch.course_id, post_id)
    if found.state == "searching":
        _search(post_id)
    return render_template(template, why=found, text=found.text)


def _search(post_id: str) -> None:
    """Queue the search; whoever looks at the same moment has queued it as well."""
    with suppress(IntegrityError), wiring().database.session() as session:
        attribution.ask(session, now(), current().person_id, post_id)


def _which() -> own_texts.Which:
    asked = request.args.get("which", "all")
    return asked if asked in own_texts.WHICH else "all"


def _wrong(text: own_texts.OwnText, chosen: frozenset[str], *, missing: bool) -> str:
    return render_template(
        "rights/wrong.html",
        text=text,
        chosen=chosen,
        missing=missing,
        comment=_comment() if missing else text.comment or "",
        sentiments=SENTIMENT,
        emotions=EMOTIONS,
    )


def _comment() -> str:
    """As typed, with one character per line break as the form counts them: nothing it lets in is cut."""
    return request.form.get("comment", "").replace("\r\n", "\n").strip()


def _chosen(text: own_texts.OwnText) -> frozenset[str]:
    """What stands in the form at first: the author's own labels if given before, else those shown."""
    shown = text.shown
    if shown is None:
        return frozenset()
    if shown.contested_labels is not None:
        return frozenset((shown.contested_sentiment or "", *shown.contested_labels))
    return frozenset((shown.sentiment, *shown.labels))
