"""The check names each missing right by Moodle's own name, whether Moodle makes an error of it or is silent."""

import pytest

from lti_tool.lms import LmsRefusedError
from lti_tool.lms.checking import course_lines
from lti_tool.lms.moodle import FUNCTIONS
from tests.lms.contract.face import read, texts
from tests.lms.contract.moodle_face import moodle_face

ENTRY = "moodle/course:view"
READ = "mod/forum:viewdiscussion"
ANSWERS = "mod/forum:viewqandawithoutposting"
GROUPS = "moodle/site:accessallgroups"
VIEW = "mod/assign:view"
GRADES = "mod/assign:viewgrades"
NOTED = ("moodle/course:viewparticipants", "moodle/user:viewdetails", "moodle/course:enrolreview")
HIDDEN = "moodle/course:viewhiddenactivities"


@pytest.fixture
def face():
    """A course that shows what each right is for."""
    with moodle_face() as made:
        campus = made.campus
        questions = campus.add_forum("Questions", "qanda", week=1)
        asked = campus.open_discussion("instructor", questions.id, "Why?", "<p>Why is it so slow?</p>")
        campus.reply("will", asked.posts[0].id, "<p>Because it copies.</p>")
        apart = campus.add_forum("In groups", separate_groups=True, week=1)
        campus.open_discussion("instructor", apart.id, "For all", "<p>Talk in your group.</p>")
        campus.open_discussion("will", apart.id, "Ours", "<p>Only for A.</p>", group="A")
        yield made


@pytest.fixture
def without(face):
    return face.campus.settings.moodle_without


def checked(face):
    """(right, ok, words) of each line."""
    connector = face.connector()
    return [(one.name, one.ok, one.words) for one in connector.check() + course_lines(connector, "2")]


def faults(face):
    return [(name, words) for name, ok, words in checked(face) if not ok]


def test_nothing_is_missing_and_nothing_is_said_to_be_untried(face, without):
    without.discard("moodle/course:enrolreview")
    assert faults(face) == []
    assert not any("Not tried" in words or "Not given" in words for _, _, words in checked(face))
    assert [name for name, _, _ in checked(face)[1 + len(FUNCTIONS) :]] == [
        ENTRY, READ, ANSWERS, GROUPS, VIEW, GRADES, HIDDEN, *NOTED
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("right", "sure"),
    [(ENTRY, True), (READ, True), (ANSWERS, True), (GROUPS, False), (VIEW, True), (GRADES, True)],
)
def test_a_missing_right_is_named(face, without, right, sure):
    without.add(right)
    ((_, words),) = faults(face)[:1]
    assert right in words.replace(",", " ").replace(".", " ").split() or f"{right}." in words
    assert ("Perhaps" in words) is not sure
    assert {name for name, _ in faults(face)} == {right}


@pytest.mark.parametrize("right", NOTED)
def test_a_right_that_is_not_needed_is_named_and_no_fault(face, without, right):
    without.discard("moodle/course:enrolreview")
    without.add(right)
    assert faults(face) == []
    (words,) = [words for name, _, words in checked(face) if name == right]
    assert right in words
    assert "not needed" in words


def test_the_right_to_hidden_things_is_named_whether_it_is_there_or_not(face, without):
    def said():
        return next(words for name, _, words in checked(face) if name == HIDDEN)

    assert "as it should" in said()
    before = texts(read(face.connector()))
    without.discard(HIDDEN)
    assert f"leave {HIDDEN} off" in said()
    assert texts(read(face.connector())) == before


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_the_service_lacks_is_named(face, without, function):
    without.add(function)
    assert any(function in words for _, words in faults(face))


@pytest.mark.parametrize("right", [READ, ANSWERS, GROUPS, VIEW, GRADES])
def test_a_right_that_is_taken_away_never_looks_like_a_deletion(face, without, right):
    """What was read before is either read again, or its activity ends in an error or is listed as one that does."""
    before = {one.external_id: one.name for one in face.connector().activities("2")}
    without.add(right)
    connector = face.connector()
    listed = {one.external_id: one for one in connector.activities("2")}
    assert listed.keys() == before.keys()
    refused = {}
    for one in listed.values():
        try:
            list(connector.posts(one))
        except LmsRefusedError as error:
            refused[one.name] = error.words
    assert any(right in words for words in refused.values())


def test_one_forum_without_rights_does_not_hide_the_others(face, without):
    """A right can be missing in a single activity: the rest of the course is read."""
    whole = texts(read(face.connector()))
    without.add(ANSWERS)
    connector = face.connector()
    found = []
    for one in connector.activities("2"):
        if one.name != "Questions" and not one.unreadable:
            found += connector.posts(one)
    assert whole - texts(found) == {
        ("forum", face.campus.roster_sub("instructor"), "<p>Why is it so slow?</p>"),
        ("forum", face.campus.roster_sub("will"), "<p>Because it copies.</p>"),
    }


def test_what_all_may_read_in_a_forum_with_groups_comes_before_the_refusal(face, without):
    without.add(GROUPS)
    connector = face.connector()
    (apart,) = [one for one in connector.activities("2") if one.name == "In groups"]
    posts = connector.posts(apart)
    assert next(posts).html == "<p>Talk in your group.</p>"
    with pytest.raises(LmsRefusedError, match=f"Perhaps .*{GROUPS}"):
        next(posts)


def test_a_course_without_anything_to_try_says_so(face):
    face.campus.content.forums.clear()
    face.campus.content.assignments.clear()
    assert faults(face) == []
    words = [words for _, _, words in checked(face) if words.startswith("Not tried")]
    assert len(words) == 5


def test_all_assignments_hidden_is_perhaps_a_missing_right(face):
    for task in face.campus.content.assignments:
        task.visible = False
    ((name, words),) = faults(face)
    assert name == VIEW
    assert words.startswith("Perhaps")
    assert "hidden" in words


def test_an_lms_that_stops_answering_during_the_check_is_a_line(face):
    face.fail("unavailable", after=3)
    assert any("no answer" in words for _, words in faults(face))


def test_a_service_without_the_list_of_people_is_no_fault(face, without):
    without.add("core_enrol_get_enrolled_users")
    assert faults(face) == []
    assert any(
        "core_enrol_get_enrolled_users is not in the service" in words for _, _, words in checked(face)
    )


def test_nothing_of_a_text_or_a_name_is_in_the_lines(face):
    told = repr(checked(face))
    people = [part for one in face.campus.people() for part in (one.given, one.family) if len(part) > 3]
    assert not [name for name in people if name in told]
