"""The journal of erasures: what was deleted and when, kept outside the database, so that a restore deletes it again.

A file for each month, one line of JSON for each thing: a random id, a time, what was done, and a keyed pseudonym of
whose it was. Nobody can be found with it who cannot read the database and the keys too (P62).

A line is written before the transaction commits. When the commit fails, a second line takes it back; a process that
dies between the two leaves a line too many, never one too few: a restore then deletes more, not less.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from lti_tool.errors import ConfigurationError
from lti_tool.storage.base import new_id
from lti_tool.storage.keys_in_use import blind_index

FOLDER = "erasures"
WAITING, WRITTEN = "erasures to note", "erasures noted"
HOME = "home of the journal"
"""Where `Database` keeps the folder of the installation in its sessions; without it nothing is written."""


@dataclass(frozen=True)
class Entry:
    """One thing that was deleted: `act` says what, `mark` whose, as `mark_of` makes it."""

    id: str
    at: datetime
    act: str
    mark: str


def mark_of(row_id: str) -> str:
    """The pseudonym of a person, a text or a course in the journal."""
    return blind_index("erasures", row_id)


def note(session: Session, act: str, row_id: str) -> None:
    """Remember that this transaction deletes something of `row_id`."""
    if session.info.get(HOME) is not None:
        line = {"id": new_id(), "at": datetime.now(UTC).isoformat(), "act": act, "mark": mark_of(row_id)}
        session.info.setdefault(WAITING, []).append(line)


def entries(home: Path) -> list[Entry]:
    """What the journal of a home holds, less what was taken back, in order of time.

    A last line that was cut off by a crash is passed over: its transaction did not commit. Raises ConfigurationError
    for anything else that is no line of ours: a restore must not go on without what it cannot read.
    """
    parsed = [line for file in sorted((home / FOLDER).glob("*.jsonl")) for line in _lines(file)]
    void = {line["void"] for line in parsed if "void" in line}
    kept = [line for line in parsed if "act" in line and line["id"] not in void]
    found = [Entry(one["id"], datetime.fromisoformat(one["at"]), one["act"], one["mark"]) for one in kept]
    return sorted(found, key=lambda entry: entry.at)


def forget_before(home: Path, moment: datetime) -> int:
    """Delete the files of months that ended before `moment`: no backup that is older may be restored."""
    old = [file for file in (home / FOLDER).glob("*.jsonl") if file.stem < f"{moment:%Y-%m}"]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    lines = file.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        found = _parsed(line, is_last=number == len(lines)) if line else None
        if found is not None:
            yield found


def _parsed(line: str, *, is_last: bool) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
        if isinstance(found, dict) and ("void" in found or {"id", "at", "act", "mark"} <= set(found)):
            return found
    except ValueError:
        if is_last:
            return None
    raise ConfigurationError(
        "The journal of erasures in the home is damaged. Put your newest copy of it back; nothing was restored."
    )


def _append(home: Path, lines: list[dict[str, Any]]) -> None:
    """One write, so that two processes cannot mix their lines, and on the disk before the commit."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / f"{datetime.now(UTC):%Y-%m}.jsonl"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, "".join(json.dumps(line) + "\n" for line in lines).encode())
        os.fsync(handle)
    finally:
        os.close(handle)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    """Only before the outermost commit: a savepoint's end is not yet one."""
    if session.in_nested_transaction():
        return
    waiting = session.info.pop(WAITING, [])
    if waiting:
        _append(session.info[HOME], waiting)
        session.info[WRITTEN] = waiting


@event.listens_for(Session, "after_commit")
def _keep(session: Session) -> None:
    session.info.pop(WRITTEN, None)


@event.listens_for(Session, "after_rollback")
def _take_back(session: Session) -> None:
    session.info.pop(WAITING, None)
    written = session.info.pop(WRITTEN, [])
    if written:
        _append(session.info[HOME], [{"void": line["id"]} for line in written])
