"""The topics that the overview names: highest first, a few of them, and how many more there are."""

import pytest

from lti_tool.insights.rows import MOST_HIGH, high_topics
from lti_tool.insights.snapshot import Place, SnapshotBody, Topic

pytestmark = pytest.mark.usefixtures("page")


def topic(key: str, **shares: int | None) -> Topic:
    return Topic(Place("section", key, f"Topic {key}"), "all", 1, 30, dict(shares))


def body(*topics: Topic) -> SnapshotBody:
    return SnapshotBody(state="ready", smallest_group=5, topics=topics)


def test_topics_from_a_quarter_on_are_named_highest_first():
    shown, further = high_topics(
        body(topic("low", confusion=20), topic("line", frustration=25), topic("top", confusion=45))
    )
    assert [(row.name, told) for row, told in shown] == [
        ("Topic top", "45 % read as confused"),
        ("Topic line", "25 % read as frustrated"),
    ]
    assert further == 0


def test_one_topic_with_both_is_one_row():
    shown, _ = high_topics(body(topic("both", confusion=30, frustration=40)))
    assert [told for _, told in shown] == ["40 % read as frustrated, 30 % read as confused"]


def test_what_may_not_be_shown_is_never_named():
    assert high_topics(body(topic("few", confusion=None))) == ([], 0)


def test_how_many_more_there_are_is_told():
    shown, further = high_topics(body(*(topic(str(number), confusion=30) for number in range(MOST_HIGH + 2))))
    assert (len(shown), further) == (MOST_HIGH, 2)
