"""Who someone is to the LMS's API: by a signed field or the roster, and never by an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.launch import custom, people, roster
from lti_tool.launch.tables import Course, Membership, PersonKey
from tests.launch.fixtures import log_in
from tests.launch.platform import LTI, M

PLATFORM = LTI + "tool_platform"
CUSTOM = LTI + "custom"
CANVAS, MOODLE = ({PLATFORM: {"product_family_code": name}} for name in ("canvas", "moodle"))


def told(user=None, course="3107"):
    return {CUSTOM: {"canvas_user_id": user, "canvas_course_id": course}}


def recorded(database):
    with database.reading() as session:
        return sorted(key.lms_user_id for key in session.scalars(select(PersonKey)))


def the_course(database):
    with database.reading() as session:
        return session.scalars(select(Course)).one()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("742", "742"),
        (742, "742"),
        (10_000_000_000_000_742, "10000000000000742"),
        ("10000000000000742", "10000000000000742"),
        (" 742 ", "742"),
        ("$Canvas.user.id", None),
        (" $Canvas.user.id", None),
        ("$", None),
        ("", None),
        (None, None),
        (True, None),
        (742.0, None),
        (["742"], None),
        ({"id": "742"}, None),
    ],
)
def test_a_field_is_text_or_a_number_and_never_a_literal(value, text):
    assert custom.field({CUSTOM: {"canvas_user_id": value}}, "canvas_user_id") == text


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["canvas_user_id", "$"]), inner)
        ),
        max_leaves=5,
    )
)
def test_whatever_a_platform_sends_is_no_literal_and_no_error(value):
    for message in ({CUSTOM: value}, {CUSTOM: {"canvas_user_id": value}}, {PLATFORM: value, CUSTOM: {}}):
        found = custom.canvas_field(message, "canvas_user_id")
        assert found is None or (found and not found.startswith("$") and found == found.strip())


@pytest.mark.parametrize(
    ("platform", "taken"),
    [({}, "9"), (CANVAS, "9"), (MOODLE, None), ({PLATFORM: {"product_family_code": "x"}}, None)],
)
def test_only_canvas_names_records_of_canvas(platform, taken):
    assert custom.canvas_field({CUSTOM: {"canvas_user_id": "9"}, **platform}, "canvas_user_id") == taken


def test_a_moodle_teacher_s_own_fields_name_neither_another_person_nor_another_course(sign_in, database):
    sign_in("student", "5", **told("742"), **MOODLE)
    assert recorded(database) == ["5"]
    assert the_course(database).lms_course_id is None


def test_nothing_of_an_address_says_who_someone_is(app, registration, database, platform):
    browser = app.test_client()
    asked = log_in(browser, platform, canvas_user_id="742", custom_canvas_user_id="742")
    claims = platform.claims("student", "5", "2", nonce=asked["nonce"])
    address = "/lti/launch?canvas_user_id=742&sub=742&custom_canvas_user_id=742"
    token = platform.key.sign(claims)
    answer = browser.post(address, data={"id_token": token, "state": asked["state"]})
    assert answer.status_code == 303
    assert recorded(database) == ["5"]


def test_a_launch_without_the_field_takes_nothing_away(sign_in, database):
    sign_in("student", "uuid-7", **told(742), **CANVAS)
    sign_in("student", "uuid-7", **told("$Canvas.user.id", "$Canvas.course.id"), **CANVAS)
    assert recorded(database) == ["742"]
    assert the_course(database).lms_course_id == "3107"
    sign_in("student", "uuid-7", **told("743"), **CANVAS)
    assert recorded(database) == ["743"]


def listed(sub, value):
    """A roster's entry with the custom fields of that person."""
    message = [{CUSTOM: {"canvas_user_id": value}}] if value is not None else []
    return {"user_id": sub, "name": "A B", "roles": [M + "Learner"], "message": message}


@pytest.fixture
def pupil(sign_in, platform):
    """A student of a Canvas course whose launch told no user id."""
    sign_in("student", "uuid-7", **told("$Canvas.user.id"), **CANVAS)
    return platform


def test_the_roster_tells_what_a_launch_did_not(pupil, database, settings):
    pupil.members[:] = [listed("uuid-7", 10_000_000_000_000_742), listed("uuid-8", "743")]
    course = the_course(database)
    found = roster.read(database, settings, course.id)
    assert recorded(database) == ["uuid-7"]  # reading a roster writes nothing
    with database.session() as session:
        assert people.learn_lms_ids(session, course, found.lms_ids) == 1
    assert recorded(database) == ["10000000000000742"]
    with database.session() as session:
        assert people.learn_lms_ids(session, course, found.lms_ids) == 0
        assert list(people.people_by_lms_id(session, course.id)) == ["10000000000000742"]


def test_the_roster_wins_over_the_field_of_a_link(sign_in, platform, database, settings):
    sign_in("student", "uuid-7", **told("999"), **CANVAS)
    platform.members[:] = [listed("uuid-7", "742")]
    course = the_course(database)
    with database.session() as session:
        people.learn_lms_ids(session, course, roster.read(database, settings, course.id).lms_ids)
    assert recorded(database) == ["742"]


@pytest.mark.parametrize("value", [None, "$Canvas.user.id"])
def test_a_roster_that_tells_no_ids_keeps_the_recorded_ones_and_nobody_has_left(
    sign_in, platform, database, settings, value
):
    sign_in("student", "uuid-7", **told("742"), **CANVAS)
    course = the_course(database)
    for told_id in ("742", value):
        platform.members[:] = [listed("uuid-7", told_id)]
        found = roster.read(database, settings, course.id)
        assert [member.lms_user_id for member in found.members] == ["742"]
        with database.session() as session:
            people.learn_lms_ids(session, course, found.lms_ids)
            present = {member.lms_user_id for member in found.members}
            assert people.follow_roster(session, course.last_launch_at, course.id, present) == 0
    with database.reading() as session:
        assert session.scalars(select(Membership.active)).one()
    assert recorded(database) == ["742"]
