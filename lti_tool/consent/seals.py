"""The file of seals: what the ledger held each night, signed and chained, outside the database (P25).

One line of JSON for each sealing, only added to. A line holds its number, the SHA-256 of the line before and a
signature under the key of receipts, so whoever owns the database, but not the key, can write none. `anchoring` says
what is sealed.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, cast

from lti_tool.consent import signing
from lti_tool.errors import ConfigurationError

Kind = Literal["begun", "sealed", "restored", "accepted"]
"""`restored`: a backup was put back; `accepted`: somebody answers for a ledger that did not fit, and says why."""
BEFORE_THE_FIRST = "0" * 64
WRITING, READING = os.O_RDWR | os.O_CREAT | os.O_APPEND, os.O_RDONLY


class SealsDamagedError(ConfigurationError):
    """A line is not as it was signed, or does not follow from the one before; `number` says which."""

    code = "seals_damaged"

    def __init__(self, number: int) -> None:
        super().__init__(
            f"Line {number} of the file of seals is not as it was written. Nothing was added to it."
        )
        self.number = number


@dataclass(frozen=True)
class Seal:
    """One line."""

    number: int
    at: datetime
    kind: Kind
    held: Mapping[str, Any]
    """What `anchoring` sealed."""
    hash: str
    """Of the line as it stands in the file."""


def read(path: Path) -> list[Seal] | None:
    """Every seal, the oldest first; None without a file. Raises SealsDamagedError, ConfigurationError.

    A last line that a crash cut off was not finished, and is passed over.
    """
    try:
        with _opened(path, READING) as stream:
            return list(_parsed(stream.read()))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _out_of_reach("read", error) from None


def append(path: Path, now: datetime, kind: Kind, held: Mapping[str, Any], after: int = 0) -> Seal:
    """Sign one line and add it; it is on the disk before this returns. A new file goes on from number `after`.

    Raises SealsDamagedError; ConfigurationError where the file cannot be written.
    """
    try:
        with _opened(path, WRITING) as stream:
            content = stream.read()
            present = list(_parsed(content))
            number, previous = (
                (present[-1].number, present[-1].hash) if present else (after, BEFORE_THE_FIRST)
            )
            line = _line(number + 1, now, kind, held, previous)
            stream.truncate(content.rfind(b"\n") + 1)
            stream.write(line + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise _out_of_reach("written", error) from None
    return Seal(number + 1, now.astimezone(UTC), kind, held, _hash(line))


def set_aside(path: Path, now: datetime) -> Path:
    """Give a file that does not fit another name beside its place, where somebody can look into it."""
    aside = path.with_name(f"{path.name}.{now:%Y%m%dT%H%M%S}.set-aside")
    path.rename(aside)
    return aside


def _line(number: int, now: datetime, kind: Kind, held: Mapping[str, Any], previous: str) -> bytes:
    at = now.astimezone(UTC).isoformat(timespec="microseconds")
    said = {"at": at, "held": dict(held), "kind": kind, "number": number, "previous": previous}
    return signing.canonical({**said, "signature": signing.sign(said)})


def _parsed(content: bytes) -> Iterator[Seal]:
    """Each line, once it is sure that it is ours and follows from the one before."""
    last: Seal | None = None
    for place, line in enumerate(content.split(b"\n")[:-1], 1):
        try:
            said = json.loads(line)
            signing.check(said, said.pop("signature"))
            seal = _seal(said, _hash(line))
        except (ValueError, KeyError, TypeError, AttributeError, signing.SignatureError):
            raise SealsDamagedError(last.number + 1 if last else place) from None
        if not _follows(said["previous"], seal, last):
            raise SealsDamagedError(seal.number)
        last = seal
        yield seal


def _seal(said: Mapping[str, Any], line_hash: str) -> Seal:
    moment = datetime.fromisoformat(said["at"])
    return Seal(int(said["number"]), moment, cast(Kind, said["kind"]), said["held"], line_hash)


def _follows(previous: str, seal: Seal, last: Seal | None) -> bool:
    """The first line of a file is number one, or was accepted in the place of a file that was lost."""
    if last is None:
        return previous == BEFORE_THE_FIRST and (seal.number == 1 or seal.kind == "accepted")
    return previous == last.hash and seal.number == last.number + 1


def _out_of_reach(how: str, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"The file of seals cannot be {how} ({error.strerror}). UNDERTONE_LEDGER_SEALS names its place."
    )


def _hash(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[IO[bytes]]:
    """Locked, so that two processes never add a line of the same number, and nobody reads half a line."""
    handle = os.open(path, flags, 0o600)
    with os.fdopen(handle, "rb" if flags == READING else "r+b") as stream:
        fcntl.flock(stream, fcntl.LOCK_SH if flags == READING else fcntl.LOCK_EX)
        yield stream
