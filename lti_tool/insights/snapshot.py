"""The body of a course snapshot: the one shape that staff pages read.

It holds numbers, keys of words, names of activities (made by staff) and ids of texts; never a text or a
student's name (design decision 8). Every number about texts is `Told`, which only `disclosure` makes; what may not be
shown is None: a gap, never a zero (U22).

`insights.service.body_of(snapshot)` gives a `SnapshotBody`; `insights.words` turns its keys into sentences.
"""

from datetime import date
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from lti_tool.disclosure.figures import Told
from lti_tool.disclosure.rules import Band, Share

FORMAT = 2

State = Literal["ready", "no_model", "no_posts", "too_few"]
"""`too_few` reads the same as "nobody has chosen yet" (U49, P14)."""
Source = Literal["all", "forum", "reflection"]
Change = Literal["rose", "more_than_doubled", "is_back", "fell", "high"]
"""Against the week before; `high` is a level without a change worth telling."""
NextStep = Literal["plan_q_and_a", "draft_note", "offer_challenge"]
Certainty = Literal["likely", "mixed"]
"""Headlines leave out what is unsure (U24)."""


@dataclass(frozen=True)
class Week:
    """A week of the course; `due` names the activities whose deadline lies in it."""

    number: int
    starts: date
    due: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """The share of a week's texts in percent, in steps of 5, with the band of uncertainty around it."""

    percent: Told
    low: Told
    high: Told


@dataclass(frozen=True)
class Place:
    """Where: the whole course, a section (`key` is its number) or an activity (`key` is its id)."""

    kind: Literal["course", "section", "activity"]
    key: str
    name: str


@dataclass(frozen=True)
class PhraseSpan:
    """A phrase as a stretch of one text: characters `start` to `end` of `post` while it has this `text_hash`.

    `posts` are the texts that use it, of at least two authors with B. The words themselves are read when a
    page is shown, so a withdrawal hides them at once.
    """

    post: str
    text_hash: str
    start: int
    end: int
    posts: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    """One thing that changed or is high, with its size, certainty, evidence and next step (U20)."""

    id: str
    """Usable in an address; the same place and label keep it from snapshot to snapshot."""
    label: str
    change: Change
    place: Place
    source: Source
    share: Share
    """Key of a share in words, as `disclosure.rules.share` gives it, for example `about_half`."""
    before: Share | None
    """The share before, or None for `high` and where it may not be shown."""
    texts: Told
    """Texts that read as the label, rounded to 5."""
    of: Told
    """Texts looked at, rounded to 5."""
    authors: Told
    """At least so many distinct authors wrote the `texts`: rounded down, never under the smallest group."""
    certainty: Certainty
    next_step: NextStep
    trend: tuple[Told | None, ...]
    """Percent per week of `weeks`, None for a gap: the sparkline."""
    examples: tuple[str, ...]
    """Ids of texts of authors with B, the most certain first; checked again when read."""
    phrases: tuple[PhraseSpan, ...] = ()
    shared: bool = False
    """Whether only texts of authors with B were looked at, which the page says."""


@dataclass(frozen=True)
class Topic:
    """A row of the table of topics: a place and its shares in percent, None where too few wrote."""

    place: Place
    source: Source
    week: int | None
    texts: Told | None
    """Rounded to 5; None when the row is suppressed."""
    shares: dict[str, Told | None]
    """For confusion, frustration and engagement."""
    shared: bool = False
    """As for findings."""


@dataclass(frozen=True)
class ChartFinding:
    """What the sentence above the chart says: where a label peaked, and how it moves now."""

    label: str
    peak_week: int
    peak_name: str
    """The section's name in that week, or empty."""
    now: Literal["rising", "falling", "steady"]


@dataclass(frozen=True)
class SnapshotBody:
    """Everything that a staff page may show until the next snapshot."""

    state: State
    smallest_group: int
    week: int | None = None
    """The week the findings are about: the latest one with enough authors."""
    texts: Told | None = None
    """Texts read so far, rounded to 5."""
    coverage: Band | None = None
    """Share of the class whose texts are included; None when not known or too few (P15)."""
    uncovered: Told | None = None
    """Texts in a language that is not covered yet, rounded to 5; None when none or too few (U47)."""
    weeks: tuple[Week, ...] = ()
    series: dict[Source, dict[str, tuple[Point | None, ...]]] | None = None
    """Per source and label one entry per week of `weeks`; None is a gap: "Too few to show"."""
    chart: tuple[ChartFinding, ...] = ()
    findings: tuple[Finding, ...] = ()
    """At most five."""
    topics: tuple[Topic, ...] = ()
    format: int = FORMAT


_adapter = TypeAdapter(SnapshotBody)


def to_json(body: SnapshotBody) -> dict[str, Any]:
    """The body as JSON for `Snapshot.body`."""
    plain: dict[str, Any] = _adapter.dump_python(body, mode="json")
    return plain


def from_json(plain: dict[str, Any]) -> SnapshotBody:
    """The body of a stored snapshot."""
    return _adapter.validate_python(plain)
