"""`undertone keys`: rotate each key, put everything under it, retire the old one; a missing key stops the start."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.app import create_app
from lti_tool.launch import antiforgery
from lti_tool.launch.tables import Institution, Person, PersonKey
from lti_tool.settings import Settings
from lti_tool.storage import Base, EncryptedText, Keyring, current_keyring, opened
from lti_tool.storage.tables import KeyInUse
from tests.cli.conftest import Command, refused

USES = ("fields", "pseudonyms", "sessions", "receipts")


@pytest.fixture
def used(undertone: Command) -> Command:
    """An installation with somebody in it."""
    with undertone.database.session() as session:
        home = Institution(name="One", created_at=datetime.now(UTC))
        session.add(home)
        session.flush()
        person = Person(institution_id=home.id, created_at=datetime.now(UTC))
        session.add(person)
        session.flush()
        session.add(PersonKey(person_id=person.id, identity_index="i", lms_user_id="lms-id-742"))
    return undertone


def lms_id(undertone):
    with undertone.database.reading() as session:
        return session.scalars(select(opened(PersonKey.lms_user_id))).one()


def ids(undertone, use):
    return Keyring.load(undertone.folder / "keys.json").ids(use)


def wait_a_day(undertone):
    """As if every key had been replaced a day ago."""
    with undertone.database.session() as session:
        replaced = KeyInUse.replaced_at.is_not(None)
        session.execute(
            update(KeyInUse)
            .where(replaced)
            .values(replaced_at=datetime.now(UTC) - timedelta(days=1, minutes=1))
        )


@pytest.mark.parametrize("use", USES)
def test_s35_each_key_of_the_file_but_that_of_indexes_is_rotated_and_retired_with_data_present(used, use):
    (old,) = ids(used, use)
    assert used("keys", "rotate", "--use", use).exit_code == 0
    new, second = ids(used, use)
    assert second == old != new
    assert used("keys", "reseal").exit_code == 0
    assert lms_id(used) == "lms-id-742"
    refused(used("keys", "retire", old, "--use", use), "until")
    wait_a_day(used)
    assert used("keys", "retire", old, "--use", use).exit_code == 0
    assert ids(used, use) == (new,)
    assert lms_id(used) == "lms-id-742"
    assert used("keys", "list").exit_code == 0


def test_p35_resealing_says_what_may_be_retired(used):
    (old,) = ids(used, "fields")
    used("keys", "rotate", "--use", "fields")
    assert f"{old}  fields      old      2 fields" in used("keys", "status").output
    said = used("keys", "reseal").output
    assert "2 rows were put under the current keys" in said
    assert f"Nothing uses the fields key {old}" in said
    assert used("keys", "reseal").output.startswith("0 people and 0 rows")


def test_s35_the_command_knows_the_tables_of_every_part():
    """In a process of its own, where nothing else has loaded them."""
    script = (
        "from lti_tool.installation import load_tables; load_tables();"
        "from lti_tool.storage.sealing import sealed_classes;"
        "print(*(one.mapper.local_table.name for one in sealed_classes()))"
    )
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    mapped = {mapper.local_table for mapper in Base.registry.mappers}
    sealed = {
        table.name for table in mapped if any(isinstance(one.type, EncryptedText) for one in table.columns)
    }
    assert sealed
    assert set(said.split()) >= sealed


def test_s35_a_key_that_still_holds_something_is_not_retired(used):
    (old,) = ids(used, "fields")
    used("keys", "rotate", "--use", "fields")
    wait_a_day(used)
    refused(used("keys", "retire", old, "--use", "fields"), "still holds 2 fields")
    refused(used("keys", "retire", ids(used, "fields")[0], "--use", "fields"), "is the current one")
    refused(used("keys", "retire", "00000000", "--use", "fields"), "no such key")
    refused(used("keys", "retire", old), "--use")
    assert len(ids(used, "fields")) == 2


@pytest.mark.parametrize(
    "command", [("serve",), ("migrate",), ("worker",), ("keys", "rotate", "--use", "fields")]
)
def test_s34_the_start_is_refused_in_words_when_a_key_is_missing(used, command):
    path = used.folder / "keys.json"
    shutil.copy(path, path.with_suffix(".old"))
    used("keys", "rotate", "--use", "fields")
    new = ids(used, "fields")[0]
    shutil.copy(path.with_suffix(".old"), path)
    refused(used(*command), f"{new} for fields")


def test_s34_a_missing_session_key_stops_nothing(used):
    path = used.folder / "keys.json"
    used("keys", "rotate", "--use", "sessions")
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "sessions": ["0f" * 32]}))
    assert used("keys", "list").exit_code == 0


def test_s35_a_form_of_before_is_accepted_until_its_session_key_is_retired(used):
    settings = Settings(environment="test", home=used.folder, base_url="http://localhost")
    application = create_app(settings)
    with application.app_context():
        token = antiforgery.token("1")
    used("keys", "rotate", "--use", "sessions")
    application.test_client().get("/health/live")
    assert application.secret_key == current_keyring().session_secrets()[0]
    with application.test_request_context(headers={"X-Csrf-Token": token, "Origin": "http://localhost"}):
        antiforgery.check("1", "http://localhost")
    wait_a_day(used)
    used("keys", "retire", ids(used, "sessions")[1], "--use", "sessions")
    with (
        application.test_request_context(headers={"X-Csrf-Token": token, "Origin": "http://localhost"}),
        pytest.raises(antiforgery.ForgeryError),
    ):
        antiforgery.check("1", "http://localhost")


def test_s35_a_keys_file_that_cannot_be_replaced_is_left_as_it_was(used, monkeypatch):
    from lti_tool.storage import keys_file

    def full(*_):
        raise OSError(28, "No space left on device")

    path = used.folder / "keys.json"
    before = path.read_text()
    monkeypatch.setattr(keys_file, "_replace", full)
    refused(used("keys", "rotate", "--use", "fields"), "cannot be replaced here")
    assert path.read_text() == before
    assert used("keys", "status").output.count("old") == 0


def test_s34_no_command_prints_a_key(used):
    said = "".join(
        used("keys", *words).output
        for words in (
            ("rotate", "--use", "fields"),
            ("reseal",),
            ("status",),
            ("retire", "x", "--use", "fields"),
        )
    )
    keyring = Keyring.load(used.folder / "keys.json")
    assert not any(key.hex() in said for use in USES for key in keyring.of(use))
    assert (used.folder / "keys.json").stat().st_mode & 0o077 == 0


def test_the_keys_of_an_earlier_version_are_dropped_when_asked(used):
    from cryptography.fernet import Fernet

    path = used.folder / "keys.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "earlier": [Fernet.generate_key().decode()]}))
    assert "earlier" in used("keys", "status").output
    assert used("keys", "retire", "earlier").exit_code == 0
    assert Keyring.load(path).earlier == ()
