"""A keys file that is another installation's, damaged or in no possible place: one line, and nothing is written."""

import json

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, func, select

from lti_tool.launch.tables import Operator, Registration, ToolKey
from lti_tool.storage import Base, Keyring
from lti_tool.storage.tables import KeyInUse
from tests.cli.conftest import TOKEN, platform, refused

URL = "https://lms.example"
WRITING = [
    ("serve",),
    ("migrate",),
    ("worker",),
    ("sync",),
    ("retrain",),
    ("rollback",),
    ("keys", "rotate"),
    ("admin", "add", "--issuer", URL, "--client-id", "tool", "--sub", "7"),
    ("register", *platform(URL)),
]
GOOD = {
    "version": 2,
    "indexes": "0f" * 32,
    **{
        use: [f"{number}f" * 32]
        for number, use in enumerate(("fields", "pseudonyms", "sessions", "receipts"))
    },
}
GOOD_EARLIER = {
    "encryption": [Fernet.generate_key().decode()],
    "pseudonyms": "0f" * 32,
    "sessions": "a-secret-that-nobody-sees" * 2,
}


def names(command):
    return " ".join(command[:2])


@pytest.fixture
def foreign(tmp_path):
    """The settings that name the keys file of another installation."""
    path = tmp_path / "foreign.json"
    Keyring.generate().save(path)
    return {"UNDERTONE_KEYS_FILE": str(path), "UNDERTONE_LMS_TOKEN": TOKEN}


def counted(undertone):
    with undertone.database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("command", WRITING, ids=names)
def test_under_the_keys_of_another_installation_nothing_is_written(undertone, foreign, command):
    before = counted(undertone)
    refused(undertone(*command, **foreign), "does not belong to this database")
    assert counted(undertone) == before


def test_check_tells_that_the_keys_are_those_of_another_installation(undertone, foreign):
    result = undertone("check", **foreign)
    assert result.exit_code == 1
    assert "WRONG keys: The keys file does not belong to this database" in result.output
    assert "ok    keys" not in result.output


def test_an_older_signing_key_that_does_not_open_is_noticed_too(undertone, foreign):
    path = undertone.folder / "keys.json"
    own, newest = json.loads(path.read_text()), Keyring.generate().fields[0].hex()
    path.write_text(json.dumps({**own, "fields": [newest, *own["fields"]]}))
    with undertone.database.session() as session:  # as a database of before the record of keys
        session.execute(delete(KeyInUse))
    assert undertone("keys", "rotate").exit_code == 0
    path.write_text(json.dumps({**own, "fields": [newest]}))
    refused(undertone("keys", "rotate"), "does not belong to this database")


def test_before_anything_is_stored_any_keys_will_do(undertone, foreign):
    with undertone.database.session() as session:
        session.delete(session.scalars(select(ToolKey)).one())
        session.execute(delete(KeyInUse))
    assert undertone("keys", "rotate", **foreign).exit_code == 0


@pytest.mark.parametrize(
    ("part", "value"),
    [
        *(("fields", value) for value in ([], "secret", ["secret"], [7], None)),
        *(("pseudonyms", value) for value in ([], ["zz"], ["0f"], 7, ["zz" * 32])),
        *(("indexes", value) for value in ("zz", "", "0f", 7, "zz" * 32)),
        *(("sessions", value) for value in ([], ["short"], 7)),
        *(("receipts", value) for value in ([], ["secret"], None)),
        *(("version", value) for value in (1, "2", 3)),
    ],
)
def test_a_part_of_the_keys_file_that_is_no_key_is_named_without_its_value(undertone, part, value):
    (undertone.folder / "keys.json").write_text(json.dumps({**GOOD, part: value}))
    for command in (("check",), ("keys", "list")):
        result = undertone(*command)
        refused(result, f"The keys file is damaged ({part})")
        assert "secret" not in result.output


@pytest.mark.parametrize(
    ("part", "value"),
    [
        *(("encryption", value) for value in ([], "secret", ["secret"], [7], None)),
        *(("pseudonyms", value) for value in ("zz", "", "0f", 7, "zz" * 32)),
        *(("sessions", value) for value in ("", "short", 7)),
    ],
)
def test_a_part_of_an_earlier_keys_file_that_is_no_key_is_named_without_its_value(undertone, part, value):
    (undertone.folder / "keys.json").write_text(json.dumps({**GOOD_EARLIER, part: value}))
    result = undertone("check")
    refused(result, f"The keys file is damaged ({part})")
    assert "secret" not in result.output


@pytest.mark.parametrize("content", [b"", b"[]", b"7", b"\xff\xfe", b'{"encryption":'])
def test_a_keys_file_that_is_no_json_object_is_one_line(undertone, content):
    (undertone.folder / "keys.json").write_bytes(content)
    refused(undertone("check"), "The keys file is damaged (")


@pytest.mark.parametrize("command", [("keys", "init"), ("check",)], ids=names)
@pytest.mark.parametrize("place", ["file", "file/x", "/proc/x"])
def test_a_home_that_cannot_be_made_is_one_line(bare, tmp_path, command, place):
    (tmp_path / "file").write_text("")
    keys = tmp_path / "keys.json"
    Keyring.generate().save(keys)
    settings = {"UNDERTONE_HOME": str(tmp_path / place), "UNDERTONE_KEYS_FILE": str(keys)}
    refused(bare(*command, **settings), "UNDERTONE_HOME")


def test_a_keys_file_that_cannot_be_made_is_not_said_to_be_there(bare, tmp_path):
    (tmp_path / "file").write_text("")
    result = bare("keys", "init", UNDERTONE_KEYS_FILE=str(tmp_path / "file" / "k.json"))
    refused(result, "UNDERTONE_KEYS_FILE")
    assert "already" not in result.output


def test_an_operator_is_not_listed_under_a_pseudonym_of_other_keys(undertone, foreign):
    assert undertone("register", *platform(URL), UNDERTONE_LMS_TOKEN=TOKEN).exit_code == 0
    refused(undertone(*WRITING[-2], **foreign), "does not belong to this database")
    with undertone.database.reading() as session:
        assert session.scalars(select(Registration)).one().issuer == URL
        assert session.scalars(select(Operator)).all() == []
