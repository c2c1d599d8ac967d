"""Rows by what they are: their language, their length, where they come from and how they are worded."""

from collections.abc import Callable, Iterable, Sequence

from model.abstention import words
from model.rows import Row

PLAIN, HARD = "plain", "written to mislead"
LENGTHS = {"1-9 words": 1, "10-29 words": 10, "30-99 words": 30, "100+ words": 100}


def groups(rows: Sequence[Row]) -> dict[str, dict[str, list[int]]]:
    """Positions of the rows of each group: `{"language": {...}, "length": {...}, "source": {...},
    "wording": {...}}`.

    Languages and sources come largest first, lengths in order; source is left out where no row names one, wording where
    no row is `hard`.
    """
    found = {
        "language": _largest_first(_collect(rows, lambda row: str(row["lang"]))),
        "length": _collect(rows, lambda row: length(row["text"]), LENGTHS),
        "source": _largest_first(_collect(rows, source)),
        "wording": _collect(rows, wording),
    }
    if set(found["source"]) <= {"not named"}:
        del found["source"]
    if set(found["wording"]) <= {PLAIN}:
        del found["wording"]
    return found


def length(text: str) -> str:
    """The group of a text by its number of words; a text without any goes with the shortest."""
    number = words(text)
    return [name for name, least in LENGTHS.items() if number >= least or least == 1][-1]


def source(row: Row) -> str:
    """Where a row comes from: the name of its corpus, else the source it states."""
    return str(row.get("corpus") or row.get("source") or "not named")


def wording(row: Row) -> str:
    """Whether a row says of itself that it was written so that single words mislead."""
    return HARD if row.get("hard") is True else PLAIN


def _collect(
    rows: Sequence[Row], kind: Callable[[Row], str], order: Iterable[str] = ()
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {name: [] for name in order}
    for number, row in enumerate(rows):
        found.setdefault(kind(row), []).append(number)
    return {name: numbers for name, numbers in found.items() if numbers}


def _largest_first(found: dict[str, list[int]]) -> dict[str, list[int]]:
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
