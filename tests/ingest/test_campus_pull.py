"""A pull of the sample campus: planted strings of those who did not agree end up nowhere (P20, P37)."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lti_tool.demo.campus import Campus, CampusSettings, campus_of, create_campus, serve
from lti_tool.launch import people
from lti_tool.launch.roster import Member, Roster
from lti_tool.launch.tables import Course
from lti_tool.lms import LmsUnavailableError
from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.moodle import MoodleConnector
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings
from tests.ingest.conftest import DECLINED, EARLIER, Pulled, make_course

START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def campus() -> Iterator[Campus]:
    app = create_campus(CampusSettings(environment="test", now=lambda: START + 43 * DAY, start=START))
    server, thread = serve(app, 0)
    yield campus_of(app)
    campus_of(app).settings.faults.clear()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def enrolled(course: Pulled, campus: Campus) -> Pulled:
    return enrol(course, campus)


def enrol(course: Pulled, campus: Campus) -> Pulled:
    """Everyone of the campus has launched; those of its story who agree have agreed, with earlier posts."""
    course.now = START + 43 * DAY
    course.roster = Roster(tuple(member(one) for one in campus.people()), True)
    with course.database.session() as session:
        row = session.get_one(Course, course.course_id)
        course.people = {
            one.lms_user_id: people.person_for(
                session, course.now, row, "https://campus", "c", "1", one.lms_user_id, one.lms_user_id
            ).id
            for one in course.roster.members
        }
    for one in story():
        if one.get("choice") not in (None, "never", "visitor"):
            course.choose(campus.roster_sub(one["key"]), EARLIER if one["choice"]["A"] else DECLINED)
    return course


def story() -> list[dict]:
    return json.loads((files("lti_tool.demo") / "content" / "people.json").read_text("utf-8"))["people"]


def planted() -> dict[str, list[str]]:
    return json.loads((files("lti_tool.demo") / "content" / "planted.json").read_text("utf-8"))


def member(person) -> Member:
    role = {"student": "Learner"}.get(person.role, "Instructor")
    names = (person.given, person.family, person.name)
    return Member(str(person.id), *names, person.email, (role,), student=person.role == "student")


def client_of(campus: Campus) -> Client:
    hosts = [urlsplit(campus.settings.base_url).netloc]
    return Client(Settings(environment="test", outbound_hosts=hosts))


def moodle_of(campus: Campus) -> MoodleConnector:
    return MoodleConnector(
        MoodleCalls(client_of(campus), campus.settings.base_url, campus.settings.service_token)
    )


def canvas_of(campus: Campus) -> CanvasConnector:
    return CanvasConnector(
        CanvasCalls(client_of(campus), campus.settings.base_url, campus.settings.canvas_token)
    )


def facts_of(course: Pulled) -> list[tuple[str, ...]]:
    """What an installation holds, in words that do not depend on its keys and ids."""
    users = {person: user for user, person in course.people.items()}
    return sorted(
        (
            users[post.person_id],
            post.text,
            post.title or "",
            post.language,
            post.scorable,
            str(post.written_at),
            str(post.edited_at),
            post.url,
        )
        for post in course.posts()
    )


def test_planted_strings_of_those_who_did_not_agree_are_nowhere(enrolled, campus, caplog):
    caplog.set_level(logging.DEBUG)
    enrolled.pull(None, connector=moodle_of(campus))
    assert len(enrolled.posts()) > 100
    strings = [words for group in planted().values() for words in group]
    assert len(strings) > 40
    everything = "\n".join(enrolled.texts() + [post.title or "" for post in enrolled.posts()])
    files_left = b"".join(path.read_bytes() for path in enrolled.folder.rglob("*") if path.is_file())
    for words in strings:
        assert words not in everything
        assert words.encode() not in files_left
        assert words not in caplog.text
        assert words not in repr(enrolled.dump())


def test_nothing_a_student_wrote_lies_readable_in_the_database_file(enrolled, campus):
    enrolled.pull(None, connector=moodle_of(campus))
    stored = b"".join(path.read_bytes() for path in enrolled.folder.rglob("undertone.db*"))
    assert not any(text.encode() in stored for text in enrolled.texts() if len(text) > 20)


def test_names_of_the_roster_do_not_stand_in_the_stored_texts(enrolled, campus):
    enrolled.pull(None, connector=moodle_of(campus))
    everything = "\n".join(enrolled.texts())
    for name in ("Achterberg", "Tannahill", "Lefèvre", "Großkopf", "Ngozi", "Sigrún", "梓涵", "Kovalchenko"):
        assert name not in everything
    assert "[NAME]" in everything


def test_the_posts_of_one_who_agrees_later_come_with_the_next_pull(enrolled, campus):
    enrolled.pull(None, connector=moodle_of(campus))
    visitor = campus.roster_sub("visitor")
    assert enrolled.people[visitor] not in {post.person_id for post in enrolled.posts()}
    enrolled.choose(visitor, EARLIER)
    enrolled.pull(None, connector=moodle_of(campus))
    own = [post.text for post in enrolled.posts() if post.person_id == enrolled.people[visitor]]
    assert own
    assert any(words in "\n".join(own) for words in planted()["visitor"])


def test_moodle_and_canvas_give_the_same_texts(enrolled, campus):
    enrolled.pull(None, connector=moodle_of(campus))
    from_moodle = {text for _, text, *_ in facts_of(enrolled)}
    for user in enrolled.people:
        enrolled.choose(user, DECLINED)
    assert enrolled.posts() == []
    for one in story():
        if isinstance(one.get("choice"), dict) and one["choice"]["A"]:
            enrolled.choose(campus.roster_sub(one["key"]), EARLIER)
    enrolled.pull(None, connector=canvas_of(campus))
    from_canvas = {text for _, text, *_ in facts_of(enrolled)}
    assert len(from_canvas & from_moodle) > 0.9 * len(from_moodle)


def test_an_outage_in_the_middle_ends_as_an_undisturbed_pull(enrolled, campus, tmp_path):
    campus.settings.faults.fail_next(40, "unavailable", "mod_assign_get_submissions")
    with pytest.raises(LmsUnavailableError):
        enrolled.pull(None, connector=moodle_of(campus))
    campus.settings.faults.clear()
    campus.settings.faults.fail_next(1, "half", "mod_forum_get_discussion_posts")
    enrolled.pull(None, connector=moodle_of(campus))
    disturbed, before = facts_of(enrolled), enrolled.dump("posts", "pull_cursors")
    again = enrolled.pull(None, connector=moodle_of(campus))
    assert facts_of(enrolled) == disturbed
    assert enrolled.dump("posts", "pull_cursors") == before
    assert (again.counts.new, again.counts.edited, again.counts.gone) == (0, 0, 0)
    campus.settings.faults.clear()
    assert len(disturbed) > 100
    assert disturbed == undisturbed(tmp_path / "undisturbed", campus)


def undisturbed(folder: Path, campus: Campus) -> list[tuple[str, ...]]:
    """What one pull without a fault brings into a new installation, whose keys are in use from here on."""
    folder.mkdir()
    other = enrol(make_course(folder), campus)
    other.pull(None, connector=moodle_of(campus))
    facts = facts_of(other)
    other.database.dispose()
    return facts
