"""Labels that wait for a second reader: what holds them, what lets them go, and what neither tells (S43)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED
from lti_tool.review import dropping, holds, service
from lti_tool.review.pool import corrections, keep_for_pool
from lti_tool.review.tables import HeldLabel, PoolText
from tests.review.conftest import GLAD, NOW, SAD, at


@pytest.fixture
def held(made):
    """A label of Ann's that waits."""
    made.ann, made.bob, made.cai = made.teacher(), made.teacher(), made.teacher()
    (made.post,) = made.texts(1)
    made.first = made.label(made.post, made.ann)
    holds.hold(made.session, NOW, {made.first.id: "sure"})
    return made


def waits(made):
    """Annotator → why their label may not train."""
    return {one.annotator_id: one.held for one in corrections(made.session) if one.held}


def test_s43_a_held_label_waits(held):
    assert waits(held) == {held.ann: "sure"}


def test_s43_a_second_reader_who_says_the_same_releases_it_and_both_train(held):
    held.label(held.post, held.bob, SAD | {"confusion": 1}, 1)
    assert waits(held) == {}
    assert len(corrections(held.session)) == 2


def test_s43_a_second_reader_who_says_something_else_leaves_both_out(held):
    held.label(held.post, held.bob, GLAD, 1)
    assert waits(held) == {held.ann: "readers_differ", held.bob: "readers_differ"}


def test_s43_a_third_reader_decides_between_two(held):
    held.label(held.post, held.bob, GLAD, 1)
    held.label(held.post, held.cai, GLAD, 2)
    assert waits(held) == {held.ann: "readers_differ"}
    held.undo(held.post, held.cai, 3)
    held.label(held.post, held.cai, SAD, 4)
    assert waits(held) == {}, "what they differ on is masked, not left out"


def test_s43_a_second_word_taken_back_holds_it_again(held):
    held.label(held.post, held.bob, SAD, 1)
    held.undo(held.post, held.bob, 2)
    assert waits(held) == {held.ann: "sure"}


@pytest.mark.parametrize("what", ["cannot tell", "the author", "edited"])
def test_s43_nothing_but_a_second_label_for_the_same_text_decides(held, what):
    if what == "cannot tell":
        of = held.post.id, held.bob, held.post.text_hash
        service.cannot_tell(held.session, at(1), *of, course_id=held.course_id)
    elif what == "the author":
        service.contest(held.session, at(1), held.post.id, held.post.person_id, SAD)
    else:
        held.post.text_hash = "another"
        held.label(held.post, held.bob, GLAD, 1)
        assert waits(held) == {}
        return
    assert waits(held) == {held.ann: "sure"}


@pytest.mark.parametrize("reason", sorted(holds.OF_THE_ANNOTATOR))
def test_s43_whoever_is_held_for_how_they_answer_confirms_nobody_and_takes_nobody_out(held, reason):
    second = held.label(held.post, held.bob, SAD, 1)
    holds.hold(held.session, NOW, {held.first.id: "sure", second.id: reason})
    assert waits(held) == {held.ann: "sure"}
    held.undo(held.post, held.bob, 2)
    third = held.label(held.post, held.bob, GLAD, 3)
    holds.hold(held.session, NOW, {third.id: reason}, {held.first.id}, {held.first.id})
    assert waits(held) == {held.bob: "readers_differ"}


def test_s43_two_held_for_their_text_confirm_each_other(held):
    second = held.label(held.post, held.bob, SAD, 1)
    holds.hold(held.session, NOW, {held.first.id: "sure", second.id: "sure"})
    assert waits(held) == {}


def test_s43_an_authors_held_claim_takes_no_instructors_label_out(held):
    (post,) = held.texts(1)
    claim = service.contest(held.session, at(1), post.id, post.person_id, GLAD)
    holds.hold(held.session, NOW, {claim.id: "sure"}, {held.first.id}, {held.first.id})
    assert waits(held) == {post.person_id: "sure"}
    held.label(post, held.bob, SAD, 2)
    assert waits(held) == {post.person_id: "readers_differ"}


def test_s43_the_next_check_releases_what_it_finds_no_more_and_keeps_since_when(held):
    holds.hold(held.session, at(60), {held.first.id: "quality"})
    row = held.session.scalars(select(HeldLabel)).one()
    assert (row.reason, row.held_at, row.released_at) == ("quality", NOW, None)
    holds.hold(held.session, at(120), {}, {held.first.id}, {held.first.id})
    assert (row.released_at, waits(held)) == (at(120), {})
    holds.hold(held.session, at(180), {}, {held.first.id}, {held.first.id})
    assert row.released_at == at(120)
    holds.hold(held.session, at(240), {held.first.id: "pace"})
    assert (row.held_at, row.released_at) == (at(240), None)


@pytest.mark.parametrize("reason", holds.REASONS)
def test_s43_without_a_reading_only_a_hold_for_how_somebody_answers_is_released(held, reason):
    holds.hold(held.session, at(60), {held.first.id: reason})
    holds.hold(held.session, at(120), {}, {held.first.id})
    assert waits(held) == ({} if reason in holds.OF_THE_ANNOTATOR else {held.ann: reason})


def test_s43_a_check_of_other_labels_releases_nothing(held):
    holds.hold(held.session, at(60), {}, {"0" * 32})
    assert waits(held) == {held.ann: "sure"}


def test_s43_an_answer_that_has_gone_is_passed_over(held):
    holds.hold(held.session, NOW, {"0" * 32: "sure", held.first.id: "sure"})
    assert len(held.session.scalars(select(HeldLabel)).all()) == 1


def test_s43_s40_without_the_second_reader_the_label_waits_again(held):
    held.label(held.post, held.bob, SAD, 1)
    dropping.drop(held.session, at(2), dropping.Which(annotator_id=held.bob))
    assert waits(held) == {held.ann: "sure"}


def test_p62_what_waits_is_not_kept_for_the_pool_once_nobody_can_read_it(held):
    assert keep_for_pool(held.session, at(9), [held.post]) == 0
    held.label(held.post, held.bob, SAD, 10)
    assert keep_for_pool(held.session, at(11), [held.post]) == 2
    assert {row.answered_at for row in held.session.scalars(select(PoolText))} == {NOW, at(10)}


def test_a_withdrawal_takes_the_hold_along(held):
    consent.save(held.session, NOW + timedelta(days=1), held.post.person_id, held.course_id, DECLINED, "en")
    held.session.flush()
    assert held.session.scalars(select(HeldLabel)).all() == []
