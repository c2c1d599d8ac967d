"""What a withdrawal does, at once and whatever else happens (P16, P17, P20, P21, P43)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import answering, extracts
from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED, Choices, ChoicesMovedError, NotShownError, NotTheirsError
from lti_tool.consent.tables import ConsentEvent
from lti_tool.errors import NotFoundError
from lti_tool.ingest.tables import Post
from lti_tool.jobs import Job
from lti_tool.lms.protocol import PostFacts
from lti_tool.review import service as review
from lti_tool.review.queue import queue
from lti_tool.review.sharing import sharing
from lti_tool.scoring.tables import CourseModel, Score
from tests.classroom import Classroom, logits
from tests.consent.test_concurrency import together
from tests.withdrawal.place import ALL, NOW, OTHER, PLANTED, WRITER, Lms, left_of, place, students

LATER = NOW + timedelta(hours=1)


def texts(here, person):
    with here.database.reading() as session:
        return list(session.scalars(select(Post).where(Post.person_id == person)))


def scored(here):
    """Every text has a score by the version that the course shows."""
    with here.database.session() as session:
        version = Classroom(session).version(here.course_id)
        session.add(CourseModel(course_id=here.course_id, version_id=version.id, at=NOW))
        for post in session.scalars(select(Post).where(Post.course_id == here.course_id)):
            own = {"post_id": post.id, "person_id": post.person_id, "text_hash": post.text_hash}
            session.add(Score(**own, weights_hash=version.weights_hash, logits=logits(), scored_at=NOW))


def answer_one(here, post):
    with here.database.session() as session:
        return review.answer(
            session,
            NOW,
            post.id,
            here.teacher,
            {"sentiment": "neutral"},
            post.text_hash,
            course_id=here.course_id,
        )


def test_p17_stopping_a_leaves_nothing_of_the_person_in_the_same_transaction(course):
    course.pull(Lms(6))
    scored(course)
    answer_one(course, texts(course, course.writer)[0])
    assert set(left_of(course.database, course.writer)) >= {"posts", "scores", "answers"}
    with course.database.session() as session:
        consent.save(session, LATER, course.writer, course.course_id, DECLINED, "en")
        session.rollback()
    assert "posts" in left_of(course.database, course.writer), "a failure leaves the state as it was"
    before = left_of(course.database, course.other)
    course.withdraw(LATER)
    assert left_of(course.database, course.writer) == {}
    assert left_of(course.database, course.other) == before


def test_p17_no_queued_work_names_a_person(course):
    """Work is queued for courses, so a withdrawal has none of its own to take out of the queue."""
    course.pull(Lms(6))
    with course.database.reading() as session:
        for job in session.scalars(select(Job)):
            said = f"{job.key} {job.payload} {job.result} {job.step}"
            assert course.writer not in said
            assert job.key in ("", course.course_id)


def test_p17_stopping_b_takes_texts_from_staff_at_once_also_from_a_page_that_is_open(course):
    course.pull(Lms(6))
    scored(course)
    with course.database.reading() as session:
        shown = [item.post for item in queue(session, NOW, course.course_id)]
    open_now = next(post for post in shown if post.person_id == course.writer)
    course.choose(course.writer, replace(ALL, b=False), LATER)
    with course.database.reading() as session:
        assert {item.post.person_id for item in queue(session, LATER, course.course_id)} == {course.other}
        assert sharing(session, course.course_id) == {course.other}
        with pytest.raises(NotFoundError):
            review.reviewable(session, open_now.id, course.course_id)
    with pytest.raises(NotFoundError):
        answer_one(course, open_now)
    assert len(texts(course, course.writer)) == 3, "they still count, without being shown"


def test_p17_stopping_d_leaves_out_of_later_extracts_and_there_are_no_earlier_ones(course):
    course.choose(course.writer, replace(ALL, d=False), LATER)
    with course.database.reading() as session:
        assert extracts.subjects(session, course.course_id) == {course.other}
        assert extracts.of_person(session, course.writer) == ()


def test_p16_withdrawing_twice_says_nothing_new_and_leaves_a_line_in_the_log(course):
    course.withdraw(LATER)
    with course.database.reading() as session:
        before = consent.choices(session, course.writer).revision
        lines = len(session.scalars(select(ConsentEvent)).all())
    course.withdraw(LATER)
    with course.database.reading() as session:
        assert consent.choices(session, course.writer).revision == before
        assert len(session.scalars(select(ConsentEvent)).all()) == lines
        said = [row.code for row in session.scalars(select(AuditEvent)) if row.subject_id == course.writer]
    assert said.count("unchanged") == 1


def test_p16_two_stops_at_the_same_moment_both_hold(either):
    """Neither window may write back what the other has just stopped."""
    here = place(either)

    def stop(field):
        with either.session() as session:
            answering.change(session, LATER, here.writer, here.course_id, field, False, "en", 1)

    for _ in range(3):
        here.choose(here.writer, ALL)
        together(lambda: stop("b"), lambda: stop("c"))
        with either.reading() as session:
            chosen = consent.choices(session, here.writer)
        assert (chosen.a, chosen.b, chosen.c, chosen.d) == (True, False, False, True)


def shown(here):
    with here.database.session() as session:
        consent.show(session, NOW, here.writer, here.course_id, "en")


def change(here, field, wanted, drawn_from=None):
    with here.database.session() as session:
        answering.change(session, LATER, here.writer, here.course_id, field, wanted, "en", drawn_from)


def test_p16_a_window_that_was_overtaken_allows_nothing_but_may_always_stop(course):
    shown(course)
    change(course, "b", False)
    with course.database.reading() as session:
        drawn_from = consent.choices(session, course.writer).revision
    change(course, "d", False)
    with pytest.raises(ChoicesMovedError) as moved:
        change(course, "b", True, drawn_from)
    assert moved.value.present == replace(ALL, b=False, d=False)
    with course.database.reading() as session:
        assert consent.choices(session, course.writer) == replace(ALL, b=False, d=False), "nothing lost"
    change(course, "a", False, drawn_from)
    with course.database.reading() as session:
        assert consent.choices(session, course.writer) == DECLINED


def test_p16_a_yes_to_what_was_never_shown_is_none(course):
    course.withdraw(LATER)
    with pytest.raises(NotShownError):
        change(course, "a", True)
    with course.database.reading() as session:
        assert not consent.choices(session, course.writer).a
    shown(course)
    change(course, "a", True)
    with course.database.reading() as session:
        assert consent.choices(session, course.writer).a


def test_p19_choices_for_another_course_are_refused_and_write_nothing(course):
    elsewhere = place(course.database)
    with course.database.session() as session, pytest.raises(NotTheirsError):
        consent.save(session, LATER, course.writer, elsewhere.course_id, DECLINED, "en")
    with course.database.reading() as session:
        assert consent.choices(session, course.writer) == ALL


class Writing(Lms):
    """One post, as it stands in the LMS."""

    def __init__(self, html: str, author: str = WRITER) -> None:
        super().__init__(1)
        self.html, self.author = html, author

    def posts(self, activity, since=None):
        yield PostFacts(
            external_id="1",
            kind="forum",
            author_id=self.author,
            thread_id="1",
            parent_id=None,
            title=None,
            html=self.html,
            created_at=NOW - timedelta(hours=2),
        )


def test_p20_of_a_thread_only_texts_of_those_who_agreed_are_written(course):
    """The LMS gives the whole thread; texts of who declined are in no row of any table."""
    course.choose(course.writer, DECLINED, LATER)
    course.pull(Lms(6))
    assert texts(course, course.writer) == []
    assert len(texts(course, course.other)) == 3
    with course.database.reading() as session:
        assert not [post for post in session.scalars(select(Post)) if PLANTED in post.text]


def test_p20_earlier_texts_are_read_with_the_box_alone(course):
    course.choose(course.writer, Choices(True, a=True), LATER)
    course.pull(Lms(6))
    assert texts(course, course.writer) == []
    course.choose(course.writer, Choices(True, a=True, earlier=True), LATER)
    course.pull(Lms(6))
    assert len(texts(course, course.writer)) == 3


def test_p21_of_nested_quotes_only_the_authors_own_words_are_written(course):
    quoted = "<blockquote><p>Said by another.<blockquote>Said by a third.</blockquote></p></blockquote>"
    course.pull(
        Writing(f"<p>My own words about the base case.</p>{quoted}<p>And more of mine, Tobias Marsh.</p>")
    )
    (post,) = texts(course, course.writer)
    assert "My own words" in post.text
    assert "And more of mine" in post.text
    assert not any(words in post.text for words in ("Said by", "Tobias", "Marsh"))


def test_p43_who_has_left_the_course_is_not_read_any_more_until_they_are_back(course):
    course.pull(Lms(4))
    course.pull(Lms(8), students(WRITER))
    assert texts(course, course.writer) == []
    assert len(texts(course, course.other)) == 4
    course.pull(Lms(8), students(OTHER))
    assert len(texts(course, course.writer)) == 4, "who is back is read again"
