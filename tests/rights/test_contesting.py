"""Contesting: out of alerts and class figures in the same request, both labels after review, training only with C."""

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.insights.material import gather
from lti_tool.launch.tables import Course
from lti_tool.review import service as review
from lti_tool.review.pool import corrections
from lti_tool.scoring.serving import shown_version

from .conftest import CONFUSED

OWN = {"sentiment": "positive", "text_hash": "0" * 64, "labels": ["satisfaction"]}


def say(writer):
    return writer.browser.post(f"texts/{writer.posts[CONFUSED]}/wrong", OWN)


def counted(database, writer):
    """Ids of the texts that class figures, and the findings that stand for alerts, are made of."""
    with database.session() as session:
        course = session.get_one(Course, writer.course)
        return {text.id for text in gather(session, course, shown_version(session, course.id)).texts}


def trains(database):
    with database.session() as session:
        return [(one.annotator_role, one.labels["sentiment"]) for one in corrections(session)]


def test_p40_a_contested_text_leaves_figures_and_findings_in_the_same_request(writer, database):
    assert writer.posts[CONFUSED] in counted(database, writer)
    assert say(writer).status_code == 303
    assert writer.posts[CONFUSED] not in counted(database, writer)


@pytest.fixture
def reviewed(writer, database):
    """The author gave B, contested, and an instructor has looked since."""
    writer.browser.post("choices/b", {"value": "yes"})
    say(writer)
    later = datetime.now(UTC) + timedelta(minutes=1)
    with database.session() as session:
        waiting = review.queue(session, later, writer.course)
        assert (waiting[0].post.id, waiting[0].why) == (writer.posts[CONFUSED], "contested")
        labels = {"sentiment": "negative", "frustration": 1}
        review.answer(
            session, later, writer.posts[CONFUSED], writer.person, labels, "0" * 64, course_id=writer.course
        )


def test_p40_it_is_flagged_at_once_and_both_labels_are_shown_after_review(writer, database, reviewed):
    page = " ".join(writer.browser.get("texts").text.split())
    assert "Corrected by a person in your course. The estimate had been: confused." in page
    assert writer.posts[CONFUSED] in counted(database, writer)
    document = writer.browser.get("data/export").json
    kinds = {(row["annotator_role"], row["labels"]["sentiment"]) for row in document["tables"]["answers"]}
    assert kinds == {("student", "positive"), ("instructor", "negative")}
    said = " ".join(writer.browser.get(f"texts/{writer.posts[CONFUSED]}/why").text.split())
    assert "You said what it means. Labels: satisfied." in said
    assert "A person in your course corrected the labels. Labels: frustrated." in said


def test_p40_it_trains_only_with_c(writer, database):
    say(writer)
    assert trains(database) == []
    writer.browser.post("choices/c", {"value": "yes"})
    assert trains(database) == [("student", "positive")]
    writer.browser.post("choices/c", {"value": "no"})
    assert trains(database) == []


def test_p40_a_form_sent_twice_or_for_an_older_text_changes_nothing_that_counts(writer, database):
    assert say(writer).status_code == say(writer).status_code == 303
    stale = {**OWN, "text_hash": "9" * 64, "sentiment": "negative"}
    assert writer.browser.post(f"texts/{writer.posts[CONFUSED]}/wrong", stale).status_code == 409
    assert "You say: satisfied." in " ".join(writer.browser.get("texts").text.split())
