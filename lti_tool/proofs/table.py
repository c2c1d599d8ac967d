"""The table of items and their tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lti_tool.proofs.items import Item, items
from lti_tool.proofs.naming import Proofs


@dataclass(frozen=True)
class Row:
    """An item and the tests that carry its id."""

    item: Item
    tests: Sequence[str]

    @property
    def is_missing(self) -> bool:
        return self.item.needed and not self.tests


def rows(proofs: Proofs) -> list[Row]:
    """One row per item, in the items' order."""
    return [Row(item, proofs.get(item.id, [])) for item in items()]


def lines(found: Sequence[Row]) -> Iterator[str]:
    """The table as text: the item, then its tests, one a line."""
    for row in found:
        yield f"{row.item.id:<4} {row.item.level}  {row.item.words}"
        yield from (f"          {test}" for test in row.tests or ["no test"])
    yield ""
    yield summary(found)


def summary(found: Sequence[Row]) -> str:
    """How many items have a test, and which needed ones have none."""
    needed = [row for row in found if row.item.needed]
    missing = [row.item.id for row in needed if row.is_missing]
    proved = sum(1 for row in found if row.tests)
    told = f"{proved} of {len(found)} items have a test; {len(needed) - len(missing)} of the {len(needed)} needed."
    return told + (f" Without one: {', '.join(missing)}." if missing else "")
