"""Sessions that commit or roll back whole, fields that are unreadable at rest, ids that meet without being read."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

import lti_tool
from lti_tool.errors import ConfigurationError
from lti_tool.launch.tables import Course, Institution, Person, PersonKey
from lti_tool.storage import Base, Keyring, blind_index, erase_by_purpose, opened, owned_tables, use_keyring

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def institution(name="One"):
    return Institution(name=name, created_at=NOW)


def write_and_fail(database):
    with database.session() as session:
        session.add(institution("Two"))
        session.flush()
        raise ZeroDivisionError


def names(database):
    with database.reading() as session:
        return session.scalars(select(Institution.name)).all()


def test_a_block_that_ends_commits_and_one_that_raises_does_not(database):
    with database.session() as session:
        session.add(institution())
    with pytest.raises(ZeroDivisionError):
        write_and_fail(database)
    assert names(database) == ["One"]


def test_writers_wait_for_each_other_instead_of_failing(database):
    def write(number):
        for turn in range(10):
            with database.session() as session:
                session.add(institution(f"{number}-{turn}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(database)) == 40


def test_a_reader_does_not_wait_for_the_writer(database):
    with database.session() as writing:
        writing.add(institution())
        writing.flush()
        assert names(database) == []


def test_times_come_back_in_utc_and_naive_ones_are_refused(database):
    local = NOW.astimezone(timezone(timedelta(hours=-7)))
    with database.session() as session:
        session.add(Institution(name="One", created_at=local))
    with database.reading() as session:
        found = session.scalars(select(Institution.created_at)).one()
    assert (found, found.tzinfo) == (NOW, UTC)
    with pytest.raises(StatementError, match="without a zone"), database.session() as session:
        session.add(Institution(name="Two", created_at=NOW.replace(tzinfo=None)))


@pytest.fixture
def person_id(database):
    with database.session() as session:
        home = institution()
        session.add(home)
        session.flush()
        person = Person(institution_id=home.id, created_at=NOW)
        session.add(person)
        session.flush()
        session.add(PersonKey(person_id=person.id, identity_index="i", lms_user_id="lms-id-742"))
        return person.id


def test_an_encrypted_field_is_unreadable_in_the_file(database, settings, person_id):
    with database.reading() as session:
        assert session.scalars(select(opened(PersonKey.lms_user_id))).one() == "lms-id-742"
        assert "lms-id-742" not in session.execute(text("SELECT lms_user_id FROM person_keys")).scalar_one()
    for file in settings.home.glob("undertone.db*"):
        assert b"lms-id-742" not in file.read_bytes()


def test_a_missing_encryption_key_is_loud(database, person_id, keyring):
    use_keyring(Keyring.generate())
    with pytest.raises(ConfigurationError, match="missing"), database.reading() as session:
        session.scalars(select(PersonKey)).one()
    use_keyring(keyring)


def test_a_rotated_key_still_opens_old_fields(database, person_id, keyring):
    use_keyring(keyring.with_new("fields"))
    with database.reading() as session:
        assert session.scalars(select(PersonKey)).one().lms_user_id == "lms-id-742"
    use_keyring(keyring)


def test_a_blind_index_depends_on_every_part_and_the_key(keyring):
    use_keyring(keyring)
    assert blind_index("a", "bc") == blind_index("a", "bc")
    assert (
        len({blind_index("a", "bc"), blind_index("ab", "c"), blind_index("abc"), blind_index("a", "bc", "")})
        == 4
    )
    before = blind_index("a")
    use_keyring(Keyring.generate())
    assert blind_index("a") != before


def test_keys_are_kept_in_a_file_of_their_owner(tmp_path):
    path = tmp_path / "deep" / "keys.json"
    made = Keyring.generate()
    made.save(path)
    assert path.stat().st_mode & 0o077 == 0
    assert Keyring.load(path) == made
    with pytest.raises(FileExistsError):
        Keyring.generate().save(path)
    path.write_text("{}")
    with pytest.raises(ConfigurationError, match="undertone keys init"):
        Keyring.load(path)


def test_every_table_with_a_person_says_how_it_is_kept():
    for module in sorted(Path(lti_tool.__file__).parent.glob("*/tables.py")):
        import_module(f"lti_tool.{module.parent.name}.tables")
    declared = {mapped.__tablename__ for mapped, _owned in owned_tables()}
    holding = {table.name for table in Base.metadata.sorted_tables if "person_id" in table.columns}
    assert holding == declared


def test_erasing_by_purpose_leaves_other_people_and_purposes(database, person_id):
    with database.session() as session:
        assert erase_by_purpose(session, person_id, "access") == 1
    with database.reading() as session:
        assert session.scalars(select(PersonKey)).all() == []
        assert session.get(Person, person_id) is not None


def test_references_are_held(database):
    with pytest.raises(Exception, match="FOREIGN KEY"), database.session() as session:
        session.add(Course(institution_id="x" * 32, deployment_id="y" * 32, context_key="2"))
