"""The requirements on privacy (P), security (S) and pages (U): each with its level and what it demands, in short."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Item:
    """One requirement."""

    id: str
    level: str
    """M: before the first switch-on; S: next; I: a duty of the institution; `-`: the design settles it otherwise."""
    needed: bool
    """Whether a release without a test of it is not finished."""
    words: str


@cache
def items() -> tuple[Item, ...]:
    """Every item in its order."""
    lines = (files("lti_tool.proofs") / "items.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines)
    return tuple(Item(id_, level, needed == "needed", words) for id_, level, needed, words in rows)
