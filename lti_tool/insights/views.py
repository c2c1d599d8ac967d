"""The instructor's pages: each reads the course's latest picture and, for texts, consent as it is now."""

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.errors import NotFoundError
from lti_tool.insights import listing, service, words
from lti_tool.insights.accuracy import accuracy
from lti_tool.insights.acts import act
from lti_tool.insights.charts import peak_sentence, weeks_chart
from lti_tool.insights.page import Picture, log_reading, picture, with_picture
from lti_tool.insights.rows import FindingRow, finding_row, high_topics, topic_rows
from lti_tool.insights.snapshot import Finding, SnapshotBody, Source
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.review.texts import ReadableText, highlighted, readable
from lti_tool.scoring.serving import shown_version
from lti_tool.storage.request import request_session, wiring
from model.labels import EMOTIONS

bp = launch_blueprint("insights", __name__, roles=("instructor",))

LABELS = ("confusion", "frustration", "engagement")
MOST_EVIDENCE = 4


@bp.get("/overview")
def overview() -> str:
    def values(found: Picture) -> dict[str, Any]:
        rows = [_row(finding) for finding in found.body.findings]
        evidence = _evidence(rows)
        log_reading([text for _bold, text in evidence], "overview")
        hot_topics, further = high_topics(found.body)
        return {
            "rows": rows,
            "evidence": evidence,
            "chart_data": weeks_chart(found.body),
            "chart_sentence": words.chart_sentence(found.body),
            "hot_topics": hot_topics,
            "further_topics": further,
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
        log_reading(texts, "examples")
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
        session, launch = request_session(), current()
        wanted = listing.filters(request.args)
        texts, more = listing.texts(session, launch, found.body, kind, wanted)
        log_reading(texts, kind)
        return {
            **listing.vocabulary(kind),
            "kind": kind,
            "chart_data": weeks_chart(found.body, kind),
            "chart_sentence": peak_sentence(found.body, kind),
            "section_name": listing.section_name(found.body, wanted.section),
            "filters": wanted,
            "labels": EMOTIONS,
            "activities": listing.activities(session, launch.course_id, kind),
            "texts": texts,
            "more": more,
            "page": wanted.page,
            "page_url": lambda page: url_for(request.endpoint or "", **wanted.address(page), _anchor="texts"),
        }

    return with_picture("insights/texts.html", values)


def _row(finding: Finding) -> FindingRow:
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


def _evidence(rows: list[FindingRow]) -> list[tuple[str, ReadableText]]:
    """A text of each finding with what it stands for, then a second of each while there is room; none twice."""
    fresh = [(row, iter(_examples(row))) for row in rows]
    found: dict[str, tuple[str, ReadableText]] = {}
    for row, texts in fresh * 2:
        text = next((text for text in texts if text.post.id not in found), None)
        if text is not None and len(found) < MOST_EVIDENCE:
            found[text.post.id] = (row.bold, text)
    return sorted(found.values(), key=lambda pair: [row.bold for row in rows].index(pair[0]))
