"""Rotating and retiring the keys of the keys file, with what the log says of it (S35, S49)."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.launch import rekeying
from lti_tool.storage import Database, current_keyring, keys_file, rotation
from lti_tool.storage.keyring import Use
from lti_tool.storage.rotation import KeyStillUsedError

Held = dict[tuple[str, str], str]
"""In words, what is still under a key, by use and id; nothing for a key that holds nothing."""


def rotate(database: Database, path: Path, now: datetime, use: Use) -> tuple[str, str]:
    """Make a new key the current one of `use`; return its id and that of the key before.

    The file goes first: a key on record that is in no file would keep everything from starting. ConfigurationError
    when the file cannot be replaced; then nothing has changed.
    """
    before, after = keys_file.change(path, lambda keyring: keyring.with_new(use))
    new, old = after.ids(use)[0], before.ids(use)[0]
    with database.session() as session:
        for keyring in (before, after):
            rotation.record(session, now, keyring)
        audit.record(session, now, "key_rotated", code=use, facts={"key": new})
    return new, old


def held(database: Database) -> Held:
    """What the database holds under each key of fields and pseudonyms."""
    with database.reading() as session:
        fields, people = rotation.fields_by_key(session), rekeying.people_by_key(session)
    found = {
        ("fields", identifier): _counted(count, "field", "fields") for identifier, count in fields.items()
    }
    return found | {
        ("pseudonyms", identifier): _counted(count, "person", "people")
        for identifier, count in people.items()
    }


def _counted(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"


def retire(database: Database, path: Path, now: datetime, use: Use, identifier: str) -> None:
    """Drop a key that nothing uses from the file; of a receipt key the public part stays.

    NotFoundError when the file has no such key, KeyStillUsedError when it is the current one, was replaced too short
    a time ago, or still holds something; ConfigurationError when the file cannot be replaced.
    """
    keyring = current_keyring()
    if identifier not in keyring.ids(use):
        raise NotFoundError("There is no such key for this use. `undertone keys status` lists them.")
    with database.session() as session:
        rotation.record(session, now, keyring)
        if identifier != keyring.ids(use)[0]:
            rotation.record_replaced(session, now, use, identifier)
    with database.session() as session:
        rotation.require_replaced(session, now, use, identifier)
    still = held(database).get((use, identifier))
    if still is not None:
        raise KeyStillUsedError(
            f"The key {identifier} still holds {still}. Run `undertone keys reseal` first."
        )
    with database.session() as session:
        rotation.forget(session, use, identifier)
        audit.record(session, now, "key_retired", code=use, facts={"key": identifier})
    keys_file.change(path, lambda keyring: keyring.without(use, identifier))


def retire_earlier(path: Path) -> None:
    """Drop the keys of before the envelopes: with them goes the way back to that version."""
    keys_file.change(path, lambda keyring: replace(keyring, earlier=()))
