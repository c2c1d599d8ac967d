"""The student's own page, "This is wrong", "My data", and how often the model is wrong."""

import json

from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from werkzeug.wrappers import Response

from lti_tool.consent import service as consent
from lti_tool.consent import wording
from lti_tool.consent.telling import when_read
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.review import service as review
from lti_tool.rights import export, own_texts
from lti_tool.rights.figures import measured
from lti_tool.scoring.serving import shown_version
from lti_tool.storage.request import now, request_session
from model.labels import EMOTIONS, SENTIMENT

bp = launch_blueprint("rights", __name__, roles=("student",))
PER_PAGE = 20
MOST_COMMENT = 1000


@bp.get("/texts")
def my_texts() -> Response | str:
    """Own texts, newest first; without A the page of `consent` says what there is."""
    launch, session = current(), request_session()
    chosen = consent.choices(session, launch.person_id)
    if not chosen.a:
        return redirect(url_for("consent.landing"))
    start = max(0, request.args.get("start", 0, type=int))
    found = own_texts.page(session, launch.person_id, launch.course_id, start=start, most=PER_PAGE)
    return render_template(
        "rights/texts.html",
        found=found,
        start=start,
        following=start + PER_PAGE if start + PER_PAGE < found.total else None,
        said=request.args.get("said", ""),
        paused=launch.mode == "off",
        shared=chosen.b and launch.mode == "individual",
        earlier=chosen.earlier,
        when=when_read(chosen),
    )


@bp.get("/texts/<post_id>/wrong")
def wrong(post_id: str) -> str:
    """The form in which the author says what the text means to them."""
    launch = current()
    text = own_texts.one(request_session(), launch.person_id, launch.course_id, post_id)
    return _wrong(text, _chosen(text), missing=False)


@bp.post("/texts/<post_id>/wrong")
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


@bp.get("/data")
def my_data() -> str:
    """What is kept, in numbers, and the download."""
    launch, session = current(), request_session()
    return render_template(
        "rights/data.html",
        counts=export.counts(session, launch.person_id),
        opened=export.opened_by_staff(session, launch.person_id),
        reads=consent.choices(session, launch.person_id).a,
    )


@bp.get("/data/export")
def download() -> Response:
    """Everything kept about the person, as a JSON file."""
    launch = current()
    document = export.everything(request_session(), now(), launch.person_id, launch.course_id)
    name = f"undertone-my-data-{now():%Y-%m-%d}.json"
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2),
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


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
