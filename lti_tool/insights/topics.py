"""The table of topics: where confusion, frustration and engagement are high, over all weeks."""

from collections import Counter
from collections.abc import Sequence

from lti_tool.disclosure.rules import rounded
from lti_tool.insights.figures import count, showable
from lti_tool.insights.material import Material, Text
from lti_tool.insights.places import section_of
from lti_tool.insights.snapshot import Place, Source, Topic
from lti_tool.insights.weeks import Groups

LABELS = ("confusion", "frustration", "engagement")


def topics(material: Material, by_week: Groups, k: int) -> tuple[Topic, ...]:
    """A row per section, or per activity outside the named sections; most stuck first, suppressed ones last."""
    by_place: dict[tuple[Place, Source], list[Text]] = {}
    for text in material.texts:
        section = section_of(text.activity)
        place = section or Place("activity", text.activity.id, text.activity.name)
        source: Source = "all" if section else ("forum" if text.source == "forum" else "reflection")
        by_place.setdefault((place, source), []).append(text)
    rows = [_topic(place, source, texts, by_week, k) for (place, source), texts in by_place.items()]
    return tuple(sorted(rows, key=_order))


def _topic(place: Place, source: Source, texts: Sequence[Text], by_week: Groups, k: int) -> Topic:
    in_weeks = Counter(text.week for text in texts)
    week = in_weeks.most_common(1)[0][0]
    shown = showable(texts, k, [by_week["all", number] or () for number in in_weeks])
    if shown is None:
        return Topic(place, source, week, None, dict.fromkeys(LABELS))
    counted = {name: count(shown, name) for name in LABELS}
    return Topic(
        place,
        source,
        week if place.kind == "section" else None,
        rounded(len(shown)),
        {name: own.percent for name, own in counted.items()},
        shared=counted[LABELS[0]].shared,
    )


def _order(topic: Topic) -> tuple[bool, int, int]:
    stuck = max(topic.shares["confusion"] or 0, topic.shares["frustration"] or 0)
    return topic.texts is None, -stuck, topic.week or 0
