"""Each empty page says why and what next, in its own words; nobody and too few read the same (U49, P14)."""

import re
from datetime import UTC, datetime

import pytest

from lti_tool.insights import empty
from lti_tool.insights.service import keep
from lti_tool.insights.snapshot import SnapshotBody
from lti_tool.jobs import enqueue
from lti_tool.jobs.service import finish
from lti_tool.launch.tables import Course, Deployment
from lti_tool.lms.tables import LmsConnection

KEYS = ("paused", "not_set_up", "not_synced", "preparing", "no_posts", "no_model", "too_few")


def connect(course):
    with course.database.session() as session:
        deployment = session.get_one(Deployment, session.get_one(Course, course.course_id).deployment_id)
        session.add(
            LmsConnection(
                registration_id=deployment.registration_id,
                kind="moodle",
                base_url="https://lms.example",
                token="t",
                created_at=datetime.now(UTC),
            )
        )


def pull(course, done=True):
    with course.database.session() as session:
        job = enqueue(session, datetime.now(UTC), "pull", course.course_id)
        job.done, job.total = 3, 8
        if done:
            finish(job, datetime.now(UTC), {})


def picture(course, state):
    with course.database.session() as session:
        keep(session, datetime.now(UTC), course.course_id, None, SnapshotBody(state, 5))


def shown(course):
    page = course.get("overview")
    assert page.status_code == 200
    return page.text


def test_not_connected(bare):
    assert "Not connected yet" in shown(bare)


def test_connected_but_never_read(bare):
    connect(bare)
    assert "Nothing read yet" in shown(bare)


def test_a_first_pull_shows_its_real_progress(bare):
    connect(bare)
    pull(bare, done=False)
    page = shown(bare)
    assert '<progress value="3" max="8"' in page
    assert "3 of 8" in page


def test_read_but_no_picture_yet(bare):
    connect(bare)
    pull(bare)
    assert "The first picture is being made" in shown(bare)


@pytest.mark.parametrize(
    ("state", "title"),
    [("no_posts", "No texts yet"), ("no_model", "No model is serving"), ("too_few", "Too few to show")],
)
def test_a_picture_without_anything_says_why(bare, state, title):
    connect(bare)
    pull(bare)
    picture(bare, state)
    assert title in shown(bare)


def test_switched_off_wins_over_every_other_reason(course):
    course.mode("off")
    page = shown(course)
    assert "Switched off" in page
    assert "Author" not in page


def test_too_few_and_nobody_read_the_same_and_tell_no_count(bare):
    connect(bare)
    pull(bare)
    picture(bare, "too_few")
    page = shown(bare)
    words = re.sub(r"<[^>]+>", " ", page[page.index('<section class="empty-state">') :])
    assert not re.search(r"\d", words.replace(bare.launch_id, "").split("How it works")[0])


@pytest.mark.parametrize("path", ["topics", "reflections", "forums"])
def test_every_tab_says_why_it_is_empty(bare, path):
    page = bare.get(path)
    assert page.status_code == 200
    assert "Not connected yet" in page.text


def test_no_two_reasons_share_their_words(bare):
    with bare.app.test_request_context():
        said = [empty.words(key) for key in KEYS]
    assert len({words.title for words in said}) == len(KEYS)
    assert len({words.next for words in said}) == len(KEYS)
    assert all(words.title and words.why and words.next for words in said)


def test_an_empty_page_shows_no_score_and_needs_no_note(bare):
    assert "Automatic estimate" not in shown(bare)


def test_nothing_to_review_says_when_to_look_again(bare):
    page = bare.get("review")
    assert page.status_code == 200
    assert "Nothing waits for you" in page.text
