"""Which backups were made where, so that they end after 35 days (P62): a list in the home, beside the database."""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from lti_tool.storage import journal

NAME = "backups.jsonl"
KEPT = timedelta(days=35)
"""Default and ceiling at once."""


def add(home: Path, now: datetime, file: Path) -> None:
    """Remember a backup that was made."""
    handle = os.open(home / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(json.dumps({"file": str(file.resolve()), "made_at": now.isoformat()}) + "\n")


def known(home: Path) -> list[tuple[Path, datetime]]:
    """Every backup on the list that is still in its place, with when it was made."""
    try:
        lines = [json.loads(line) for line in (home / NAME).read_text().splitlines() if line.strip()]
    except FileNotFoundError:
        return []
    made = {Path(line["file"]): datetime.fromisoformat(line["made_at"]) for line in lines}
    return [(file, at) for file, at in made.items() if file.exists()]


def expire(home: Path, now: datetime) -> list[Path]:
    """Delete the backups on the list that are older than 35 days, and the journal of before; return what went."""
    over = [file for file, at in known(home) if is_over(now, at)]
    for file in over:
        file.unlink(missing_ok=True)
    journal.forget_before(home, now - KEPT - timedelta(days=1))
    return over


def is_over(now: datetime, made_at: datetime) -> bool:
    """Whether a backup of that time may be kept and restored no longer."""
    return now - made_at > KEPT
