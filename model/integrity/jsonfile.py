"""JSON files of a checkpoint, which a stranger may have written: bounded in size and depth, plain numbers only."""

import json
from pathlib import Path
from typing import Any, NoReturn

from model.errors import AlteredCheckpoint, MissingCheckpoint

MOST_BYTES = 1 << 20
MOST_DEPTH = 32


def read_json(path: Path, most_bytes: int = MOST_BYTES) -> Any:
    """The value in a JSON file.

    Raises MissingCheckpoint when there is no such file, AlteredCheckpoint when it is not JSON, larger than
    `most_bytes`, nested more than 32 deep, or names a number that is none.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(most_bytes + 1)
    except OSError as error:
        raise MissingCheckpoint(
            f"There is no checkpoint at {path.parent}: {path.name} is missing."
        ) from error
    if len(raw) > most_bytes:
        raise AlteredCheckpoint(f"{path} is too large: at most {most_bytes:,} bytes are read.")
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise AlteredCheckpoint(f"{path} is not JSON.") from error
    if not _shallow(value):
        raise AlteredCheckpoint(f"{path} is nested more than {MOST_DEPTH} deep.")
    return value


def json_text(value: Any) -> str:
    """JSON as a person would read it, with a final newline."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def write_json(path: Path, value: Any) -> None:
    """Write JSON as a person would read it."""
    path.write_text(json_text(value), encoding="utf-8")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _shallow(value: Any) -> bool:
    """Level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return True
    return False


def _children(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
