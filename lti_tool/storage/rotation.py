"""Rotating keys while the tool runs: a new current key, every field sealed anew under it, the old one retired (S35).

Both kinds of process follow the keys file, so nothing is made with a replaced key once the file says so; what is
left under it is what this finds. Killed anywhere, it is run again and goes on with what is left.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from sqlalchemy import Text, bindparam, column, func, inspect, or_, select, table, type_coerce, update
from sqlalchemy.orm import Session

from lti_tool.errors import ConfigurationError, UndertoneError
from lti_tool.storage.engine import Database
from lti_tool.storage.envelope import ID_FROM, ID_LENGTH, MARK
from lti_tool.storage.keyring import ROTATED, Keyring, Use
from lti_tool.storage.keys_in_use import current_keyring
from lti_tool.storage.sealing import SealedClass, open_value, sealed_classes
from lti_tool.storage.tables import KeyInUse
from lti_tool.storage.types import Bound

BATCH = 200
"""Rows in one transaction: a few hundredths of a second in which SQLite's other writers wait."""
AFTER = timedelta(minutes=15)
"""A key is retired no sooner than this after it was replaced: longer than any transaction of ours lasts."""
SESSIONS_AFTER = timedelta(hours=24)
"""No page and no form of ours lives longer, so none signed with a replaced session key is left then."""
USES: tuple[Use, ...] = (*ROTATED, "indexes")


class KeysMissingError(ConfigurationError):
    code = "missing_key"


class KeyStillUsedError(UndertoneError):
    code = "key_still_used"
    status = HTTPStatus.CONFLICT


def record(session: Session, now: datetime, keyring: Keyring) -> None:
    """Write down the current keys' ids where they are not yet; the ones before them were replaced now."""
    for use in USES:
        current = keyring.ids(use)[0]
        rows = {row.key_id: row for row in session.scalars(select(KeyInUse).where(KeyInUse.use == use))}
        if current not in rows:
            session.add(KeyInUse(use=use, key_id=current, since=now))
        for row in rows.values():
            if row.key_id == current:
                row.replaced_at = None
            elif row.replaced_at is None:
                row.replaced_at = now
    session.flush()


def record_replaced(session: Session, now: datetime, use: Use, identifier: str) -> None:
    """Write down a key of the file that is not the current one, if it is not on record: its time starts now."""
    if session.get(KeyInUse, (use, identifier)) is None:
        session.add(KeyInUse(use=use, key_id=identifier, since=now, replaced_at=now))
        session.flush()


def missing(session: Session, keyring: Keyring) -> dict[Use, list[str]]:
    """Keys that the database uses and the keyring lacks, by use. A session key is never missed: people open anew."""
    lacking: dict[Use, list[str]] = {}
    for use in USES:
        if use != "sessions":
            known = keyring.known(use)
            recorded = session.scalars(select(KeyInUse.key_id).where(KeyInUse.use == use))
            lacking[use] = sorted(set(recorded) - known)
    return {use: ids for use, ids in lacking.items() if ids}


def require_all(session: Session, keyring: Keyring) -> None:
    """Raise KeysMissingError, which names ids and uses, unless every key that the database uses is in the keyring."""
    lacking = missing(session, keyring)
    if lacking:
        named = ", ".join(f"{identifier} for {use}" for use, ids in lacking.items() for identifier in ids)
        raise KeysMissingError(
            f"The database uses keys that are not in the keys file: {named}. Put the newest copy of the keys file "
            "back, or name it with UNDERTONE_KEYS_FILE. Nothing was changed."
        )


def belongs(session: Session, keyring: Keyring) -> bool:
    """Whether any key that the database uses is in the keyring; where none is on record, it does."""
    recorded = session.execute(select(KeyInUse.use, KeyInUse.key_id).where(KeyInUse.use != "sessions")).all()
    known: dict[str, frozenset[str]] = {use: keyring.known(use) for use in USES}
    return not recorded or any(identifier in known.get(use, ()) for use, identifier in recorded)


def reseal(database: Database, pause: Callable[[], None], tell: Callable[[int], None]) -> int:
    """Seal every field under the current key, in short transactions; return how many rows were changed.

    `pause` is called between two of them, `tell` with the rows done so far. Rows that somebody else holds are passed
    over and come last, so this never waits for a request while it holds rows that the request may want.
    """
    done = 0
    for sealed in sealed_classes():
        left = True
        while left:
            for changed in _passed_through(database, sealed):
                done += changed
                tell(done)
                pause()
            with database.reading() as session:
                left = session.execute(_stale(sealed).limit(1)).first() is not None
    return done


def fields_by_key(session: Session) -> Counter[str]:
    """How many fields are sealed under each key; ids as they stand in the envelopes.

    Asked of the database and not of the classes, so that a table whose class is not loaded counts too.
    """
    found: Counter[str] = Counter()
    looked = inspect(session.connection())
    for name in looked.get_table_names():
        for one in looked.get_columns(name):
            if isinstance(one["type"], Text):
                stored: Any = column(one["name"], Text)
                identifier = func.substr(stored, ID_FROM + 1, ID_LENGTH)
                used = select(identifier, func.count()).select_from(table(name))
                used = used.where(func.substr(stored, 1, ID_FROM) == MARK).group_by(identifier)
                found.update(dict(session.execute(used).all()))
    return found


def require_replaced(session: Session, now: datetime, use: Use, identifier: str) -> None:
    """Raise KeyStillUsedError while the key is the current one, or was so too short a time ago."""
    row = session.get(KeyInUse, (use, identifier))
    after = SESSIONS_AFTER if use == "sessions" else AFTER
    if row is None or row.replaced_at is None:
        raise KeyStillUsedError(
            f"The key {identifier} is the current one. Run `undertone keys rotate --use {use}` first."
        )
    if now < row.replaced_at + after:
        raise KeyStillUsedError(
            f"The key {identifier} was replaced at {row.replaced_at:%Y-%m-%d %H:%M} UTC. Work that began before may "
            f"still use it until {row.replaced_at + after:%Y-%m-%d %H:%M} UTC; retire it after that."
        )


def forget(session: Session, use: Use, identifier: str) -> None:
    """Take a retired key off the record."""
    row = session.get(KeyInUse, (use, identifier))
    if row is not None:
        session.delete(row)
    session.flush()


def _stale(sealed: SealedClass) -> Any:
    """Rows with a field that is not under the current key, as the database holds them, with their institution."""
    columns = sealed.mapper.columns
    under = f"{MARK}{current_keyring().current_field_id}."
    stored: list[Any] = [type_coerce(columns[key], Text) for key in sealed.keys]
    institution = getattr(sealed.mapper.class_, sealed.institution_key) if sealed.institution_key else None
    row = columns[sealed.row_key]
    wanted = [row.label("row"), *(columns[key] for key in sealed.keys)]
    query = select(*wanted) if institution is None else select(*wanted, institution.label("home"))
    start = len(under)
    return query.where(
        or_(*((one != "") & (func.substr(one, 1, start) != under) for one in stored))
    ).order_by(row)


def _passed_through(database: Database, sealed: SealedClass) -> Iterator[int]:
    """One pass by the rows' ids; after each transaction, how many rows it changed."""
    last = ""
    row_column = sealed.mapper.columns[sealed.row_key]
    while True:
        with database.session() as session:
            query = _stale(sealed).where(row_column > last).limit(BATCH)
            # A row's own lock is enough here: what is written says what stood there, and a row that a withdrawal
            # deletes is not written.
            found = session.execute(
                query.with_for_update(skip_locked=True, of=sealed.mapper.local_table)
            ).mappings()
            rows = list(found)
            if rows:
                session.execute(_update_of(sealed), [_sealed_anew(sealed, row) for row in rows])
        if not rows:
            return
        last = rows[-1]["row"]
        yield len(rows)


def _update_of(sealed: SealedClass) -> Any:
    whole: Any = sealed.mapper.local_table
    own = sealed.mapper.columns[sealed.row_key] == bindparam("of_row")
    columns = (sealed.mapper.columns[key] for key in sealed.keys)
    return update(whole).where(own).values({one: bindparam(f"new_{one.name}") for one in columns})


def _sealed_anew(sealed: SealedClass, row: Any) -> dict[str, Any]:
    """All the row's sealed columns, each with what it said; what is empty stays so."""
    values = {"of_row": row["row"]}
    for key in sealed.keys:
        place = sealed.place(key, row["row"], row.get("home") or "")
        text = open_value(row[place.column], place)
        values[f"new_{place.column}"] = Bound(text, place) if text else text
    return values
