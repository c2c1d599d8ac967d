"""Correcting: what is asked, what is saved, what is shown from then on, and what is refused."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.ingest.tables import Post
from lti_tool.review.sitting import LENGTH, sitting
from lti_tool.review.tables import Answer
from model.labels import EMOTIONS, SENTIMENT

SATISFIED = {"act": "save", "sentiment": "positive", "labels": ["satisfaction"], "back": "queue"}


def first_in_queue(course):
    """The id and the text hash of the text that the queue shows."""
    page = course.get("review").text
    post_id = re.search(r'action="/l/[0-9a-f]+/review/([0-9a-f]+)"', page)[1]
    return post_id, re.search(r'name="text_hash" value="([0-9a-f]+)"', page)[1]


def answers(course):
    with course.database.reading() as session:
        return session.scalars(select(Answer).order_by(Answer.answered_at)).all()


def test_every_label_can_be_chosen_and_has_a_key_and_a_meaning(seen):
    page = seen.get("review").text
    for label, key in zip((*SENTIMENT, *EMOTIONS), "qwe1234567", strict=True):
        assert re.search(rf'value="{label}" data-key="{key}"', page)
    for key in "su?0":
        assert f'data-key="{key}"' in page or key == "u"
    assert page.count("<dt>") == len(SENTIMENT) + len(EMOTIONS)


def test_a_text_says_where_it_is_from_and_why_it_is_shown(seen):
    page = seen.get("review").text
    assert re.search(r"Shown (because|by chance)", page)
    assert re.search(r"(Forum|Reflection), <bdi>(Help|Diary) \d", page)
    assert "1 of 20" in page


def test_an_answer_is_kept_and_the_next_text_is_shown(course):
    post_id, text_hash = first_in_queue(course)
    answer = course.post(f"review/{post_id}", text_hash=text_hash, opened="x", **SATISFIED)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/review?after={post_id}")
    (row,) = answers(course)
    assert (row.kind, row.labels["satisfaction"], row.labels["confusion"]) == ("labels", 1, 0)
    assert row.annotator_id == course.instructor_id
    assert first_in_queue(course)[0] != post_id
    assert "2 of 20" in course.get("review").text


def test_a_corrected_text_shows_it_at_once_and_keeps_what_the_model_had_said(course):
    page = course.get("FINDING").text
    post_id = re.search(r"/review/([0-9a-f]{32})\?", page)[1]
    with course.database.reading() as session:
        text_hash = session.get_one(Post, post_id).text_hash
    course.post(f"review/{post_id}", text_hash=text_hash, **SATISFIED)
    page = course.get("FINDING").text
    assert "reads as <strong>satisfied</strong> · corrected by a person" in page
    assert "The model had said: confused." in page


def test_the_model_s_labels_are_kept_beside_the_answer(course):
    post_id, text_hash = first_in_queue(course)
    course.post(f"review/{post_id}", text_hash=text_hash, **SATISFIED)
    (row,) = answers(course)
    assert row.shown["sentiment"] in SENTIMENT


def test_cannot_tell_is_an_answer_and_changes_nothing_shown(course):
    post_id, text_hash = first_in_queue(course)
    before = re.findall(r'class="label-chip.*?</span>', course.get(f"review/{post_id}").text)
    course.post(f"review/{post_id}", text_hash=text_hash, act="cannot_tell", back="queue")
    assert [row.kind for row in answers(course)] == ["cannot_tell"]
    assert re.findall(r'class="label-chip.*?</span>', course.get(f"review/{post_id}").text) == before
    assert "Nobody can tell" in course.get(f"review?after={post_id}").text


def test_undo_takes_back_the_last_answer_and_shows_its_text(course):
    post_id, text_hash = first_in_queue(course)
    course.post(f"review/{post_id}", text_hash=text_hash, **SATISFIED)
    answer = course.post("review/undo", back="queue")
    assert answer.status_code == 303
    assert f"/review/{post_id}" in answer.headers["Location"]
    assert "1 of 20" in course.get("review").text
    assert [row.kind for row in answers(course)] == ["labels", "undone"]


def test_nothing_to_undo_is_refused_in_words(course):
    answer = course.post("review/undo")
    assert answer.status_code in (404, 409)
    assert not answers(course)


def test_an_answer_without_an_attitude_is_refused(course):
    post_id, text_hash = first_in_queue(course)
    answer = course.post(f"review/{post_id}", text_hash=text_hash, act="save", labels=["confusion"])
    assert answer.status_code == 400
    assert "Choose how the text reads" in answer.text
    assert not answers(course)


def test_an_unknown_label_is_refused(course):
    post_id, text_hash = first_in_queue(course)
    answer = course.post(f"review/{post_id}", text_hash=text_hash, sentiment="neutral", labels=["anger"])
    assert answer.status_code == 400
    assert not answers(course)


def test_an_answer_to_words_that_changed_is_refused(course):
    post_id, _ = first_in_queue(course)
    answer = course.post(f"review/{post_id}", text_hash="0" * 64, **SATISFIED)
    assert answer.status_code == 409
    assert not answers(course)


@pytest.mark.parametrize("which", ["no b", "unknown"])
def test_a_text_that_is_not_shared_opens_no_page_and_takes_no_answer(course, which):
    post_id = course.posts["no b"][0] if which == "no b" else "f" * 32
    assert course.get(f"review/{post_id}").status_code == 404
    assert course.post(f"review/{post_id}", text_hash="0" * 64, **SATISFIED).status_code == 404
    assert not answers(course)


def test_classes_only_means_nothing_to_correct(course):
    post_id = course.posts["b"][0]
    course.mode("aggregate_only")
    assert "No single texts here" in course.get("review").text
    assert course.get(f"review/{post_id}").status_code == 404


def test_without_its_token_nothing_is_saved(course):
    post_id, text_hash = first_in_queue(course)
    answer = course.client().post(
        course.address(f"review/{post_id}"),
        data={"text_hash": text_hash, **SATISFIED},
        base_url=course.settings.base_url,
    )
    assert answer.status_code == 403
    assert not answers(course)


def test_a_sitting_pauses_after_twenty_and_may_go_on(course):
    for _ in range(LENGTH):
        post_id, text_hash = first_in_queue(course)
        course.post(f"review/{post_id}", text_hash=text_hash, **SATISFIED)
    page = course.get("review").text
    assert "That is enough for one sitting" in page
    assert "Go on" in page
    assert f"{LENGTH + 1} of " in course.get("review?more=1").text


def test_progress_counts_answers_that_stand(course):
    post_id, text_hash = first_in_queue(course)
    course.post(f"review/{post_id}", text_hash=text_hash, **SATISFIED)
    with course.database.reading() as session:
        now = datetime.now(UTC)
        state = sitting(session, now, course.course_id, course.instructor_id, 5)
    assert (state.done, state.total, state.last) == (1, 6, post_id)
    course.post("review/undo")
    with course.database.reading() as session:
        assert sitting(session, now, course.course_id, course.instructor_id, 5).done == 0


def test_the_thread_before_a_text_is_one_click_away(seen):
    with seen.database.reading() as session:
        query = select(Post).where(Post.thread_index == "t1", Post.id.in_(seen.posts["b"]))
        last = session.scalars(query.order_by(Post.written_at.desc())).first()
    page = seen.get(f"review/{last.id}").text
    assert "Show the 2 texts before it" in page
    assert "In reply to" in page
