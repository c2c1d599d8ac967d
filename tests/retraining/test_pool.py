"""What a run learns from: each text once, weighed, and no author on both sides."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.retraining.pool import FLOOR_HELD_OUT, build
from lti_tool.review.pool import Correction
from tests.classroom import START

ONE = Correction(
    text="I do not see when the recursion stops at all",
    language="en",
    labels={"sentiment": "negative", "confusion": 1},
    person_id="ann",
    course_id="algorithms",
    annotator_id="teacher",
    annotator_role="instructor",
    thread_index="t1",
    answer_id="a1",
)


def many(people: list[int], threads: list[int]) -> list[Correction]:
    pairs = zip(people, threads, strict=False)
    return [
        replace(
            ONE,
            text=f"text {n} " + " ".join(f"w{n}x{k}" for k in range(8)),
            answer_id=f"a{n:03}",
            person_id=f"p{person}",
            thread_index=f"t{thread}",
        )
        for n, (person, thread) in enumerate(pairs)
    ]


def test_a_near_duplicate_counts_once() -> None:
    pool = build([ONE, replace(ONE, answer_id="a2", person_id="bob", text=ONE.text + " now")])
    assert pool.size == 1
    assert pool.duplicates == 1


def test_a_handful_is_all_used_for_training() -> None:
    pool = build(many(list(range(12)), list(range(12))))
    assert (len(pool.corrections), len(pool.held_out)) == (12, 0)


@given(
    st.lists(st.integers(0, 40), min_size=60, max_size=120),
    st.lists(st.integers(0, 200), min_size=120, max_size=120),
)
def test_no_author_is_on_both_sides_and_no_thread_of_few(people: list[int], threads: list[int]) -> None:
    rows = many(people, threads)
    pool = build(rows)
    held = {row["text"] for row in pool.held_out}
    sides = [[r for r in rows if (r.text in held) is side] for side in (True, False)]
    assert not {r.person_id for r in sides[0]} & {r.person_id for r in sides[1]}
    of_author, in_thread = Counter(r.person_id for r in rows), {}
    for r in rows:
        in_thread.setdefault(r.thread_index, set()).add(r.person_id)
    alone = {
        one
        for one in in_thread
        if len(in_thread[one]) > 1
        and all(
            len(in_thread[other]) == 1
            for other in in_thread
            if other != one and in_thread[other] & in_thread[one]
        )
    }
    small = {one for one in alone if sum(of_author[who] for who in in_thread[one]) <= len(rows) / 10}
    assert not small & {r.thread_index for r in sides[0]} & {r.thread_index for r in sides[1]}


def test_many_corrections_leave_some_to_check_on() -> None:
    pool = build(many(list(range(100)), list(range(100))))
    assert 30 <= len(pool.held_out) <= 40


def test_a_class_that_talks_in_one_thread_still_leaves_some() -> None:
    pool = build(many([n % 20 for n in range(100)], [0] * 100))
    assert 30 <= len(pool.held_out) <= 40
    assert len({row["group"] for row in pool.held_out}) >= 6


def test_what_a_version_has_learnt_is_never_held_out() -> None:
    """At fifty-nine all is used for training; the sixtieth does not turn what was learnt into a test."""
    rows = many(list(range(120)), list(range(120)))
    first = build(rows[:59])
    assert (first.held_out, len(first.learnt_ids)) == ((), 59)
    for count in (60, 90, 120):
        later = build(rows[:count], trained_on=first.learnt_ids)
        assert set(first.learnt_ids) <= set(later.learnt_ids)
        assert len(later.held_out) == min(count - 59, count * 3 // 10)


@given(st.sets(st.integers(0, 99)), st.lists(st.integers(0, 30), min_size=100, max_size=100))
def test_nobody_of_whom_a_version_has_learnt_is_held_out(seen: set[int], people: list[int]) -> None:
    rows = many(people, list(range(100)))
    pool = build(rows, trained_on={rows[n].answer_id for n in seen})
    held = {row["text"] for row in pool.held_out}
    assert not {people[n] for n in seen} & {people[n] for n, row in enumerate(rows) if row.text in held}


def test_a_larger_pool_holds_out_the_same_people_as_far_as_it_can() -> None:
    rows = many([n % 60 for n in range(180)], list(range(180)))
    first, later = build(rows[:120]), build(rows, trained_on=build(rows[:120]).learnt_ids)
    assert {row["group"] for row in later.held_out} <= {row["group"] for row in first.held_out}
    assert len(later.held_out) >= 48


def test_held_out_rows_say_whether_they_are_of_the_last_fortnight() -> None:
    rows = [
        replace(r, written_at=START + timedelta(days=n))
        for n, r in enumerate(many([*range(100)], [*range(100)]))
    ]
    newest = [row["text"] for row in build(rows, now=START + timedelta(days=100)).held_out if row["newest"]]
    assert {int(text.split()[1]) for text in newest} <= set(range(87, 100))
    assert not any(row["newest"] for row in build(rows).held_out)
    assert not any(
        row["newest"] for row in build([replace(r, written_at=None) for r in rows], now=START).held_out
    )


def dated(people: list[int], days: list[int]) -> list[Correction]:
    rows = many(people, list(range(len(people))))
    return [
        replace(r, written_at=START + timedelta(days=day), thread_index=None)
        for r, day in zip(rows, days, strict=True)
    ]


@given(st.lists(st.integers(0, 30), min_size=70, max_size=120), st.integers(1, 60))
def test_s42_three_tenths_of_the_newest_weeks_are_held_out(people: list[int], newest: int) -> None:
    """However few have written in them; and of any order of the corrections the same."""
    rows = dated([*people, *range(100, 100 + newest)], [5] * len(people) + [99] * newest)
    pool = build(rows, now=START + timedelta(days=100))
    assert sum(row["newest"] for row in pool.held_out) >= 0.3 * newest
    assert len(pool.held_out) <= 0.4 * len(rows)
    assert build(rows[::-1], now=START + timedelta(days=100)) == pool


def test_s42_the_other_texts_of_the_newest_weeks_train() -> None:
    """What is corrected on Monday can help on Tuesday, in a first pool and beside what a version has learnt."""
    rows, now = dated([*range(200)], [5] * 100 + [99] * 100), START + timedelta(days=100)
    for seen in ((), build(rows[:100]).learnt_ids):
        pool = build(rows, now=now, trained_on=seen)
        new = sum(int(row["text"].split()[1]) >= 100 for row in pool.corrections)
        assert new + sum(row["newest"] for row in pool.held_out) == 100
        assert 40 <= new <= 70


def test_a_group_has_a_name_that_leads_to_nobody_and_stays() -> None:
    rows = many(list(range(100)), list(range(100)))
    names = {row["text"]: row["group"] for row in build(rows).held_out}
    assert not {name for name in names.values() if any(r.person_id in name for r in rows)}
    again = {row["text"]: row["group"] for row in build(rows[:80]).held_out}
    assert all(names[text] == again[text] for text in names.keys() & again.keys())


def test_a_held_label_is_in_no_part_of_the_pool() -> None:
    rows = many(list(range(5)), list(range(5)))
    pool = build([replace(rows[0], held="pace"), *rows[1:]])
    assert pool.held == {"a000": "pace"}
    assert (pool.answer_ids, pool.hash) == (build(rows[1:]).answer_ids, build(rows[1:]).hash)
    assert "p0" not in pool.people


@pytest.mark.parametrize(("annotators", "share"), [(1, 0.5), (2, 0.5), (3, 0.2), (12, 0.2)])
def test_s41_below_three_annotators_half_of_the_weight_is_replay(annotators: int, share: float) -> None:
    rows = many(list(range(40)), list(range(40)))
    pool = build([replace(r, annotator_id=f"who{n % annotators}") for n, r in enumerate(rows)])
    assert (pool.annotators, pool.replay_share) == (annotators, share)


def test_s41_rows_weigh_what_the_caps_allow() -> None:
    rows = many(list(range(59)), list(range(59)))
    pool = build([replace(r, annotator_id=f"who{max(0, n - 38)}") for n, r in enumerate(rows)])
    by = Counter[bool]()
    for row in pool.corrections:
        by[int(row["text"].split()[1]) < 39] += row["weight"]
    assert by[True] == pytest.approx(20, abs=1e-3)
    assert by[False] == 20


def test_s41_held_out_rows_weigh_what_the_caps_allow() -> None:
    """A course where one of ten annotators has labelled most: what they said does not decide what is better."""
    people = [*range(200), *(200 + n // 2 for n in range(108))]
    whose = ["most"] * 200 + [f"few{n // 12}" for n in range(108)]
    rows = [
        replace(r, annotator_id=who, course_id=f"course of {who}", thread_index=None)
        for r, who in zip(many(people, people), whose, strict=True)
    ]
    by, count = Counter[bool](), Counter[bool]()
    for row in build(rows).held_out:
        assert 0 < row["weight"] <= 1
        is_most = int(row["text"].split()[1]) < 200
        by[is_most] += row["weight"]
        count[is_most] += 1
    assert count[True] > count[False]
    assert by[True] == pytest.approx(FLOOR_HELD_OUT, abs=1e-3)
    assert by[True] < by.total() / 4


def test_s41_students_who_contest_are_no_annotators() -> None:
    rows = many(list(range(50)), list(range(50)))
    contests = [replace(r, annotator_id=r.person_id, annotator_role="student") for r in rows[40:]]
    pool = build(rows[:40] + contests)
    assert (pool.annotators, pool.replay_share) == (1, 0.5)
    assert {row["weight"] for row in pool.corrections} == {1.0}


def test_a_text_with_two_readers_weighs_one() -> None:
    other = replace(
        ONE, answer_id="a2", annotator_id="colleague", labels={"sentiment": "neutral", "confusion": 1}
    )
    (row,) = build([ONE, other]).corrections
    assert (row["weight"], row["labels"]) == (1.0, {"confusion": 1})


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 3), st.integers(0, 8)), max_size=90
    ),
    st.integers(0, 3),
)
def test_s40_without_an_annotator_the_pool_is_as_if_they_had_never_labelled(
    given_: list[tuple[int, int, int, int]], left_out: int
) -> None:
    """The pool is a function of the corrections alone: hashes, weights and what is held out."""
    base = many([who for who, *_ in given_], [thread for _, thread, *_ in given_])
    rows = [
        replace(base[n // 2 * 2], answer_id=f"a{n:03}", annotator_id=f"who{who}", course_id=f"c{course % 4}")
        for n, (_, _, who, course) in enumerate(given_)
    ]
    remaining = [row for row in rows if row.annotator_id != f"who{left_out}"]
    assert build([row for row in rows[::-1] if row in remaining]) == build(remaining)


def test_the_hash_depends_on_answers_and_labels_and_not_on_their_order() -> None:
    rows = many(list(range(5)), list(range(5)))
    assert build(rows).hash == build(rows[::-1]).hash
    assert build(rows).hash != build(rows[:4]).hash
    assert build(rows).hash != build([replace(rows[0], labels={"sentiment": "neutral"}), *rows[1:]]).hash


def test_a_second_try_takes_the_answers_of_the_first_less_what_was_withdrawn() -> None:
    rows = many(list(range(6)), list(range(6)))
    first = build(rows[:4])
    assert build(rows, only=first.answer_ids).hash == first.hash
    assert build(rows[1:], only=first.answer_ids).answer_ids == first.answer_ids[1:]
