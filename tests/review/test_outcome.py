"""What an instructor reads about an own label the day after, the same whether or not its author gave C (U38, P14)."""

import pytest

from lti_tool.launch import institutions
from lti_tool.review import holds
from lti_tool.review.outcome import outcome
from tests.review.conftest import GLAD, NOW, SAD, at


def of(made, post, who):
    found = outcome(made.session, made.given(post), who)
    return found and found.state


@pytest.mark.parametrize("choices", ["ABC", "AB"])
def test_u38_from_the_answer_to_the_next_day(made, choices):
    ann, bob = made.teacher(), made.teacher()
    (post,) = made.texts(1, choices)
    assert of(made, post, ann) is None
    first = made.label(post, ann)
    assert of(made, post, ann) == "next_check"
    made.checked(60)
    assert of(made, post, ann) == "passed"
    holds.hold(made.session, at(60), {first.id: "pace"})
    assert of(made, post, ann) == "waiting"
    made.label(post, bob, SAD, 90)
    assert (of(made, post, ann), of(made, post, bob)) == ("agreed", "next_check")
    made.undo(post, bob, 91)
    made.label(post, bob, GLAD, 92)
    made.checked(120)
    assert of(made, post, ann) == "differs"


def test_u38_the_second_of_two_who_differ_reads_it_too(made):
    ann, bob = made.teacher(), made.teacher()
    (post,) = made.texts(1)
    holds.hold(made.session, NOW, {made.label(post, ann).id: "sure"})
    made.label(post, bob, GLAD, 1)
    made.checked(60)
    assert of(made, post, ann) == of(made, post, bob) == "differs"


def test_u38_a_check_that_began_before_the_answer_says_nothing_of_it(made):
    ann, (post,) = made.teacher(), made.texts(1)
    made.checked(-5)
    made.label(post, ann)
    assert of(made, post, ann) == "next_check"
    assert outcome(made.session, made.given(post), ann).checked_at == at(-5)


def test_u38_with_two_institutions_the_check_of_ones_own_counts(made):
    ann, (post, newer) = made.teacher(), made.texts(2)
    made.label(post, ann)
    made.checked(60)
    other = institutions.found(made.session, at(61), "Another College")
    assert of(made, post, ann) == "passed", "what was checked before the other came stays checked"
    made.label(newer, ann, minutes=70)
    made.checked(80, other.id)
    assert of(made, newer, ann) == "next_check"
    made.checked(90, made.room.institution_id)
    assert of(made, newer, ann) == of(made, post, ann) == "passed"
