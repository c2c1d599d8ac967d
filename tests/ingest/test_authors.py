"""Whose texts are read at all: of a person without A not a word comes near the de-identification."""

from lti_tool.consent import service as consent
from lti_tool.ingest.authors import readable_authors
from lti_tool.ingest.deidentify import Deidentifier
from tests.ingest.conftest import DECLINED, EARLIER, FROM_NOW

EVAS = "I realised that I judge too fast."


def authors(course, students="56789"):
    with course.database.reading() as session:
        return set(readable_authors(session, course.course_id, course.people, set(students)))


def test_only_active_students_who_granted_a_are_readable(course):
    course.choose("5", EARLIER)
    course.choose("6", FROM_NOW)
    course.choose("7", DECLINED)
    course.choose("8", EARLIER)
    course.choose("8", DECLINED)  # withdrawn; 9 never answered
    course.choose("3", EARLIER)
    assert authors(course) == {"5", "6"}
    assert authors(course, "6789") == {"6"}


def test_a_post_of_a_person_without_a_is_forgotten_by_its_author_alone(course, moodle_site, monkeypatch):
    """Neither its time nor its words are looked at, as docs/reading-the-lms.md promises."""
    course.choose("5", EARLIER)
    course.choose("9", DECLINED)
    looked_at, cleaned = watched(monkeypatch)
    course.pull(moodle_site)
    assert looked_at == {course.people["5"]}
    assert "Extra 1" in cleaned
    assert EVAS not in cleaned


def test_the_same_words_are_cleaned_once_their_author_agrees(course, moodle_site, monkeypatch):
    course.choose("9", EARLIER)
    looked_at, cleaned = watched(monkeypatch)
    course.pull(moodle_site)
    assert looked_at == {course.people["9"]}
    assert EVAS in cleaned


def watched(monkeypatch):
    """Person ids whose consent was held against a post's time, and the texts that came to be de-identified."""
    people, texts, covers, clean = set(), [], consent.covers, Deidentifier.clean
    monkeypatch.setattr(consent, "covers", lambda state, at: people.add(state.person_id) or covers(state, at))
    monkeypatch.setattr(Deidentifier, "clean", lambda self, text: texts.append(text) or clean(self, text))
    return people, texts
