"""Rotating each key with data present, while others read and write (P29, P35, S35)."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, text

from lti_tool.errors import ConfigurationError
from lti_tool.ingest.tables import Post
from lti_tool.launch import people, rekeying
from lti_tool.launch.key_rotation import held, retire, rotate
from lti_tool.launch.tables import Course, Person, PersonKey
from lti_tool.storage import Keyring, current_keyring, rotation, use_keyring, use_keys_file
from lti_tool.storage.rotation import AFTER, KeysMissingError, KeyStillUsedError
from lti_tool.storage.sealing import sealed_classes
from lti_tool.storage.tables import KeyInUse
from tests.classroom import START, Classroom
from tests.storage.conftest import everything

LATER = START + AFTER
ISSUER = "https://lms.example"


@pytest.fixture
def keys(ring, tmp_path):
    """The keys file in use, and followed."""
    path = tmp_path / "keys.json"
    ring.save(path)
    use_keys_file(path)
    return path


def said(database):
    """All that is sealed, as it reads."""
    with database.reading() as session:
        return {
            (one.mapper.local_table.name, key, getattr(row, one.row_key)): getattr(row, key)
            for one in sealed_classes()
            for row in session.scalars(select(one.mapper.class_))
            for key in one.keys
        }


def nothing(*_):
    pass


def test_p35_after_resealing_all_reads_alike_and_nothing_is_on_the_old_key(sealed, keys):
    everything(sealed)
    before = said(sealed)
    new, old = rotate(sealed, keys, START, "fields")
    assert said(sealed) == before
    assert held(sealed) == {("fields", old): held(sealed)["fields", old], **people_held(sealed)}
    assert rotation.reseal(sealed, nothing, nothing) > 8
    assert set(held(sealed)) - set(people_held(sealed)) == {("fields", new)}
    assert said(sealed) == before
    retire(sealed, keys, LATER, "fields", old)
    assert said(sealed) == before
    assert current_keyring().ids("fields") == (new,)
    assert rotation.reseal(sealed, nothing, nothing) == 0


def people_held(database):
    return {key: words for key, words in held(database).items() if key[0] == "pseudonyms"}


def test_s35_a_resealing_that_is_killed_goes_on_with_what_is_left(sqlite, keys, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 7)
    with sqlite.session() as session:
        room = Classroom(session)
        activity, person = room.activity("Week 1"), room.person("A")
        for number in range(30):
            room.post(person, activity, f"text {number}")
    rotate(sqlite, keys, START, "fields")

    def die(done):
        if done > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.reseal(sqlite, nothing, die)
    assert rotation.reseal(sqlite, nothing, nothing) == 30 - 14
    with sqlite.reading() as session:
        assert {post.text for post in session.scalars(select(Post))} == {
            f"text {number}" for number in range(30)
        }


@pytest.mark.postgres
def test_s35_a_row_that_a_request_holds_is_not_waited_for_and_comes_last(postgres, keys):
    with postgres.session() as session:
        room = Classroom(session)
        activity, person = room.activity("Week 1"), room.person("A")
        first = room.post(person, activity, "one").id
        room.post(person, activity, "two")
    new, _old = rotate(postgres, keys, START, "fields")
    passes = []

    def let_go():
        passes.append(1)
        if len(passes) == 1:
            holding.commit()

    with postgres._writing() as holding:
        holding.get_one(Post, first, with_for_update=True).url = "https://lms.example/7"
        holding.flush()
        rotation.reseal(postgres, let_go, nothing)
    with postgres.reading() as session:
        assert {(post.text, post.url) for post in session.scalars(select(Post))} >= {("two", "")}
        assert session.get_one(Post, first).url == "https://lms.example/7"
    assert {key for key in held(postgres) if key[0] == "fields"} == {("fields", new)}


def launched(database, course_id, sub="7", lms_user_id="7"):
    with database.session() as session:
        course = session.get_one(Course, course_id)
        return people.person_for(session, START, course, ISSUER, "tool", "1", sub, lms_user_id).id


@pytest.fixture
def course(sealed):
    with sealed.session() as session:
        room = Classroom(session)
        session.execute(text("UPDATE registrations SET issuer = :issuer"), {"issuer": ISSUER})
        return room.course_id


@pytest.mark.parametrize("lms_user_id", ["7", "canvas-7"])
def test_p29_rotating_the_pseudonym_key_rewrites_the_lookup_table_alone(sealed, keys, course, lms_user_id):
    person = launched(sealed, course, lms_user_id=lms_user_id)
    before = other_tables(sealed)
    new, old = rotate(sealed, keys, START, "pseudonyms")
    assert people_held(sealed) == {("pseudonyms", old): "1 person"}
    with pytest.raises(KeyStillUsedError, match="reseal"):
        retire(sealed, keys, LATER, "pseudonyms", old)
    assert rekeying.rewrite(sealed, nothing, nothing) == 1
    assert people_held(sealed) == {("pseudonyms", new): "1 person"}
    retire(sealed, keys, LATER, "pseudonyms", old)
    assert other_tables(sealed) == before
    assert launched(sealed, course, lms_user_id=lms_user_id) == person


def other_tables(database):
    from lti_tool.storage import Base

    own = ("person_keys", "keys_in_use", "audit_events")
    with database.reading() as session:
        return {
            table.name: session.execute(text(f"SELECT * FROM {table.name}")).all()
            for table in Base.metadata.sorted_tables
            if table.name not in own
        }


def test_p29_a_launch_between_rotating_and_rewriting_finds_the_same_person(sealed, keys, course):
    person = launched(sealed, course)
    new, _old = rotate(sealed, keys, START, "pseudonyms")
    assert launched(sealed, course) == person
    assert people_held(sealed) == {("pseudonyms", new): "1 person"}
    assert rekeying.rewrite(sealed, nothing, nothing) == 0


def test_p29_a_person_from_before_pseudonym_keys_is_found_and_moves_at_the_next_launch(sealed, keys, course):
    from lti_tool.storage import blind_index

    person = launched(sealed, course, "7", "canvas-7")
    with sealed.session() as session:
        row = session.get_one(PersonKey, person)
        row.identity_index, row.key_id, row.subject = blind_index(ISSUER, "tool", "1", "42", "7"), "", None
    assert rekeying.rewrite(sealed, nothing, nothing) == 0
    assert people_held(sealed) == {("pseudonyms", ""): "1 person"}
    assert launched(sealed, course, "7", "canvas-7") == person
    assert people_held(sealed) == {("pseudonyms", current_keyring().ids("pseudonyms")[0]): "1 person"}


def test_p29_the_same_sub_in_two_courses_or_institutions_gives_unrelated_keys(sealed, keys, course):
    with sealed.session() as session:
        elsewhere = Classroom(session).course_id
        home = session.get_one(Course, course)
        beside = Course(
            institution_id=home.institution_id, deployment_id=home.deployment_id, context_key="43"
        )
        session.add(beside)
        session.flush()
        courses = [course, beside.id, elsewhere]
    ids = {launched(sealed, one) for one in courses}
    with sealed.reading() as session:
        indexes = set(session.scalars(select(PersonKey.identity_index)))
        assert session.scalars(select(Person)).all()
    assert len(ids) == len(indexes) == 3


def test_p29_an_index_is_no_plain_hash_and_depends_on_the_institutions_own_key(ring):
    key, parts = ring.pseudonyms[0], (ISSUER, "tool", "1", "42", "7")
    assert ring.pseudonym(key, "a", *parts) != ring.pseudonym(key, "b", *parts)
    assert ring.pseudonym(key, "a", *parts) != Keyring.generate().pseudonym(key[::-1], "a", *parts)


def test_s35_a_receipt_key_signs_no_more_once_retired_and_old_receipts_still_verify(sqlite, keys):
    old, private = current_keyring().receipt_key()
    signature = private.sign(b"receipt")
    new, before = rotate(sqlite, keys, START, "receipts")
    assert before == old
    retire(sqlite, keys, LATER, "receipts", old)
    assert current_keyring().receipt_key()[0] == new
    current_keyring().receipt_public_keys()[old].verify(signature, b"receipt")
    assert private.private_bytes_raw().hex() not in keys.read_text()
    with sqlite.reading() as session:
        rotation.require_all(session, current_keyring())


def test_s35_each_use_has_a_key_of_its_own_and_rotating_one_leaves_the_others(ring):
    for use in rotation.ROTATED:
        turned = ring.with_new(use)
        assert [one for one in (*rotation.ROTATED, "indexes") if turned.of(one) != ring.of(one)] == [use]
        assert turned.of(use)[1:] == ring.of(use)
    everyone = [key for use in (*rotation.ROTATED, "indexes") for key in ring.of(use)]
    assert len(set(everyone)) == 5


def test_s35_a_process_takes_new_keys_without_a_restart(sqlite, keys, ring):
    everything(sqlite)
    before = said(sqlite)
    turned = ring.with_new("fields")
    keys.with_suffix(".new").write_text("")
    os.unlink(keys.with_suffix(".new"))
    rotate(sqlite, keys, START, "fields")
    assert current_keyring().fields[1:] == ring.fields
    assert current_keyring() != turned
    rotation.reseal(sqlite, nothing, nothing)
    assert said(sqlite) == before


def test_s35_a_keys_file_that_is_damaged_while_the_tool_runs_changes_nothing(keys, ring, caplog):
    keys.write_text('{"version": 2')
    assert current_keyring() == ring
    keys.unlink()
    assert current_keyring() == ring
    assert "cannot be read" in caplog.text
    ring.with_new("fields").save(keys)
    assert current_keyring().fields[1:] == ring.fields


def test_s35_a_key_is_retired_only_when_it_was_replaced_long_ago_and_holds_nothing(sqlite, keys):
    everything(sqlite)
    new, old = rotate(sqlite, keys, START, "fields")
    for now, identifier, words in (
        (LATER, new, "is the current one"),
        (LATER - timedelta(seconds=1), old, "until"),
        (LATER, old, "still holds"),
    ):
        with pytest.raises(KeyStillUsedError, match=words):
            retire(sqlite, keys, now, "fields", identifier)
    assert current_keyring().ids("fields") == (new, old)


def test_s34_a_key_that_the_database_uses_and_the_file_lacks_is_named(sqlite, keys, ring):
    with sqlite.session() as session:
        rotation.record(session, START, ring)
    new, _old = rotate(sqlite, keys, START, "fields")
    with sqlite.reading() as session:
        with pytest.raises(KeysMissingError, match=f"{new} for fields") as refused:
            rotation.require_all(session, ring)
        assert "keys file" in refused.value.words
        assert rotation.belongs(session, ring)
        assert not rotation.belongs(session, Keyring.generate())
        recorded = {(row.use, row.key_id) for row in session.scalars(select(KeyInUse))}
    assert recorded == {(use, one) for use in rotation.USES for one in current_keyring().ids(use)}


def test_s34_no_other_key_can_pass_under_the_id_of_one(ring):
    forged = replace(ring, fields=(Keyring.generate().fields[0],))
    assert forged.ids("fields") != ring.ids("fields")


def test_s35_a_keys_file_of_before_the_envelopes_reads_alike_in_every_process(tmp_path):
    path = tmp_path / "keys.json"
    fernet = Fernet.generate_key().decode()
    path.write_text(json.dumps({"encryption": [fernet], "pseudonyms": "0f" * 32, "sessions": "s" * 40}))
    one, other = Keyring.load(path), Keyring.load(path)
    assert one == other
    assert (one.earlier, one.indexes) == ((fernet,), bytes.fromhex("0f" * 32))
    use_keyring(one)
    path.unlink()
    one.save(path)
    assert Keyring.load(path) == one
    path.unlink()
    with pytest.raises(ConfigurationError):
        Keyring.load(path)
