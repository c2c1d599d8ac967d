"""The instructor's pages: each reads the course's latest picture and, for texts, consent as it is now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, cast

from flask import g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import Activity
from lti_tool.insights import empty, service, words
from lti_tool.insights.accuracy import accuracy
from lti_tool.insights.acts import act
from lti_tool.insights.charts import peak_sentence, weeks_chart
from lti_tool.insights.material import week_of
from lti_tool.insights.rows import FindingRow, TopicRow, finding_row, high_topics, topic_rows
from lti_tool.insights.snapshot import SnapshotBody, Source
from lti_tool.insights.tables import Snapshot
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.review import service as review
from lti_tool.review.texts import ReadableText, Where, highlighted, readable, record_reading
from lti_tool.scoring.serving import shown_version
from lti_tool.storage.request import now, request_session, wiring
from model.labels import EMOTIONS

bp = launch_blueprint("insights", __name__, roles=("instructor",))

PER_PAGE = 20
LABELS = ("confusion", "frustration", "engagement")


@dataclass(frozen=True)
class Picture:
    """The course's latest snapshot with its body."""

    row: Snapshot
    body: SnapshotBody


def picture() -> Picture | None:
    """The picture of this request, read once."""
    if "picture" not in g:
        row = service.latest(request_session(), current().course_id)
        g.picture = Picture(row, service.body_of(row)) if row else None
    return cast("Picture | None", g.picture)


def with_picture(template: str, values: Callable[[Picture], dict[str, Any]]) -> str:
    """The page with its values, or the page that says why there is nothing."""
    found, launch = picture(), current()
    reason = empty.reason(request_session(), launch, found.body if found else None)
    if reason is not None or found is None:
        return _nothing(reason or "preparing")
    return render_template(template, **_frame(found), **values(found))


@bp.get("/overview")
def overview() -> str:
    def values(found: Picture) -> dict[str, Any]:
        rows = [_row(finding) for finding in found.body.findings]
        evidence = _evidence(rows)
        _log(evidence, "overview")
        return {
            "rows": rows,
            "evidence": evidence,
            "chart_data": weeks_chart(found.body),
            "chart_sentence": words.chart_sentence(found.body),
            "hot_topics": high_topics(found.body),
        }

    return with_picture("insights/overview.html", values)


@bp.get("/topics")
def topics() -> str:
    return with_picture(
        "insights/topics.html", lambda found: {"topics": topic_rows(found.body), "labels": LABELS}
    )


@bp.get("/reflections")
def reflections() -> str:
    return _texts("reflection")


@bp.get("/forums")
def forums() -> str:
    return _texts("forum")


@bp.get("/findings/<finding_id>")
def examples(finding_id: str) -> str:
    """Real texts behind a finding, of students with B."""

    def values(found: Picture) -> dict[str, Any]:
        row = _row_by_id(found.body, finding_id)
        texts = _examples(row)
        _log(texts, "examples")
        return {"row": row, "texts": texts}

    return with_picture("insights/examples.html", values)


@bp.get("/findings/<finding_id>/act", endpoint="act")
def act_page(finding_id: str) -> str:
    """A plan and a draft for a finding; nothing is kept or sent."""

    def values(found: Picture) -> dict[str, Any]:
        row = _row_by_id(found.body, finding_id)
        return {"row": row, "act": act(row.finding, current().course_title)}

    return with_picture("insights/act.html", values)


@bp.get("/how-it-works")
def how() -> str:
    """What is read, what the words mean and how often the model is wrong; also without a picture."""
    found = picture()
    version = shown_version(request_session(), current().course_id)
    return render_template(
        "insights/how.html",
        tab="insights.how",
        coverage=None,
        stale=False,
        smallest_group=wiring().settings.smallest_group,
        uncovered=found.body.uncovered if found else None,
        accuracy=accuracy(version.figures) if version else None,
    )


def _texts(kind: Source) -> str:
    """One kind of writing: its weeks and the texts that students share, by the address (U21, U23)."""

    def values(found: Picture) -> dict[str, Any]:
        filters = _filters()
        texts, more = _page_of_texts(found.body, kind, filters)
        _log(texts, kind)
        return {
            **_vocabulary(kind),
            "kind": kind,
            "chart_data": weeks_chart(found.body, kind),
            "chart_sentence": peak_sentence(found.body, kind),
            "section_name": _section_name(found.body, filters["section"]),
            "filters": filters,
            "labels": EMOTIONS,
            "activities": _activities(kind),
            "texts": texts,
            "more": more,
            "page": filters["page"],
            "page_url": lambda page: url_for(request.endpoint or "", **_kept(filters, page), _anchor="texts"),
        }

    return with_picture("insights/texts.html", values)


def _vocabulary(kind: Source) -> dict[str, str]:
    """Reflections and forums are different writing, so they are spoken of differently (U21)."""
    if kind == "reflection":
        return {
            "heading": _("Reflections"),
            "subtitle": _("What students write about their own learning, week by week."),
            "what": _("Reflection"),
            "nothing": _("No shared reflection fits. Take away a filter, or look at another week."),
        }
    return {
        "heading": _("Forums"),
        "subtitle": _("What is asked and answered in the threads of this course."),
        "what": _("Forum"),
        "nothing": _("No shared post fits. Take away a filter, or look at another forum."),
    }


def _filters() -> dict[str, Any]:
    args = request.args
    label = args.get("label", "")
    return {
        "week": args.get("week", type=int),
        "activity": args.get("activity", ""),
        "section": args.get("section", type=int),
        "label": label if label in EMOTIONS else "",
        "page": max(1, args.get("page", 1, type=int)),
    }


def _kept(filters: dict[str, Any], page: int) -> dict[str, Any]:
    return {name: value for name, value in filters.items() if value} | {"page": page}


def _page_of_texts(
    body: SnapshotBody, kind: Source, filters: dict[str, Any]
) -> tuple[list[ReadableText], bool]:
    """At most `PER_PAGE` texts, and whether there are more."""
    where = Where(kind, filters["activity"] or None, filters["section"])
    found = readable(request_session(), current(), where)
    if filters["week"] and body.weeks:
        first_day = datetime.combine(body.weeks[0].starts, time(), UTC)
        found = [
            text
            for text in found
            if week_of(text.activity, text.post.written_at, first_day) == filters["week"]
        ]
    if filters["label"]:
        found = [text for text in found if text.shown and text.shown.reads_as(filters["label"])]
    first = (filters["page"] - 1) * PER_PAGE
    return found[first : first + PER_PAGE], len(found) > first + PER_PAGE


def _section_name(body: SnapshotBody, section: int | None) -> str:
    """The name of the part of the course that the address narrows to."""
    names = {topic.place.key: topic.place.name for topic in body.topics if topic.place.kind == "section"}
    return names.get(str(section), "") or (str(section) if section is not None else "")


def _activities(kind: Source) -> list[Activity]:
    query = select(Activity).where(Activity.course_id == current().course_id, Activity.kind == kind)
    return list(request_session().scalars(query.order_by(Activity.section, Activity.name)))


def _row(finding: Any) -> FindingRow:
    return finding_row(finding, service.phrases(request_session(), finding))


def _row_by_id(body: SnapshotBody, finding_id: str) -> FindingRow:
    for finding in body.findings:
        if finding.id == finding_id:
            return _row(finding)
    raise NotFoundError(_("This finding is not in the latest picture any more. The overview shows what is."))


def _examples(row: FindingRow) -> list[ReadableText]:
    """The finding's texts that may be read now, its phrases highlighted; an edited one waits for its score."""
    texts = readable(request_session(), current(), post_ids=row.finding.examples)
    return highlighted([text for text in texts if text.shown], row.phrases)


def _evidence(rows: list[FindingRow]) -> list[ReadableText]:
    """One or two texts of each of the first findings, none twice."""
    found: dict[str, ReadableText] = {}
    for row in rows[:3]:
        fresh = [text for text in _examples(row) if text.post.id not in found]
        found |= {text.post.id: text for text in fresh[:2]}
    return list(found.values())[:4]


def topic_url(topic: TopicRow) -> str:
    """The texts of a topic: a finding is two steps away, its evidence three (U23)."""
    page = "insights.reflections" if topic.topic.source == "reflection" else "insights.forums"
    place = topic.topic.place
    narrowed: dict[str, Any] = {} if place.kind == "course" else {place.kind: place.key}
    return url_for(page, **narrowed, _anchor="texts")


def _frame(found: Picture) -> dict[str, Any]:
    every = timedelta(seconds=wiring().settings.snapshot_seconds)
    launch, built = current(), found.row.built_at
    return {
        "tab": request.endpoint,
        "course_title": launch.course_title,
        "individual": launch.mode == "individual",
        "body": found.body,
        "coverage": words.coverage(found.body),
        "built_at": built,
        "next_at": max(built + every, now()),
        "stale": now() - built > 3 * every,
        "topic_url": topic_url,
        "to_review": len(review.queue(request_session(), now(), launch.course_id)),
    }


def _nothing(reason: str) -> str:
    job = empty.job_under_way(request_session(), current().course_id) if reason == "not_synced" else None
    return render_template(
        "insights/nothing.html",
        tab=request.endpoint,
        course_title=current().course_title,
        words=empty.words(reason),
        job=job,
    )


def _log(texts: list[ReadableText], page: str) -> None:
    if texts:
        with wiring().database.session() as session:
            record_reading(session, now(), current(), texts, page)
