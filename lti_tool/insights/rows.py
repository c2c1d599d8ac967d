"""Rows of the instructor's pages: a snapshot's findings and topics with their words."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from lti_tool.disclosure.rules import percent_text
from lti_tool.insights.acts import act_words
from lti_tool.insights.snapshot import Finding, SnapshotBody, Topic
from lti_tool.insights.words import finding_sentence

WELCOME = frozenset({"engagement", "enthusiasm", "satisfaction"})
TONES = {"confusion": "vermillion", "frustration": "grey", "engagement": "blue"}
HIGH = 25
"""Percent of all of a topic's texts from which it is named on the overview, which says this rule.

Findings have their own, higher lines: they look at one week, where fewer texts move a share more.
"""
MOST_HIGH = 4


@dataclass(frozen=True)
class FindingRow:
    """A finding as a sentence whose first part stands out, with what students wrote and what to do."""

    finding: Finding
    bold: str
    rest: str
    phrases: Sequence[str]
    act: str
    good: bool


@dataclass(frozen=True)
class Cell:
    """A share of a topic's texts; None when too few wrote."""

    percent: int | None
    words: str
    tone: str


@dataclass(frozen=True)
class TopicRow:
    """A place of the course with its shares."""

    topic: Topic
    name: str
    where: str
    texts: int | None
    cells: tuple[Cell, ...]


def finding_row(finding: Finding, phrases: Sequence[str]) -> FindingRow:
    bold, rest = finding_sentence(finding)
    return FindingRow(finding, bold, rest, phrases, act_words(finding), _is_good(finding))


def _is_good(finding: Finding) -> bool:
    return (finding.label in WELCOME) != (finding.change == "fell")


def topic_rows(body: SnapshotBody) -> list[TopicRow]:
    """Topics as the picture orders them: most stuck first, what may not be shown last."""
    return [_topic_row(topic) for topic in body.topics]


def high_topics(body: SnapshotBody) -> tuple[list[tuple[TopicRow, str]], int]:
    """The few topics with the most confusion or frustration, each with a phrase, and how many more there are."""
    high = [(label, share, topic) for topic in body.topics for label, share in _stuck(topic)]
    high.sort(key=lambda row: -row[1])
    named: dict[str, list[str]] = {}
    rows: dict[str, TopicRow] = {}
    for label, share, topic in high:
        key = f"{topic.place.kind} {topic.place.key} {topic.source}"
        rows.setdefault(key, _topic_row(topic))
        named.setdefault(key, []).append(_reads_as(label, share))
    shown = [(rows[key], ", ".join(named[key])) for key in list(rows)[:MOST_HIGH]]
    return shown, len(rows) - len(shown)


def _stuck(topic: Topic) -> list[tuple[str, int]]:
    pairs = ((label, topic.shares.get(label)) for label in ("confusion", "frustration"))
    return [(label, share) for label, share in pairs if share is not None and share >= HIGH]


def _reads_as(label: str, share: int) -> str:
    if label == "confusion":
        return str(_("%(share)s read as confused", share=percent_text(share)))
    return str(_("%(share)s read as frustrated", share=percent_text(share)))


def _topic_row(topic: Topic) -> TopicRow:
    kind = _("reflections") if topic.source == "reflection" else _("forum")
    if topic.source == "all":
        kind = _("forums and reflections")
    if topic.shared:
        kind = _("%(kind)s, shared texts only", kind=kind)
    where = _("week %(number)s", number=topic.week) + " · " + kind if topic.week else kind
    cells = tuple(_cell(label, topic.shares.get(label)) for label in TONES)
    return TopicRow(topic, topic.place.name, where, topic.texts, cells)


def _cell(label: str, percent: int | None) -> Cell:
    return Cell(percent, "" if percent is None else percent_text(percent), TONES[label])
