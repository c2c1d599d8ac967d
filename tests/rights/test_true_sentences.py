"""What students are told stays true: each sentence beside what it is about (P17, P23, P33, P38, P62)."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from sqlalchemy import select

import lti_tool
from lti_tool import audit
from lti_tool.consent import erasing as consent_erasing
from lti_tool.consent import service as consent
from lti_tool.consent import texts, words
from lti_tool.consent.tables import ConsentEvent
from lti_tool.disclosure.tables import DisclosedCourse, DisclosedGroup, DisclosedText
from lti_tool.ingest.tables import Post
from lti_tool.insights import service as insights
from lti_tool.launch.tables import Course, Person
from lti_tool.retraining import provenance
from lti_tool.review.tables import Answer, PoolText
from lti_tool.rights import backup_list, requests
from lti_tool.rights.retention_choices import DEFAULTS
from lti_tool.scoring.tables import Score
from lti_tool.storage import EncryptedText, owned_tables
from tests.classroom import START, Classroom, open_database, settings_in

from .conftest import WRITTEN

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BACKUPS = f"{backup_list.KEPT.days} days"
HEDGED = re.compile(r"\b(found|finds|known|missed|misses|not replaced)\b")


def sentences() -> list[str]:
    """Every message that a student can be shown."""
    with (Path(lti_tool.__file__).parent / "translations" / "student.pot").open("rb") as file:
        messages = [message.id for message in read_po(file) if message.id]
    return [one if isinstance(one, str) else one[0] for one in messages]


def encrypted(table) -> set[str]:
    return {column.name for column in table.__table__.columns if isinstance(column.type, EncryptedText)}


def test_p33_no_sentence_says_that_all_names_are_gone():
    told = [one for one in sentences() if re.search(r"\bnames?\b.*\b(replaced|removed)\b", one, re.I)]
    assert len(told) >= 6
    assert [one for one in told if not HEDGED.search(one)] == []


def test_p35_what_my_data_calls_encrypted_is_and_what_it_does_not_is_not(writer):
    page = writer.browser.get("data").text
    assert "Texts and comments are encrypted; estimates, labels, choices and visits are not." in page
    assert {"text", "title"} <= encrypted(Post)
    assert "text" in encrypted(PoolText)
    assert encrypted(Answer) == {"comment"}
    assert encrypted(Score) == set()
    assert "All of it is encrypted" not in page


def test_p17_what_stays_after_a_stop_is_what_my_data_says(writer, database):
    page = writer.browser.get("data").text
    assert "The record of your choices, your visits and the way from your account to them stay" in page
    writer.browser.post("choices/a", {"value": "no"})
    with database.reading() as session:
        left = {
            mapped.__tablename__
            for mapped, _ in owned_tables()
            if session.scalars(select(mapped).where(mapped.person_id == writer.person)).first()
        }
    assert left == {"consent_events", "consent_states", "launch_sessions", "memberships", "person_keys"}


def test_p38_what_the_files_leave_out_is_named_on_the_page(writer, database):
    with database.session() as session:
        institution = session.get_one(Course, writer.course).institution_id
        made = requests.record(session, NOW, institution, "access", "5", None)
        requests.note(session, NOW, made, "Wrote to them by post", None)
        audit.record(session, WRITTEN, "texts_read", subject_id=writer.person, facts={"page": "review queue"})
        session.add(
            DisclosedText(
                post_id=next(iter(writer.posts.values())),
                person_id=writer.person,
                course_id=writer.course,
                reading={"planted": 1},
            )
        )
    answer = writer.browser.get("data/export")
    assert not [one for one in ("Wrote to them", "review queue", "planted") if one in answer.text]
    assert "disclosed_texts" not in json.loads(answer.text)["tables"]
    page = writer.browser.get("data").text
    for left_out in ("the log of who opened what", "what staff noted about requests", "which figures"):
        assert left_out in page
    assert "every other row about you" not in page


@pytest.mark.parametrize(
    "told",
    [
        texts.texts(str)["stopping"]["a"],
        texts.texts(str)["stopping"]["earlier"],
        texts.texts(str)["first"]["note"],
        *(item["text"] for item in texts.texts(str)["who"]["items"] if item["id"] == "retention"),
    ],
)
def test_p17_p62_whoever_is_told_of_a_deletion_is_told_of_backups(told):
    assert "backups" in told
    assert BACKUPS in told


def test_p62_no_sentence_tells_another_time_of_backups():
    told = [one for one in sentences() if "ackups" in one]
    assert len(told) >= 8
    assert [one for one in told if BACKUPS not in one] == []


def test_p17_a_model_gives_way_in_the_days_that_are_told():
    assert f"after {provenance.OLDEST.days} days at the latest" in texts.texts(str)["stopping"]["c"]


def test_p19_an_end_by_time_is_told_for_both_of_its_causes(writer, database):
    """The course may have ended long before a year was over."""
    with database.session() as session:
        session.get_one(Course, writer.course).ends_on = datetime.now(UTC)
        assert consent.expire(session, datetime.now(UTC) + timedelta(seconds=1), writer.person)
        kinds = session.scalars(select(ConsentEvent.event).where(ConsentEvent.person_id == writer.person))
        assert "expired" in set(kinds)
    assert words.event_word("expired") == "ended with the course or after a year"


@pytest.fixture
def counted(tmp_path):
    """A course whose picture counts the texts of seven, none of which staff may read: session, room, people."""
    database = open_database(tmp_path)
    with database.session() as session:
        room = Classroom(session)
        version, forum, people = room.version(), room.activity("Help"), room.people(7, "A")
        for number, person in enumerate(people):
            label = {"confusion": 0.9} if number < 4 else {"boredom": 0.9}
            room.score(room.post(person, forum, f"Words of number {number}.", number / 10), version, **label)
        insights.build(session, START, settings_in(tmp_path), room.course_id, 20)
        yield session, room, people, settings_in(tmp_path)
    database.dispose()


def groups(session) -> list[DisclosedGroup]:
    return list(session.scalars(select(DisclosedGroup)))


def test_p17_after_a_stop_a_share_of_a_group_can_rest_on_the_texts_as_is_told(counted):
    """Counted no more, and yet the share keeps what was written: neither "leaves you out" nor "at once" is true."""
    session, room, people, settings = counted
    before = [dict(group.numbers) for group in groups(session)]
    assert before[0]["authors"] == 7
    consent.save(session, START, people[0], room.course_id, consent.DECLINED, "en")
    insights.build(session, START + timedelta(hours=1), settings, room.course_id, 20)
    assert [dict(group.numbers)["labels"] for group in groups(session)] == [one["labels"] for one in before]
    held = session.scalars(select(DisclosedText.person_id)).all()
    assert people[0] not in held
    told = texts.texts(str)["stopping"]["a"], words.stopped_words("a")
    for sentence in told:
        assert "no longer counts you" in sentence
        assert "shares of groups that you were in can rest on your texts" in sentence


def test_p41_marks_outlive_forget_me_as_is_told(counted):
    session, room, people, _ = counted
    marks = [set(group.marks) for group in groups(session)]
    own = {post.external_index for post in session.scalars(select(Post).where(Post.person_id == people[0]))}
    consent.save(session, START, people[0], room.course_id, consent.DECLINED, "en")
    consent_erasing.forget(session, START, people[0])
    assert session.get(Person, people[0]) is None
    assert [set(group.marks) for group in groups(session)] == marks
    assert any(index.startswith(mark) for index in own for mark in marks[0])
    (told,) = (item["text"] for item in texts.texts(str)["who"]["items"] if item["id"] == "retention")
    assert (
        f"Marks of your posts, without name or words, stay with the class figures, usually until {days()}"
        in told
    )


def days() -> str:
    assert DisclosedGroup.__kept__.kind == DisclosedCourse.__kept__.kind == "alerts"
    return f"{DEFAULTS['alerts']} days after the course"


def test_p41_the_page_that_forgets_somebody_tells_of_marks_and_shares(writer):
    page = writer.browser.get("data/erase").text
    assert (
        f"Marks of your posts, without name or words, stay with the class figures, usually until {days()}"
        in page
    )
    assert "shares of groups that they were in can rest on them" in page


def test_p14_p42_the_notice_says_who_sees_texts_as_it_is():
    """Administrators through no page (tests/rights/test_requests.py); the operator, who is counted for it (P48)."""
    (told,) = (item["text"] for item in texts.texts(str)["who"]["items"] if item["id"] == "recipients")
    assert "Administrators see whether the tool works, not your texts." in told
    assert "Whoever runs the tool sees them when you ask the data-protection contact for a copy" in told
    assert "for your institution, and for another only where both agreed" in told  # P61
