"""The contract of a connector: what a reading of a course gives, whichever LMS it is."""

import logging
from datetime import UTC, datetime

import pytest

from lti_tool.lms import LmsRefusedError
from lti_tool.lms.checking import course_lines
from tests.lms.contract.face import read, texts

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def test_a_whole_connection_passes_its_check(face):
    connector = face.connector()
    lines = connector.check() + course_lines(connector, face.course_id)
    assert [line for line in lines if not line.ok] == []


def test_every_text_that_students_can_see_is_read_with_its_author(face):
    found = texts(read(face.connector()))
    assert face.standing() <= found
    assert found - face.standing() <= face.also() | {text for text in found if "pluginfile" in text[2]}


def test_drafts_private_replies_and_what_is_hidden_are_not_read(face):
    shown = repr(face.connector().activities(face.course_id)) + repr(read(face.connector()))
    assert [words for words in face.forbidden if words in shown and words not in repr(face.unreadable)] == []


def test_activities_stand_in_their_sections(face):
    listed = face.connector().activities(face.course_id)
    assert {facts.name: facts.section_name for facts in listed if not facts.unreadable} == face.sections
    assert len({(facts.kind, facts.external_id) for facts in listed}) == len(listed)


def test_what_is_not_read_is_listed_and_says_why(face):
    listed = face.connector().activities(face.course_id)
    assert {facts.name: facts.unreadable for facts in listed if facts.unreadable} == face.unreadable


def test_asking_for_the_posts_of_what_is_not_read_is_refused_rather_than_empty(face):
    connector = face.connector()
    for facts in connector.activities(face.course_id):
        if facts.unreadable:
            with pytest.raises(LmsRefusedError):
                list(connector.posts(facts))


def test_facts_are_well_formed(face):
    connector = face.connector()
    for activity in connector.activities(face.course_id):
        if activity.unreadable:
            continue
        posts = list(connector.posts(activity))
        ids = {post.external_id for post in posts}
        assert len(ids) == len(posts)
        for post in posts:
            assert post.kind == activity.kind
            assert post.parent_id is None or post.parent_id in ids
            assert post.title is None or post.parent_id is None
            assert post.created_at.tzinfo is not None
            assert post.edited_at is None or post.edited_at >= post.created_at
            assert post.url.startswith(face.root)
            assert (post.html == "") == post.deleted
            assert post.deleted or post.author_id
            assert not any("grade" in name or "score" in name for name in vars(post))
        assert activity.url.startswith(face.root)
        last = max((post.created_at for post in posts if not post.deleted), default=LONG_AGO)
        assert activity.changed_at is None or activity.changed_at >= last


def test_a_pass_since_long_ago_reads_everything(face):
    assert texts(read(face.connector(), since=LONG_AGO)) == texts(read(face.connector()))


def test_a_quick_pass_gives_nothing_that_a_complete_one_does_not(face):
    whole = read(face.connector())
    for moment in sorted({post.created_at for post in whole})[:: max(1, len(whole) // 5)]:
        assert texts(read(face.connector(), since=moment)) <= texts(whole)


def test_a_quick_pass_gives_every_post_written_since(face):
    whole = read(face.connector())
    moments = sorted({post.created_at for post in whole})
    moment = moments[len(moments) // 2]
    written_since = {post.external_id for post in whole if post.created_at >= moment}
    assert written_since
    assert written_since <= {post.external_id for post in read(face.connector(), since=moment)}


def test_two_readings_in_a_row_are_the_same(face):
    assert read(face.connector()) == read(face.connector())


def test_the_secret_is_in_no_address_error_or_log(face, caplog):
    caplog.set_level(logging.DEBUG)
    wrong = "wr0ng" * 6
    read(face.connector())
    with pytest.raises(LmsRefusedError) as raised:
        face.connector(wrong).activities(face.course_id)
    told = (
        face.addresses() + caplog.text + repr(raised.value) + str(raised.value) + repr(raised.value.__cause__)
    )
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    assert face.secret not in told
    assert wrong not in told
