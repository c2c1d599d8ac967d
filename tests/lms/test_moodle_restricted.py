"""What a restriction of access keeps from the reading account: listed, not read, and nothing of it is erased."""

from datetime import timedelta

import pytest

from lti_tool.ingest import state
from lti_tool.launch.tables import Course
from lti_tool.lms import LmsRefusedError
from lti_tool.lms.checking import course_lines
from lti_tool.lms.moodle_course import places
from tests.ingest.conftest import EARLIER, make_course
from tests.lms.captured_lms import moodle_connector, recorded

CONTENTS = "core_course_get_contents"
FORUM, TASK = ("forum", "1"), ("assign", "1")


def restricted(site, *keys, section=False):
    """As Moodle shows it: on the page and not to be entered; forums leave the list, assignments stay on it."""

    def contents(asked):
        told = recorded("moodle", CONTENTS)["response"]
        for one in told:
            for module in one["modules"]:
                if (module["modname"], str(module["instance"])) in keys:
                    (one if section else module)["uservisible"] = False
        return told

    def forums(asked):
        rows = recorded("moodle", "mod_forum_get_forums_by_courses")["response"]
        return [row for row in rows if ("forum", str(row["id"])) not in keys]

    site.changes |= {CONTENTS: contents, "mod_forum_get_forums_by_courses": forums}


@pytest.mark.parametrize(
    ("visible", "uservisible", "found"),
    [(1, True, "open"), (1, False, "barred"), (0, True, None), (0, False, None), (None, None, "open")],
)
@pytest.mark.parametrize("level", ["module", "section"])
def test_visible_is_of_students_and_uservisible_of_the_account(visible, uservisible, found, level):
    flags = {} if visible is None else {"visible": visible, "uservisible": uservisible}
    module = {"modname": "forum", "instance": 1, "id": 9} | (flags if level == "module" else {})
    section = {"section": 1, "name": "Week 1", "modules": [module]} | (flags if level == "section" else {})
    made = places([section], "https://moodle.example")
    assert {key: "barred" if place.barred else "open" for key, place in made.items()} == (
        {FORUM: found} if found else {}
    )


@pytest.mark.parametrize("key", [FORUM, TASK])
def test_it_is_listed_once_and_refused_in_words(moodle_site, key):
    whole = {(one.kind, one.external_id) for one in moodle_connector(moodle_site).activities("2")}
    restricted(moodle_site, key)
    connector = moodle_connector(moodle_site)
    listed = connector.activities("2")
    assert sorted((one.kind, one.external_id) for one in listed) == sorted(whole)
    kind = {"forum": "forum", "assign": "reflection"}[key[0]]
    (barred,) = [one for one in listed if (one.kind, one.external_id) == (kind, "1")]
    before = moodle_site.calls.total()
    with pytest.raises(LmsRefusedError, match="restriction of access") as told:
        list(connector.posts(barred))
    assert told.value.code == "moodle_restricted"
    assert moodle_site.calls.total() == before


@pytest.fixture
def course(tmp_path):
    made = make_course(tmp_path)
    for user in "56789":
        made.choose(user, EARLIER)
    yield made
    made.database.dispose()


@pytest.mark.parametrize("section", [True, False])
def test_nothing_of_it_is_erased_however_long_it_lasts(course, moodle_site, section):
    course.pull(moodle_site)
    before = course.texts()
    restricted(moodle_site, FORUM, TASK, section=section)
    for days in (0.1, 2, 4):
        course.now += timedelta(days=days)
        course.pull(moodle_site, complete=True)
    assert course.texts() == before
    with course.database.reading() as session:
        found = state.of_course(session, course.now, session.get_one(Course, course.course_id))
    words = [one.fault_words for one in found.missing if one.fault == "moodle_restricted"]
    assert len(words) >= 2
    assert all("restriction of access" in one for one in words)


def test_the_check_takes_it_for_no_missing_right(moodle_site):
    before = [(line.name, line.ok) for line in course_lines(moodle_connector(moodle_site), "2")]
    restricted(moodle_site, FORUM)
    assert [(line.name, line.ok) for line in course_lines(moodle_connector(moodle_site), "2")] == before
