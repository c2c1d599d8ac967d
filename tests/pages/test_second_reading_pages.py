"""What an instructor sees of held labels: the fate of their own, a colleague's text without its labels (U38, S43)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.ingest.tables import Post
from lti_tool.jobs import Job
from lti_tool.launch.tables import Person
from lti_tool.review import holds, service
from lti_tool.review.tables import Answer
from lti_tool.storage import new_id

BORED = {"sentiment": "negative", "boredom": 1}


@pytest.fixture
def answered(course):
    """A colleague labelled a text, which is held."""
    course.held = course.posts["b"][0]
    colleague = new_id()
    with course.database.session() as session:
        post = session.get_one(Post, course.held)
        person = session.get_one(Person, course.instructor_id)
        session.add(
            Person(
                id=colleague,
                institution_id=person.institution_id,
                course_id=course.course_id,
                created_at=datetime.now(UTC),
            )
        )
        session.flush()
        now = datetime.now(UTC) - timedelta(days=1)
        of = {"course_id": course.course_id}
        said = service.answer(session, now, post.id, colleague, BORED, post.text_hash, **of)
        holds.hold(session, now, {said.id: "pace"})
        course.text_hash = post.text_hash
    return course


def line(page: str) -> str:
    """What stands above the text, in one line."""
    found = re.search(r'class="review-context">(.*?)</div>', page, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def checked(course) -> None:
    with course.database.session() as session:
        now = datetime.now(UTC) + timedelta(seconds=1)
        session.add(Job(kind="retrain", state="done", queued_at=now, started_at=now, finished_at=now))


def test_s43_a_second_reader_is_asked_neutrally_and_sees_nothing_of_the_first(answered):
    page = answered.get("review").text
    assert f"/review/{answered.held}" in page
    assert "Shown for a second reading: some texts are read by two people" in line(page)
    assert "Corrected by a person" not in page
    assert " checked>" not in page.split('id="keys"')[0]
    for word in ("held", "suspicious", "doubt", "colleague"):
        assert word not in line(page)


def test_s43_after_the_second_word_the_text_leaves_the_queue_and_the_answer_says_why_it_was_asked(answered):
    said = {"act": "save", "sentiment": "negative", "labels": ["boredom"], "back": "queue"}
    answered.post(f"review/{answered.held}", text_hash=answered.text_hash, **said)
    page = answered.get("review").text
    assert f'action="{answered.address(f"review/{answered.held}")}"' not in page
    with answered.database.reading() as session:
        own = session.scalars(select(Answer).where(Answer.annotator_id == answered.instructor_id)).one()
    assert own.why == "second"


def test_u38_what_became_of_an_own_label_stands_on_its_text(course):
    post_id = course.posts["b"][0]
    with course.database.reading() as session:
        text_hash = session.get_one(Post, post_id).text_hash
    assert "nightly check" not in line(course.get(f"review/{post_id}").text)
    said = {"act": "save", "sentiment": "negative", "labels": ["boredom"]}
    course.post(f"review/{post_id}", text_hash=text_hash, back="", **said)
    promised = "Your labels count at the next nightly check; they may be held for a second reader."
    assert promised in line(course.get(f"review/{post_id}").text)
    assert promised in course.get(f"review?after={post_id}").text
    checked(course)
    assert "Your labels passed the nightly check." in line(course.get(f"review/{post_id}").text)
    with course.database.session() as session:
        own = session.scalars(select(Answer)).one()
        assert own.why == ""
        holds.hold(session, datetime.now(UTC), {own.id: "sure"})
    assert "Your labels wait for a second reader." in line(course.get(f"review/{post_id}").text)


def test_s43_a_colleague_is_not_told_that_a_label_of_another_is_held(answered):
    before = answered.get(f"review/{answered.held}").text
    with answered.database.session() as session:
        holds.hold(session, datetime.now(UTC), {}, set(session.scalars(select(Answer.id))))
    assert line(answered.get(f"review/{answered.held}").text) == line(before)
