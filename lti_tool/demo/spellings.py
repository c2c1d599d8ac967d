"""How a word may stand in a file: as it is, escaped in JSON, escaped in an address, in small or large letters."""

import json
import stat
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

PIECE = 1 << 20


def of(words: Iterable[str]) -> frozenset[bytes]:
    """The spellings to look for. Letters beyond ASCII are looked for as they are."""
    return frozenset(
        spelling.encode().lower()
        for word in words
        for spelling in (word, json.dumps(word)[1:-1], quote(word))
    )


def held(content: bytes, wanted: Iterable[bytes]) -> frozenset[bytes]:
    """Which of the spellings are in the content."""
    lowered = content.lower()
    return frozenset(spelling for spelling in wanted if spelling in lowered)


def held_by_file(path: str, wanted: frozenset[bytes]) -> frozenset[bytes]:
    """Which of the spellings are in the file, read piece by piece; none for what is no file or cannot be read."""
    overlap = max(map(len, wanted), default=1)
    found: frozenset[bytes] = frozenset()
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return found
        with Path(path).open("rb") as file:
            tail = b""
            while piece := file.read(PIECE):
                found |= held(tail + piece, wanted - found)
                tail = piece[-overlap:]
    except OSError:
        pass
    return found
