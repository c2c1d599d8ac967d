"""Searching all that the tool keeps for planted words: tables as they read with the keys, files, caches, logs."""

import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from sqlalchemy import select

from lti_tool.demo.campus import Campus
from lti_tool.demo.campus.content import read
from lti_tool.demo.pair import Pair
from lti_tool.storage import Base

CACHES = ("HF_HOME", "HF_DATASETS_CACHE", "TMPDIR")


def planted(key: str) -> list[str]:
    """The nonsense words that stand in every text of a person, each in one text."""
    words: list[str] = read("planted.json")[key]
    return words


def silent(campus: Campus) -> list[str]:
    """Students who declined or never answered."""
    return [
        person.key
        for person in campus.students()
        if person.choice == "never" or (isinstance(person.choice, dict) and not person.choice["A"])
    ]


def found(pair: Pair, words: Collection[str]) -> set[str]:
    """Where any of the words is: names of tables and files. Columns are decrypted, so encryption hides nothing."""
    lowered = [word.lower() for word in words]
    return (
        set(_in_tables(pair, lowered)) | set(_in_files(pair.home, lowered)) | set(_in_caches(pair, lowered))
    )


def _in_tables(pair: Pair, words: Iterable[str]) -> Iterator[str]:
    with pair.installation.database.reading() as session:
        for mapper in Base.registry.mappers:
            for row in session.scalars(select(mapper.class_)):
                values = [getattr(row, attribute.key) for attribute in mapper.column_attrs]
                if _holds(" ".join(_plain(value) for value in values).encode(), words):
                    yield f"table {mapper.local_table}"
            session.expunge_all()


def _plain(value: object) -> str:
    return "" if isinstance(value, bytes) else str(value)


def _in_files(folder: Path, words: Iterable[str]) -> Iterator[str]:
    for path in folder.rglob("*"):
        if path.is_file() and _holds(path.read_bytes(), words):
            yield f"file {path.relative_to(folder)}"


def _in_caches(pair: Pair, words: Iterable[str]) -> Iterator[str]:
    """The caches of the model's libraries, and what this run left in the temporary folder."""
    folders = [Path(os.environ[name]) for name in CACHES if os.environ.get(name)]
    folders += [Path.home() / ".cache" / "huggingface", pair.home.parent]
    for folder in folders:
        for path in folder.glob("*" if folder == pair.home.parent else "**/*"):
            if _is_of_this_run(path, pair) and _holds(path.read_bytes(), words):
                yield f"cache {path.name}"


def _is_of_this_run(path: Path, pair: Pair) -> bool:
    return path.is_file() and os.access(path, os.R_OK) and path.stat().st_mtime >= pair.began.timestamp()


def _holds(content: bytes, words: Iterable[str]) -> bool:
    lowered = content.lower()
    return any(word.encode() in lowered for word in words)
