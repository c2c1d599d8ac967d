"""No pair of answers, and no system of them over several pictures, speaks of fewer than k people (P49, P50)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.disclosure.attacking import History, Written, histories, isolated, play, weights

NEVER = 99


def assert_nobody_is_isolated(history):
    matrix, authors, _seen = weights(history)
    assert isolated(matrix, authors, history.k) is None


@settings(max_examples=60, deadline=None)
@given(histories())
def test_p50_no_system_of_answers_over_time_isolates_fewer_than_k(history):
    assert_nobody_is_isolated(history)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@settings(max_examples=1000, deadline=None)
@given(st.integers(3, 5).flatmap(lambda k: histories(k, most_authors=10, most_steps=6)))
def test_p50_no_system_of_answers_over_time_isolates_fewer_than_k_at_length(history):
    assert_nobody_is_isolated(history)


def text(author, appears=0, place="help", week=1, edited=NEVER, contested=(NEVER, NEVER), deleted=NEVER):
    return Written(author, place, week, appears, edited, contested, deleted)


def lone(step_one: str, step_two: str, k: int = 3, **changes):
    """Four people who wrote in one place, of whom the last changes between two pictures."""
    last = len(step_one) - 1
    texts = [text(author, **(changes if author == last else {})) for author in range(len(step_one))]
    return History(tuple(texts), (tuple(step_one), tuple(step_two)), k)


def again(*steps: str):
    """Three pictures and more, with nothing written meanwhile."""
    return History(tuple(text(author) for author in range(len(steps[0]))), tuple(map(tuple, steps)), 3)


BETWEEN_PICTURES = {
    "joins": lone("aaa-", "aaaa"),
    "leaves": lone("aaaa", "aaa-"),
    "gives B": lone("aaaa", "aaab"),
    "gives B among few": lone("aaa", "aab"),
    "takes B back": lone("aaab", "aaaa"),
    "withdraws and agrees anew with B": again("aaa", "a-a", "aba"),
    "was readable, withdraws and agrees anew": again("abbb", "a---", "aaaa"),
    "stays alone without B": lone("bbba", "aaaa"),
    "writes": lone("aaaa", "aaaa", appears=1),
    "edits": lone("aaaa", "aaaa", edited=1),
    "contests": lone("aaaa", "aaaa", contested=(1, 2)),
    "deletes": lone("aaaa", "aaaa", deleted=1),
}


@pytest.mark.parametrize("history", BETWEEN_PICTURES.values(), ids=BETWEEN_PICTURES)
def test_p50_who_changes_alone_between_two_pictures_is_not_given_away(history):
    seen = play(history)
    assert seen.told, "the test would prove nothing if nothing were told"
    assert_nobody_is_isolated(history)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_p50_the_number_of_writers_speaks_of_nobody_unread_or_of_k_of_them(history):
    for cells in play(history).writers:
        for told in filter(None, cells.values()):
            assert not told.unread or len(told.unread) >= history.k


@settings(max_examples=100, deadline=None)
@given(histories(), st.data())
def test_p15_one_who_gives_b_moves_a_number_of_writers_only_by_texts_that_can_then_be_read(history, data):
    """Else the number would tell of the B, or its absence of the lack of one."""
    last = history.choices[-1]
    givers = [author for author, choice in enumerate(last) if choice == "a"]
    if not givers:
        return
    giver = data.draw(st.sampled_from(givers))
    longer = history.then(last, (*last[:giver], "b", *last[giver + 1 :]))
    seen = play(longer)
    before, after = seen.writers[-2:]
    fresh = [item for post, item in seen.open[-1].items() if post not in seen.open[-2]]
    assert {item.author for item in fresh} <= {str(giver)}
    for where, told in after.items():
        was, own = before[where], sum(where.holds(item.scope) for item in fresh)
        if was and not told:
            theirs = own + was.texts[str(giver)]
            assert 2 * theirs > own + was.texts.total(), "only where one's texts are over half"
        if was and told:
            assert told.all - was.all <= ({str(giver)} if own else set())
            assert was.all <= told.all


def _numbers(told):
    return told and len(told.all)


def test_p15_of_k_unread_writers_one_gives_b_and_the_number_stays():
    """By the rule "k of them" alone, which remembers nothing, four of five would be left and the number be gone."""
    history = History(tuple(text(author) for author in range(11)), (tuple("b" * 6 + "a" * 5),), 5)
    before, after = play(history.then(tuple("b" * 7 + "a" * 4))).writers
    assert {where: _numbers(told) for where, told in after.items()} == {
        where: _numbers(told) for where, told in before.items()
    }
    assert 11 in map(_numbers, before.values())


def test_p49_most_of_what_many_write_is_told():
    """The rule must not be kept by telling nothing."""
    people = 8
    texts = tuple(text(author, place=place) for author in range(people) for place in ("help", "week 1"))
    seen = play(History(texts, (tuple("a" * people),), 5))
    assert seen.told > 10


def test_p49_what_is_left_of_a_group_is_told_only_while_k_are_left():
    texts = tuple(text(author) for author in range(4))
    after_one, after_two = (
        play(History(texts, (tuple("aaaa"), tuple(left)), 3)) for left in ("aaa-", "aa--")
    )
    before = play(History(texts, (tuple("aaaa"),), 3))
    assert after_one.told == 2 * before.told
    assert after_two.told == before.told


def test_p50_a_cell_of_which_one_author_gives_over_half_is_withheld():
    """One who may be read writes more than all others together; of one who may not, the rest waits."""
    loud = tuple(text(0) for _ in range(5))
    others = tuple(text(author) for author in range(1, 5))
    assert not play(History(loud + others, (tuple("baaaa"),), 3)).told
    assert play(History(loud + others, (tuple("aaaaa"),), 3)).told
