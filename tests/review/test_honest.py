"""How often the model is right, on texts that were drawn by chance alone."""

from datetime import timedelta

import pytest

from lti_tool.review import queue, service
from lti_tool.review.honest import Share, honest_agreement, share
from tests.review.conftest import NOW, at

FRUSTRATED = {"sentiment": "negative", "frustration": 1}


def read_by_a_person(made, posts, wrong, why="random"):
    """The model reads all as frustrated; the first `wrong` are not."""
    who = made.teacher()
    return [
        made.label(post, who, {"sentiment": "neutral"} if number < wrong else FRUSTRATED, why=why)
        for number, post in enumerate(posts)
    ]


def of_slice(made, count, choices="ABC", **chances):
    """So many texts of the random slice."""
    found = []
    while len(found) < count:
        found += [post for post in made.texts(1, choices, **chances) if queue.in_slice(post.id)]
    return found


def test_only_random_items_count(made):
    sad = {"frustration": 0.9, "negative": 0.9}
    read_by_a_person(made, of_slice(made, 10, **sad), 4)
    for why in ("uncertain", "second", "check", "rest", None):
        read_by_a_person(made, of_slice(made, 3, **sad), 3, why)
    others = [post for post in made.texts(9, **sad) if not queue.in_slice(post.id)]
    read_by_a_person(made, others, 3, "contested")
    found = honest_agreement(made.session, made.model)
    assert (found.whole.texts, found.whole.share) == (10, pytest.approx(0.6))
    assert found.sentiment == found.labels["frustration"] == found.whole
    assert found.labels["boredom"].share == 1


def test_what_the_version_has_learnt_or_not_read_does_not_count(made):
    answers = read_by_a_person(made, of_slice(made, 4, frustration=0.9, negative=0.9), 2)
    unread = made.room.post(made.room.person("ABC"), made.forum)
    made.label(unread, made.teacher(), why="random")
    found = honest_agreement(made.session, made.model, without={answers[0].id, answers[1].id})
    assert (found.whole.texts, found.whole.share) == (2, 1.0)


def test_whether_an_author_gave_c_makes_no_difference(made):
    read_by_a_person(made, of_slice(made, 4, "AB", frustration=0.9, negative=0.9), 1)
    assert honest_agreement(made.session, made.model).whole.texts == 4


def test_contested_texts_of_the_slice_count_by_their_share_of_it_and_not_by_how_many_were_read(made):
    """Of fifty, ten are contested and wrong; all of these are read, and ten of the others, which are right."""
    posts = of_slice(made, 50, frustration=0.9, negative=0.9)
    for post in posts[:10]:
        service.contest(made.session, at(-60), post.id, post.person_id, {"sentiment": "neutral"})
    read_by_a_person(made, posts[:10], 10, "contested")
    read_by_a_person(made, posts[10:20], 0)
    found, even = honest_agreement(made.session, made.model).whole, share([1] * 16 + [0] * 4)
    assert (found.texts, found.share) == (20, pytest.approx(0.8))
    assert found.high - found.low > even.high - even.low, "weights make it less sure"


def test_a_text_of_the_slice_that_its_author_contests_is_still_one_of_it(made):
    (post,) = of_slice(made, 1, frustration=0.9, negative=0.9)
    service.contest(made.session, at(-60), post.id, post.person_id, {"sentiment": "neutral"})
    items = service.queue(made.session, NOW, made.course_id, 999)
    (why,) = [item.why for item in items if item.post.id == post.id]
    assert why == "contested"
    read_by_a_person(made, [post], 1, why)
    assert honest_agreement(made.session, made.model).whole == share([0])


@pytest.mark.parametrize(
    ("agrees", "of", "low", "high"),
    [(0, 0, 0, 1), (8, 10, 0.490, 0.943), (10, 10, 0.722, 1), (50, 100, 0.404, 0.596)],
)
def test_the_interval_is_wilsons(agrees, of, low, high):
    found = share([1] * agrees + [0] * (of - agrees))
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-3), pytest.approx(high, abs=1e-3))
    assert isinstance(found, Share)


def test_the_slice_is_a_third_whatever_the_model_makes_of_the_texts(made):
    posts = made.texts(150, confusion=0.52) + made.texts(150, confusion=0.97)
    drawn = [queue.in_slice(post.id) for post in posts]
    assert 70 <= sum(drawn) <= 132
    items = service.queue(made.session, NOW, made.course_id, 999)
    assert len(items) == 300
    random = [item for item in items if item.why == "random"]
    assert {item.post.id for item in random} == {p.id for p, is_in in zip(posts, drawn, strict=True) if is_in}
    doubtful = [item.reading.probabilities["confusion"] < 0.6 for item in random]
    assert 0.2 < sum(doubtful[:40]) / 40 < 0.8, "uncertain ones are neither first nor last among them"


def test_the_slice_stays_when_the_day_or_the_model_changes(made):
    posts = made.texts(30, confusion=0.52)
    first = {
        item.post.id for item in service.queue(made.session, NOW, made.course_id, 99) if item.why == "random"
    }
    later = service.queue(made.session, NOW + timedelta(days=3), made.course_id, 99)
    assert (
        {item.post.id for item in later if item.why == "random"}
        == first
        == {post.id for post in posts if queue.in_slice(post.id)}
    )
