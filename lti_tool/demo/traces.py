"""Searching all that the tool keeps for words that may not be there: tables as they read with the keys, and files.

Files are those of the tool's home (database, log, models), of its own temporary folder beside it, and what was written
since the start to the caches of the model's libraries. The campus holds the words, of course; it runs in memory.
"""

import os
import secrets
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Mapper, Session

from lti_tool.demo import spellings
from lti_tool.demo.campus import Campus
from lti_tool.demo.campus.content import read
from lti_tool.demo.pair import Pair
from lti_tool.errors import UndertoneError
from lti_tool.storage import Base

CACHES = ("HF_HOME", "HF_DATASETS_CACHE")


class BlindSearchError(UndertoneError):
    """The search itself is broken, so that it proves nothing."""

    code = "blind_search"


def planted(key: str) -> list[str]:
    """The nonsense words that stand in every text of a person, each in one text."""
    words: list[str] = read("planted.json")[key]
    return words


def telling(campus: Campus, key: str) -> list[str]:
    """All that tells of a person who has not agreed: the words of their texts, their full name, their address."""
    person = next(person for person in campus.students() if person.key == key)
    return [*planted(key), person.name, person.email]


def silent(campus: Campus) -> list[str]:
    """Students who declined or never answered."""
    return [
        person.key
        for person in campus.students()
        if person.choice == "never" or (isinstance(person.choice, dict) and not person.choice["A"])
    ]


def found(pair: Pair, words: Collection[str]) -> set[str]:
    """Where any of the words is: names of tables and files. Columns are decrypted, so encryption hides nothing.

    Raises BlindSearchError when the same search misses a word that lies deep in both folders for it to find.
    """
    home, wanted = pair.home.resolve(), spellings.of(words)
    folder = home.parent
    # Reading SQLite's files beside an open connection of the same process would take away its locks.
    pair.installation.database.dispose()
    with _control(home) as (word, places):
        control = spellings.of([word])
        files = dict(_files({*_below(folder), *_in_caches(pair)}, wanted | control))
    if {place for place, held in files.items() if control & held} != places:
        raise BlindSearchError("The search for planted words does not read every file.")
    return {place for place, held in files.items() if wanted & held} | in_tables(pair, words)


@contextmanager
def _control(home: Path) -> Iterator[tuple[str, set[str]]]:
    """A new word in a nested folder of the tool's home and of the temporary folder, and the names of both files."""
    word = f"zqcontrol{secrets.token_hex(8)}"
    with (
        tempfile.TemporaryDirectory(prefix="control-", dir=home) as at_home,
        tempfile.TemporaryDirectory(prefix="control-", dir=home.parent) as beside,
    ):
        files = [Path(folder, "scratch", "inner", "control.txt") for folder in (at_home, beside)]
        for file in files:
            file.parent.mkdir(parents=True)
            file.write_text(f"…{word.upper()}…", encoding="utf-8")
        yield word, {f"file {file}" for file in files}


def in_tables(pair: Pair, words: Iterable[str]) -> set[str]:
    """The tables in which any of the words is."""
    wanted = spellings.of(words)
    with pair.installation.database.reading() as session:
        mapped = {f"table {mapper.local_table}": mapper for mapper in Base.registry.mappers}
        return {name for name, mapper in mapped.items() if _holds(session, mapper, wanted)}


def _holds(session: Session, mapper: Mapper[Any], wanted: frozenset[bytes]) -> bool:
    """Whether any row holds a spelling. Each table's rows leave the memory before the next one's come."""
    rows = session.scalars(select(mapper.class_))
    names = [attribute.key for attribute in mapper.column_attrs]
    contents = (b" ".join(_plain(getattr(row, name)) for name in names) for row in rows)
    try:
        return any(spellings.held(content, wanted) for content in contents)
    finally:
        session.expunge_all()


def _plain(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _files(paths: Iterable[str], wanted: frozenset[bytes]) -> Iterator[tuple[str, frozenset[bytes]]]:
    """Each file that holds any of the wanted spellings, and which."""
    for path in paths:
        held = spellings.held_by_file(path, wanted)
        if held:
            yield f"file {path}", held


def _in_caches(pair: Pair) -> Iterator[str]:
    """Files written since the start, at any depth of the caches."""
    folders = [Path(os.environ[name]) for name in CACHES if os.environ.get(name)]
    folders.append(Path.home() / ".cache" / "huggingface")
    began = pair.began.timestamp()
    for folder in {folder.resolve() for folder in folders}:
        yield from (path for path in _below(folder) if _written(path) >= began)


def _below(folder: Path) -> Iterator[str]:
    """Every file below the folder; a folder that may not be read is passed over."""
    for place, _, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names)


def _written(path: str) -> float:
    """When a file was last written; never, for one that is gone."""
    try:
        return os.stat(path, follow_symlinks=False).st_mtime
    except OSError:
        return 0.0
