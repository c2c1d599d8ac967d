"""What every page of an instructor has: the picture it shows, its frame, or why there is nothing yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from flask import g, render_template, request, url_for

from lti_tool.insights import empty, service, words
from lti_tool.insights.rows import TopicRow
from lti_tool.insights.snapshot import SnapshotBody
from lti_tool.insights.tables import Snapshot
from lti_tool.launch.pages import current
from lti_tool.review import service as review
from lti_tool.review.texts import ReadableText, record_reading
from lti_tool.storage.request import now, request_session, wiring


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


def log_reading(texts: Sequence[ReadableText], page: str) -> None:
    """Record that these texts were shown (U26)."""
    if texts:
        with wiring().database.session() as session:
            record_reading(session, now(), current(), texts, page)
