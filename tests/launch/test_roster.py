"""The roster over real HTTP: Moodle's captured answers, Canvas's custom fields, paging, tokens, faults."""

import json
import threading
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from sqlalchemy import delete, select

from lti_tool.launch import roster
from lti_tool.launch.tables import Course, Membership, Registration, ServiceToken, ToolKey
from lti_tool.outbound.client import Answer, Client
from tests.launch.platform import LTI, M

MEMBERS = json.loads((Path(__file__).parent / "rosters" / "moodle.json").read_text())


MEMBERS_BY_ID = {member["user_id"]: member for member in MEMBERS}
THOUSANDS = 5000

MOODLES = "https://m.example/mod/lti/services.php/CourseSection/2/bindings/1/memberships"
CANVASES = "https://c.example/api/lti/courses/3107/names_and_roles?rlid=4f1d"
LINKS = {
    "moodle": (f'<{MOODLES}?limit=3&from=3>; rel="next"', f"{MOODLES}?limit=3&from=3"),
    "moodle, last page": ("", None),
    "canvas": (
        f'<{CANVASES}&page=1&per_page=50>; rel="current",<{CANVASES}&page=2&per_page=50>; rel="next",'
        f'<{CANVASES}&page=1&per_page=50>; rel="first",<{CANVASES}&page=2&per_page=50>; rel="last"',
        f"{CANVASES}&page=2&per_page=50",
    ),
    "canvas, last page": (f'<{CANVASES}&page=2&per_page=50>; rel="current"', None),
    "capitals and a comma": (
        '<https://m.example/R?From=Ab,c>; rel="next", <https://m.example/1>; rel="first"',
        "https://m.example/R?From=Ab,c",
    ),
    "a path alone": ('</R?page=2>; rel="Next"', "https://m.example/R?page=2"),
}
"""What platforms answer, and the next page. Moodle's typographic quotes stand in the links of its line items only."""


@pytest.fixture
def course(sign_in, database, platform):
    """A course whose roster is Moodle's captured one."""
    platform.members[:] = MEMBERS
    sign_in("instructor", "3")
    with database.reading() as session:
        return session.scalars(select(Course)).one()


def read(database, settings, course):
    return roster.read(database, settings, course.id)


def test_moodles_people_are_read(database, settings, course):
    found = read(database, settings, course)
    students = {member.lms_user_id for member in found.members if member.student}
    assert found.names
    assert {"5", "6", "7", "8", "9"} <= students
    assert "3" not in students
    aino = next(member for member in found.members if member.lms_user_id == "5")
    assert (aino.given, aino.family) == (MEMBERS_BY_ID["5"]["given_name"], MEMBERS_BY_ID["5"]["family_name"])


def test_a_role_seen_in_a_launch_comes_before_moodles_list(database, settings, course, sign_in):
    """A non-editing teacher is listed as Learner but launches as Instructor."""
    assert MEMBERS_BY_ID["4"]["roles"] == ["Learner"]
    sign_in("instructor", "4")
    found = read(database, settings, course)
    assert "4" not in {member.lms_user_id for member in found.members if member.student}


def test_every_page_is_read(database, settings, course, platform):
    platform.page_size = 3
    assert len(read(database, settings, course).members) == len(MEMBERS)
    assert platform.counts("/roster/2") == -(-len(MEMBERS) // 3)


def test_a_page_elsewhere_gets_no_token(database, settings, course, platform, monkeypatch):
    platform.page_size = 3
    with database.session() as session:
        session.scalars(select(Registration)).one().token_url = f"{platform.url}/token"
    monkeypatch.setattr(roster, "_next", lambda url, answer: "https://evil.example/roster")
    assert_unavailable(database, settings, course, "roster_paging")


def test_pages_that_go_in_a_circle_end(database, settings, course, monkeypatch):
    monkeypatch.setattr(roster, "_next", lambda url, answer: url)
    assert_unavailable(database, settings, course, "roster_paging")


@pytest.mark.parametrize("header", LINKS)
def test_the_next_page_is_found_in_every_recorded_link(header):
    answer = Answer(200, {"Link": LINKS[header][0]}, b"")
    assert roster._next("https://m.example/R", answer) == LINKS[header][1]


def test_capitals_in_addresses_are_kept(database, settings, sign_in, platform):
    platform.members[:], platform.page_size = MEMBERS, 3
    sign_in("instructor", "3", "Course-Ab2")
    with database.reading() as session:
        course = session.scalars(select(Course)).one()
    assert len(read(database, settings, course).members) == len(MEMBERS)
    assert platform.counts("/roster/Course-Ab2") == -(-len(MEMBERS) // 3)


def test_no_page_is_asked_for_a_role(database, settings, course, platform, monkeypatch):
    """The link to the next page drops it, so a list of learners would end in one of everybody."""
    urls, get = [], Client.get
    monkeypatch.setattr(Client, "get", lambda self, url, **given: urls.append(url) or get(self, url, **given))
    platform.page_size = 3
    found = read(database, settings, course)
    assert len(urls) == -(-len(MEMBERS) // 3)
    assert not [url for url in urls if "role" in url.partition("?")[2]]
    assert {member.student for member in found.members} == {True, False}


def test_short_and_long_names_of_roles_are_the_same(database, settings, course, platform):
    short = {member.lms_user_id: member.student for member in read(database, settings, course).members}
    assert {role for member in MEMBERS for role in member["roles"]} == {"Learner", "Instructor"}
    platform.members[:] = [member | {"roles": [M + role for role in member["roles"]]} for member in MEMBERS]
    long = {member.lms_user_id: member.student for member in read(database, settings, course).members}
    assert short == long


def test_thousands_come_in_pages_and_only_they_stay_in_memory(
    database, settings, course, platform, monkeypatch
):
    ids = [str(number) for number in range(THOUSANDS)]
    platform.members[:] = [_someone(number) for number in ids]
    platform.page_size = 50
    answers, get = {}, Client.get
    monkeypatch.setattr(
        Client, "get", lambda self, url, **given: answers.setdefault(url, get(self, url, **given))
    )
    assert [member.lms_user_id for member in read(database, settings, course).members] == ids
    assert platform.counts("/roster/2") == THOUSANDS // 50
    monkeypatch.setattr(Client, "get", lambda self, url, **given: answers[url])
    for thread in threading.enumerate():
        if "process_request" in thread.name:  # the platform's last answer, which ends with a buffer of 10 MB
            thread.join()
    tracemalloc.start()
    try:
        found = read(database, settings, course)
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.members) == THOUSANDS
    assert most < 1.5 * left


def test_a_nameless_roster_says_so(database, settings, course, platform):
    platform.members[:] = [
        {"user_id": m["user_id"], "roles": m["roles"], "status": "Active"} for m in MEMBERS
    ]
    assert not read(database, settings, course).names


def test_an_empty_roster_has_no_names(database, settings, course, platform):
    platform.members[:] = []
    assert read(database, settings, course) == roster.Roster((), False)


def test_people_who_left_are_absent(database, settings, course, platform):
    platform.members[:] = [
        MEMBERS[0],
        MEMBERS[1] | {"status": "Inactive"},
        MEMBERS[2] | {"status": "Deleted"},
    ]
    assert len(read(database, settings, course).members) == 1


def test_canvas_ids_are_those_of_its_api(database, settings, platform, sign_in):
    sign_in("instructor", "u-3", **{LTI + "custom": {"canvas_user_id": "511", "canvas_course_id": "3107"}})
    message = "https://purl.imsglobal.org/spec/lti/claim/custom"
    platform.members[:] = [
        {
            "user_id": "u-7",
            "name": "A B",
            "roles": [M + "Learner"],
            "message": [{message: {"canvas_user_id": "742"}}],
        },
        {
            "user_id": "u-8",
            "name": "C D",
            "roles": [M + "Learner"],
            "message": [{message: {"canvas_user_id": "$X"}}],
        },
    ]
    with database.reading() as session:
        course = session.scalars(select(Course)).one()
    assert [member.lms_user_id for member in read(database, settings, course).members] == ["742", "u-8"]


def test_one_token_serves_until_a_minute_before_it_ends(database, settings, course, platform):
    read(database, settings, course)
    read(database, settings, course)
    assert platform.counts("/token") == 1
    with database.session() as session:
        session.scalars(select(ServiceToken)).one().expires_at = datetime.now(UTC) + timedelta(seconds=50)
    read(database, settings, course)
    assert platform.counts("/token") == 2


def test_the_assertion_is_ours_and_dated_back(database, settings, course, platform):
    read(database, settings, course)
    said = platform.assertions[0]
    with database.reading() as session:
        key = session.scalars(select(ToolKey)).one()
    assert (said["iss"], said["sub"], said["aud"]) == (
        "undertone-client",
        "undertone-client",
        f"{platform.url}/token",
    )
    assert said["kid"] == key.kid
    assert 0 <= datetime.now(UTC).timestamp() - said["iat"] - 5 < 30
    assert said["exp"] - said["iat"] <= 300
    jwt.decode(said["jwt"], jwt.PyJWK(key.public_jwk).key, algorithms=["RS256"], audience=said["aud"])


def test_a_token_that_is_not_taken_any_more_is_replaced_once(database, settings, course, platform):
    read(database, settings, course)
    platform.status["/roster/2"] = 401
    assert_unavailable(database, settings, course, "roster_http_401")
    assert platform.counts("/token") == 2


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/roster/2", 503, "roster_http_503"),
        ("/token", 404, "token_refused"),
        ("/token", 400, "token_refused"),
    ],
)
def test_a_platform_that_refuses_makes_the_pull_wait(
    database, settings, course, platform, path, status, code
):
    platform.status[path] = status
    assert_unavailable(database, settings, course, code)


def test_a_scope_dropped_silently_is_noticed(database, settings, course, platform):
    platform.drop_scopes = True
    assert_unavailable(database, settings, course, "token_scope")


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"members": 1}'])
def test_a_body_that_is_no_roster_is_no_roster(database, settings, course, platform, body):
    platform.bodies["/roster/2"] = body
    with pytest.raises(roster.RosterUnavailableError):
        read(database, settings, course)


def test_a_roster_that_was_never_offered(database, settings, course):
    with database.session() as session:
        session.get_one(Course, course.id).roster_url = None
    assert_unavailable(database, settings, course, "roster_not_offered")


def test_reading_writes_no_person(database, settings, course):
    read(database, settings, course)
    with database.reading() as session:
        assert len(session.scalars(select(Membership)).all()) == 1


def test_a_key_rotation_loses_no_call(database, settings, course, platform):
    from lti_tool.launch import keys

    read(database, settings, course)
    with database.session() as session:
        old = session.scalars(select(ToolKey.kid)).one()
        new = keys.rotate(session, datetime.now(UTC)).kid
    for kid, age in ((old, timedelta()), (new, keys.LEAD)):
        with database.session() as session:
            session.execute(delete(ServiceToken))
            for key in session.scalars(select(ToolKey)):
                key.created_at -= age
        read(database, settings, course)
        assert platform.assertions[-1]["kid"] == kid
        with database.reading() as session:
            assert {key["kid"] for key in keys.published(session)["keys"]} == {old, new}


def test_unreachable_is_not_an_empty_class(database, settings, course, platform):
    settings.outbound_hosts.clear()
    assert_unavailable(database, settings, course, "outbound_refused")


def assert_unavailable(database, settings, course, code):
    with pytest.raises(roster.RosterUnavailableError) as refused:
        read(database, settings, course)
    assert refused.value.code == code


def _someone(number):
    own = {"user_id": number, "name": f"Given{number} Family{number}", "email": f"p{number}@example.edu"}
    return MEMBERS[0] | own | {"given_name": f"Given{number}", "family_name": f"Family{number}"}
