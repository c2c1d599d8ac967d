"""The starter corpus: short student texts with all ten labels, written for this project (see DATASHEET.md).

`train` and `multilingual` may be trained on; `heldout` was written by someone who had not seen the rest
and serves evaluation only.
"""

from pathlib import Path

from model.errors import MissingCorpus
from model.rows import Row, read_jsonl

PARTS = ("train", "heldout", "multilingual")


def path(part: str) -> Path:
    """Where a part of the starter corpus lies."""
    if part not in PARTS:
        raise MissingCorpus(f"The starter corpus has no part {part!r}; known: {', '.join(PARTS)}.")
    return Path(__file__).parent / f"{part}.jsonl"


def load(part: str) -> list[Row]:
    """Rows of a part; MissingCorpus when it is not installed."""
    if not path(part).is_file():
        raise MissingCorpus(f"The starter corpus part {part!r} is not installed.")
    return read_jsonl(path(part))
