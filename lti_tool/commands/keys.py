"""`undertone keys`: the keys file, its rotation while web and worker run, and the signing keys of the LTI tool."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from lti_tool.errors import ConfigurationError, UndertoneError

if TYPE_CHECKING:
    from lti_tool.installation import Installation
    from lti_tool.storage.keyring import Use

IN_FILE: "tuple[Use, ...]" = ("fields", "pseudonyms", "sessions", "receipts")
EARLIER = "earlier"
LOOK_SECONDS = 1.0
"""How often progress is told."""


@click.group()
def keys() -> None:
    """Keys that stay outside the database, and the keys that sign towards an LMS."""


@keys.command("init")
def init() -> None:
    """Make a new keys file that only its owner can read."""
    from lti_tool.installation import make_home, read_settings
    from lti_tool.storage import Keyring

    settings = read_settings()
    make_home(settings.home)
    try:
        Keyring.generate().save(settings.keys_path)
    except FileExistsError:
        raise UndertoneError("There is a keys file already; it was left as it is.") from None
    except OSError as error:
        raise ConfigurationError(f"The keys file cannot be written here ({error.strerror}).") from None
    click.echo("Keys made. Keep a copy in a safe place: without them the stored texts cannot be read.")


@keys.command("list")
def listed() -> None:
    """List the published signing keys, oldest first, and say which of them signs."""
    from lti_tool.installation import open_current
    from lti_tool.launch import keys as signing

    with open_current().database.session() as session:
        current = signing.ensure(session, datetime.now(UTC)).kid
        for key in signing.published(session)["keys"]:
            click.echo(key["kid"] + (" (signs)" if key["kid"] == current else ""))


@keys.command("status")
def status() -> None:
    """List the keys of the keys file: id, use, whether it is the current one, and what it still holds."""
    from lti_tool.installation import open_current
    from lti_tool.launch import key_rotation
    from lti_tool.storage import current_keyring

    held = key_rotation.held(open_current().database)
    for use in IN_FILE:
        for number, identifier in enumerate(current_keyring().ids(use)):
            state = "old" if number else "current"
            click.echo(f"{identifier}  {use:<11} {state:<8} {held.get((use, identifier), '')}".rstrip())
    if current_keyring().earlier:
        click.echo(f"{EARLIER}   of an older version; needed only to go back to it")


@keys.command("rotate")
@click.option(
    "--use",
    type=click.Choice(["signing", *IN_FILE]),
    default="signing",
    show_default=True,
    help="Which key: `signing` signs towards an LMS; the others lie in the keys file.",
)
@click.option(
    "--at-once", is_flag=True, help="For a signing key that has become known: retire all others now."
)
def rotate(use: str, at_once: bool) -> None:
    """Make a new key. One of the keys file is the current one at once; web and worker go on without a restart."""
    if use == "signing":
        _rotate_signing(at_once)
        return
    if at_once:
        raise UndertoneError("--at-once is for signing keys. Here the new key is the current one at once.")
    _rotate_in_file(use)  # type: ignore[arg-type]


def _rotate_signing(at_once: bool) -> None:
    from lti_tool.installation import open_current
    from lti_tool.launch import keys as signing

    with open_current().database.session() as session:
        key = signing.rotate(session, datetime.now(UTC), at_once=at_once)
        since = "now" if at_once else f"{key.created_at + signing.LEAD:%Y-%m-%d %H:%M} UTC"
    click.echo(f"New signing key {key.kid}. It signs from {since}.")


def _rotate_in_file(use: "Use") -> None:
    from lti_tool.installation import open_current
    from lti_tool.launch import key_rotation

    installation = open_current()
    place = installation.database, installation.settings.keys_path
    new, old = key_rotation.rotate(*place, datetime.now(UTC), use)
    click.echo(f"New key {new} for {use}; {old} opens what it made. Copy the keys file to a safe place now.")
    if use in ("fields", "pseudonyms"):
        click.echo("Next: `undertone keys reseal`.")


@keys.command("reseal")
def reseal() -> None:
    """Put every field and pseudonym under the current keys, in short steps, while the tool runs. May be repeated."""
    from lti_tool.installation import load_tables, open_current
    from lti_tool.launch import rekeying
    from lti_tool.storage import rotation

    load_tables()
    installation = open_current()
    pause = _pause(installation)
    people = rekeying.rewrite(installation.database, pause, _teller("people"))
    rows = rotation.reseal(installation.database, pause, _teller("rows"))
    click.echo(f"{people} people and {rows} rows were put under the current keys.")
    _say_what_is_left(installation)


@keys.command("retire")
@click.argument("identifier")
@click.option("--use", type=click.Choice(IN_FILE), help="What the key was for; not needed for `earlier`.")
def retire(identifier: str, use: "Use | None") -> None:
    """Drop a key from the keys file, if nothing uses it any more. Of a receipt key the public part stays."""
    from lti_tool.installation import open_current
    from lti_tool.launch import key_rotation

    installation = open_current()
    if identifier == EARLIER:
        key_rotation.retire_earlier(installation.settings.keys_path)
    elif use is None:
        raise UndertoneError("Say what the key was for, with --use.")
    else:
        place = installation.database, installation.settings.keys_path
        key_rotation.retire(*place, datetime.now(UTC), use, identifier)
    click.echo(f"The key {identifier} is retired. Copies of the database from before still need it.")


def _say_what_is_left(installation: "Installation") -> None:
    from lti_tool.launch import key_rotation
    from lti_tool.storage import current_keyring

    held = key_rotation.held(installation.database)
    for use in ("fields", "pseudonyms"):
        for old in current_keyring().ids(use)[1:]:
            said = held.get((use, old))
            if said is None:
                click.echo(
                    f"Nothing uses the {use} key {old}. `undertone keys retire {old} --use {use}` drops it."
                )
            else:
                click.echo(f"The {use} key {old} still holds {said}. Run this again.")
    waiting = held.get(("pseudonyms", ""))
    if waiting is not None:
        click.echo(f"{waiting} from an older version move to the new way of pseudonyms at their next launch.")


def _pause(installation: "Installation") -> Callable[[], None]:
    """SQLite has one writer at a time: after each step the others get as long as it took. PostgreSQL needs none."""
    if installation.database.engine.dialect.name != "sqlite":
        return lambda: None
    last = [time.monotonic()]

    def pause() -> None:
        time.sleep(min(time.monotonic() - last[0], LOOK_SECONDS))
        last[0] = time.monotonic()

    return pause


def _teller(what: str) -> Callable[[int], None]:
    told = [time.monotonic()]

    def tell(done: int) -> None:
        if time.monotonic() - told[0] >= LOOK_SECONDS:
            told[0] = time.monotonic()
            click.echo(f"{done} {what} …")

    return tell
