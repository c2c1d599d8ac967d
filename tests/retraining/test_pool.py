"""What a run learns from: near-duplicates once, no author and no thread on both sides."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.retraining.pool import build
from lti_tool.review.pool import Correction

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
def test_no_author_and_no_thread_is_on_both_sides(people: list[int], threads: list[int]) -> None:
    rows = many(people, threads)
    pool = build(rows)
    held = {row["text"] for row in pool.held_out}
    sides = [[r for r in rows if (r.text in held) is side] for side in (True, False)]
    for key in ("person_id", "thread_index"):
        assert not {getattr(r, key) for r in sides[0]} & {getattr(r, key) for r in sides[1]}


def test_many_corrections_leave_some_to_check_on() -> None:
    pool = build(many(list(range(100)), list(range(100))))
    assert 15 <= len(pool.held_out) <= 45


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
