"""Findings and the chart in the reader's language. Texts are described, never people (U25)."""

from flask_babel import gettext as _

from lti_tool.disclosure.words import band_word, share_word
from lti_tool.insights.snapshot import ChartFinding, Finding, SnapshotBody
from lti_tool.insights.weeks import PEAK


def finding_sentence(finding: Finding) -> tuple[str, str]:
    """The part that stands out, and the rest with its own punctuation."""
    return headline(finding), size(finding)


def headline(finding: Finding) -> str:
    """What changed where: "Confusion in “Recursion” more than doubled"."""
    where = place(finding)
    sentences: dict[tuple[str, str], str] = {
        ("confusion", "rose"): _("Confusion %(where)s rose", where=where),
        ("confusion", "more_than_doubled"): _("Confusion %(where)s more than doubled", where=where),
        ("confusion", "is_back"): _("Confusion %(where)s is back", where=where),
        ("confusion", "fell"): _("Confusion %(where)s eased", where=where),
        ("confusion", "high"): _("Confusion %(where)s is high", where=where),
        ("frustration", "rose"): _("Frustration %(where)s rose", where=where),
        ("frustration", "more_than_doubled"): _("Frustration %(where)s more than doubled", where=where),
        ("frustration", "is_back"): _("Frustration %(where)s is back", where=where),
        ("frustration", "fell"): _("Frustration %(where)s eased", where=where),
        ("frustration", "high"): _("Frustration %(where)s is high", where=where),
        ("boredom", "rose"): _("Boredom %(where)s rose", where=where),
        ("boredom", "more_than_doubled"): _("Boredom %(where)s more than doubled", where=where),
        ("boredom", "is_back"): _("Boredom %(where)s is back", where=where),
        ("boredom", "fell"): _("Boredom %(where)s eased", where=where),
        ("boredom", "high"): _("Boredom %(where)s is high", where=where),
        ("engagement", "rose"): _("Engagement %(where)s rose", where=where),
        ("engagement", "more_than_doubled"): _("Engagement %(where)s more than doubled", where=where),
        ("engagement", "is_back"): _("Engagement %(where)s is back", where=where),
        ("engagement", "fell"): _("Engagement %(where)s fell", where=where),
        ("engagement", "high"): _("Engagement %(where)s is high", where=where),
    }
    return sentences[finding.label, finding.change]


def place(finding: Finding) -> str:
    """Where, to stand after the label: a named place, else the kind of writing."""
    if finding.place.kind != "course":
        return str(_("in “%(name)s”", name=finding.place.name))
    words: dict[str, str] = {
        "all": _("in the course"),
        "forum": _("in the forums"),
        "reflection": _("in the reflections"),
    }
    return words[finding.source]


def size(finding: Finding) -> str:
    """How much, and from where it came: ": about half of about 60 texts, up from about a fifth."."""
    texts = (
        _("about %(of)s shared texts", of=finding.of)
        if finding.shared
        else _("about %(of)s texts", of=finding.of)
    )
    values = {"share": share_word(finding.share), "texts": texts}
    if finding.before is None or finding.before == finding.share:
        return str(_(": %(share)s of %(texts)s.", **values))
    values["before"] = share_word(finding.before)
    if finding.change == "fell":
        return str(_(": %(share)s of %(texts)s, down from %(before)s.", **values))
    return str(_(": %(share)s of %(texts)s, up from %(before)s.", **values))


def chart_sentence(body: SnapshotBody) -> str:
    """The one sentence above the chart of the weeks (U42)."""
    if not body.chart:
        return _no_peak(body)
    last = max((week.number for week in body.weeks), default=0)
    return " ".join(_chart_part(found, last) for found in body.chart)


def _no_peak(body: SnapshotBody) -> str:
    """Weeks that tie for the highest are no peak."""
    lines = (body.series or {}).get("all", {})
    heights = [
        point.percent for label in ("confusion", "frustration") for point in lines.get(label, ()) if point
    ]
    if max(heights, default=0) < PEAK:
        return str(_("No week stands out: confusion and frustration stay low."))
    return str(_("No single week stands out: confusion and frustration come and go."))


def _chart_part(found: ChartFinding, last: int) -> str:
    week = (
        _("week %(number)s (%(name)s)", number=found.peak_week, name=found.peak_name)
        if found.peak_name
        else _("week %(number)s", number=found.peak_week)
    )
    if found.peak_week >= last:
        return _highest(found.label, week)
    return _peaked(found, week)


def _highest(label: str, week: str) -> str:
    if label == "confusion":
        return str(_("Confusion is at its highest in %(week)s.", week=week))
    return str(_("Frustration is at its highest in %(week)s.", week=week))


def _peaked(found: ChartFinding, week: str) -> str:
    sentences: dict[tuple[str, str], str] = {
        ("confusion", "rising"): _("Confusion peaked in %(week)s and is rising again.", week=week),
        ("confusion", "falling"): _("Confusion peaked in %(week)s and is falling.", week=week),
        ("confusion", "steady"): _("Confusion peaked in %(week)s and is lower since.", week=week),
        ("frustration", "rising"): _("Frustration peaked in %(week)s and is rising again.", week=week),
        ("frustration", "falling"): _("Frustration peaked in %(week)s and is falling.", week=week),
        ("frustration", "steady"): _("Frustration peaked in %(week)s and is lower since.", week=week),
    }
    return sentences[found.label, found.now]


def coverage(body: SnapshotBody) -> str:
    """How much of the class the page speaks of, or empty when that is not told (P15, U27)."""
    return band_word(body.coverage) if body.coverage else ""
