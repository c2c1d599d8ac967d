"""Forums that keep groups apart: the check and a reading say the same, and one that nobody uses is no fault."""

from datetime import timedelta

import pytest

from lti_tool.demo.campus.records import Forum
from lti_tool.ingest import state
from lti_tool.launch.tables import Course
from lti_tool.lms import LmsRefusedError
from lti_tool.lms.checking import course_lines
from tests.ingest.conftest import EARLIER, make_course
from tests.ingest.test_campus_pull import enrol
from tests.lms.contract.moodle_face import moodle_face

GROUPS = "moodle/site:accessallgroups"


@pytest.fixture
def face():
    with moodle_face() as made:
        yield made


def line(face):
    return next(one for one in course_lines(face.connector(), "2") if one.name == GROUPS)


def read(face):
    """Name of each forum with groups → how many posts it gave, or the error."""
    connector, found = face.connector(), {}
    for one in connector.activities("2"):
        if one.name in ("Used", "Unused"):
            try:
                found[one.name] = len(list(connector.posts(one)))
            except LmsRefusedError as error:
                found[one.name] = error.code
    return found


@pytest.mark.parametrize("names", [("Used", "Unused"), ("Unused", "Used")])
def test_a_forum_that_shows_a_group_vouches_for_one_that_nobody_uses(face, names):
    forums = {name: face.campus.add_forum(name, separate_groups=True) for name in names}
    face.campus.open_discussion("will", forums["Used"].id, "Ours", "<p>For A.</p>", group="A")
    assert (line(face).ok, line(face).words) == (True, "")
    assert read(face) == {"Used": 1, "Unused": 0}


def test_a_group_behind_many_discussions_for_all_vouches_once_it_was_read(face):
    used = face.campus.add_forum("Used", separate_groups=True)
    face.campus.open_discussion("will", used.id, "Ours", "<p>For A.</p>", group="A")
    for number in range(12):
        face.clock.day += 0.01
        face.campus.open_discussion("instructor", used.id, f"All {number}", "<p>For all.</p>")
    face.campus.add_forum("Unused", separate_groups=True)
    assert read(face) == {"Used": 13, "Unused": 0}


def test_a_forum_whose_groups_see_each_other_vouches_for_nothing(face):
    """Its groups' discussions are shown without the right."""
    open_to_all = face.campus.add_forum("Groups, all visible")
    face.campus.open_discussion("will", open_to_all.id, "Ours", "<p>Of A.</p>", group="A")
    face.campus.add_forum("Unused", separate_groups=True)
    assert read(face) == {"Unused": "moodle_no_group"}


def test_the_only_forum_with_groups_and_nothing_in_it_is_a_note(face):
    face.campus.add_forum("Unused", separate_groups=True)
    assert line(face).ok
    assert "Perhaps" in line(face).words
    assert GROUPS in line(face).words
    assert read(face) == {"Unused": "moodle_no_group"}


def test_without_the_right_what_all_may_read_still_gives_it_away(face):
    used = face.campus.add_forum("Used", separate_groups=True)
    face.campus.open_discussion("instructor", used.id, "All", "<p>For all.</p>")
    face.campus.open_discussion("will", used.id, "Ours", "<p>For A.</p>", group="A")
    face.campus.settings.moodle_without.add(GROUPS)
    face.campus.add_forum("Unused", separate_groups=True)
    assert not line(face).ok
    assert read(face) == {"Used": "moodle_missing_right", "Unused": "moodle_no_group"}


@pytest.fixture
def course(face, tmp_path):
    course = enrol(make_course(tmp_path), face.campus)
    course.now = face.clock()
    for user in course.people:
        course.choose(user, EARLIER)
    yield course
    course.database.dispose()


def state_of(course):
    with course.database.reading() as session:
        return state.of_course(session, course.now, session.get_one(Course, course.course_id))


def test_an_unused_forum_keeps_no_course_from_being_read_completely(face, course):
    face.campus.add_forum("Unused", separate_groups=True)
    course.pull(None, connector=face.connector())
    assert state_of(course).complete_at == course.now
    (told,) = [one for one in state_of(course).missing if one.name == "Unused"]
    assert GROUPS in told.fault_words


def test_a_course_with_nothing_but_an_unused_forum_is_no_failure(face, course):
    face.campus.content.forums.clear()
    face.campus.content.assignments.clear()
    face.campus.content.others.clear()
    lonely = Forum(
        1, 900, "unused", "Unused", "general", 0, visible=True, discussions=[], separate_groups=True
    )
    face.campus.content.forums.append(lonely)
    assert course.pull(None, connector=face.connector()).counts.not_read == 1


def test_a_forum_whose_groups_vanish_with_the_right_loses_no_text(face, course):
    used = face.campus.add_forum("Used", separate_groups=True)
    face.campus.open_discussion("will", used.id, "Ours", "<p>Only for us of group A.</p>", group="A")
    course.pull(None, connector=face.connector())
    assert any("group A" in text for text in course.texts())
    face.campus.settings.moodle_without.add(GROUPS)
    course.now += timedelta(days=2)
    course.pull(None, connector=face.connector(), complete=True)
    assert any("group A" in text for text in course.texts())
