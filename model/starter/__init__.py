"""The starter corpus: short student texts with all ten labels, written for this project (see DATASHEET.md).

`train`, `multilingual`, `everyday` (what is said in a few words), `origins` (plain mentions of rich, poor and other
people) and `ordinary` (as plain and clumsy as most real texts are) may be trained on, the last three in all languages.
`calibration`, in all languages, was written by others who had not seen the rest: it shows how sure a model may be of
texts by strangers. `heldout`, `multilingual_heldout`, `everyday_heldout` and `ordinary_heldout`, by others again, serve
evaluation only.
"""

from pathlib import Path

from model.errors import MissingCorpus
from model.rows import Row, read_jsonl

NAME = "starter"
LEARNT = ("train", "multilingual", "everyday", "origins", "ordinary")
HELD_OUT = ("heldout", "multilingual_heldout", "everyday_heldout", "ordinary_heldout")
PARTS = (*LEARNT, "calibration", *HELD_OUT)


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
