"""The table of topics: where confusion, frustration and engagement are high, over all weeks."""

from lti_tool.disclosure.figures import Picture
from lti_tool.insights.material import Material
from lti_tool.insights.places import section_of, where
from lti_tool.insights.snapshot import Place, Source, Topic

LABELS = ("confusion", "frustration", "engagement")


def topics(material: Material, picture: Picture) -> tuple[Topic, ...]:
    """A row per section, or per activity outside the named sections; most stuck first, suppressed ones last.

    Every place of the course has its row, also one in which nobody wrote who may be counted (P14).
    """
    rows: dict[tuple[Place, Source], None] = {}
    for activity in material.activities:
        section = section_of(activity)
        place = section or Place("activity", activity.id, activity.name)
        source: Source = "all" if section else ("forum" if activity.kind == "forum" else "reflection")
        rows.setdefault((place, source))
    found = [_topic(place, source, picture) for place, source in rows]
    return tuple(sorted(found, key=_order))


def _topic(place: Place, source: Source, picture: Picture) -> Topic:
    cell = picture.cell(where(place))
    if cell is None:
        return Topic(place, source, None, None, dict.fromkeys(LABELS))
    week = cell.week if place.kind == "section" else None
    shares = {name: cell.figure(name).percent for name in LABELS}
    return Topic(place, source, week, cell.texts, {**shares}, shared=cell.shared)


def _order(topic: Topic) -> tuple[bool, int, int, str]:
    stuck = max(topic.shares["confusion"] or 0, topic.shares["frustration"] or 0)
    return topic.texts is None, -stuck, topic.week or 0, topic.place.name
