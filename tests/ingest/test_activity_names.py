"""A discussion's title is its opener's own text: only what staff called it becomes the name of an activity (P1)."""

import pytest
from sqlalchemy import select

from lti_tool.ingest.tables import Activity
from lti_tool.launch.roster import Roster
from tests.ingest.conftest import DECLINED, EARLIER
from tests.lms.captured_lms import canvas, canvas_connector, recorded, serving

TOPICS = "/api/v1/courses/3107/discussion_topics"
TITLE = "ZQSECRET Chloé and I, Bram, cannot cope"


@pytest.fixture
def site():
    with serving(canvas()) as made:
        yield made


def opened_by(site, **changed):
    """The first topic of the recording, changed."""
    rows = recorded("canvas", "discussion_topics")
    rows[0] |= changed
    site.changes[TOPICS] = rows


def pulled(course, site):
    course.pull(None, connector=canvas_connector(site), lms_course_id="3107")
    with course.database.reading() as session:
        return {row.name for row in session.scalars(select(Activity))}


def on_disk(course):
    return b"".join(path.read_bytes() for path in course.folder.iterdir())


@pytest.mark.parametrize("author", ["6", "404", ""])
def test_a_title_of_who_did_not_agree_is_kept_nowhere(course, site, author):
    """By one who declined, by one who is not on the roster any more, and by nobody knows whom."""
    for user in "5789":
        course.choose(user, EARLIER)
    course.choose("6", DECLINED)
    nobody = {"author": {}, "anonymous_state": None, "assignment_id": None}
    site.changes["/api/v1/courses/3107/modules"] = []
    opened_by(site, title=TITLE, **({"author": {"id": author}} if author else nobody))
    assert "Discussion" in pulled(course, site)
    assert b"ZQSECRET" not in on_disk(course)


def test_the_title_of_an_anonymous_discussion_is_not_kept(course, site):
    course.choose("5", EARLIER)
    opened_by(site, title=TITLE, author=None, anonymous_state="full_anonymity")
    assert "Discussion" in pulled(course, site)
    assert b"ZQSECRET" not in on_disk(course)


def test_a_title_of_who_agreed_stands_on_the_opening_post_only_and_without_names(course, site):
    course.choose("6", EARLIER)
    opened_by(site, title=TITLE, author={"id": "6"}, message="<p>I am lost in this course.</p>")
    assert "Discussion" in pulled(course, site)
    (post,) = [one for one in course.posts() if one.title]
    assert post.title == "ZQSECRET [NAME] and I, [NAME], cannot cope"
    assert b"ZQSECRET" not in on_disk(course), "titles are encrypted"
    course.choose("6", DECLINED)
    pulled(course, site)
    assert [one for one in course.posts() if one.title] == []


def test_what_staff_called_a_discussion_is_its_name(course, site):
    course.choose("5", EARLIER)
    opened_by(site, title="Placement talk", author={"id": "3"})
    assert "Placement talk" in pulled(course, site)


@pytest.mark.parametrize("placed", [True, False])
def test_a_copied_discussion_has_no_author_and_keeps_its_name_where_staff_placed_it(course, site, placed):
    course.choose("5", EARLIER)
    opened_by(site, title="Copied", author={})
    if not placed:
        site.changes["/api/v1/courses/3107/modules"] = []
    assert ("Copied" in pulled(course, site)) == placed


def test_an_observer_is_no_staff(course, site):
    watching = [
        one if one.lms_user_id != "3" else type(one)("3", "", "", "Ob Server", "", ("Mentor",), student=False)
        for one in course.roster.members
    ]
    course.roster = Roster(tuple(watching), True)
    course.choose("5", EARLIER)
    opened_by(site, title=TITLE, author={"id": "3"})
    assert "Discussion" in pulled(course, site)


def test_a_title_that_was_stored_once_goes_with_the_next_reading(course, site):
    course.choose("5", EARLIER)
    opened_by(site, title="Placement talk", author={"id": "3"})
    pulled(course, site)
    opened_by(site, title=TITLE, author={"id": "6"})
    names = pulled(course, site)
    assert "Placement talk" not in names
    assert not any("ZQSECRET" in name for name in names)
