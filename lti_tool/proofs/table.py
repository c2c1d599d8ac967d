"""The table of items and their tests, and what it is worth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from lti_tool.proofs.items import Item, items
from lti_tool.proofs.naming import Proof, Proofs

WORTH = (
    "A test stands here because somebody gave it the item's number. It counts when `make test` or `make test-long` "
    "runs it, when it checks something, and when it passed in the last run. Whether what it checks is all that the "
    "item demands, a reader has to judge: the name is a claim, and this list is where to look."
)
NO_RUN = (
    "No results of a whole `make test` or `make test-long` were found, so tests count by their names "
    "here; none is known to pass."
)


@dataclass(frozen=True)
class Row:
    """An item and the tests that carry its id."""

    item: Item
    tests: Sequence[Proof]

    @property
    def is_proved(self) -> bool:
        return any(test.counts for test in self.tests)

    @property
    def is_missing(self) -> bool:
        return self.item.needed and not self.is_proved


def rows(proofs: Proofs) -> list[Row]:
    """One row per item, in the items' order."""
    return [Row(item, proofs.tests.get(item.id, ())) for item in items()]


def lines(found: Sequence[Row], run: str) -> Iterator[str]:
    """The table as text: the item, then its tests, one a line, those that do not count with the reason."""
    for row in found:
        yield f"{row.item.id:<4} {row.item.level}  {row.item.words}"
        yield from (f"          {_told(test)}" for test in row.tests)
        if not row.is_proved:
            yield "          no test" if not row.tests else "          no test that counts"
    yield ""
    yield summary(found, run)
    yield ""
    yield from wrap(WORTH, 110)


def summary(found: Sequence[Row], run: str) -> str:
    """How many items have a test that counts, and which needed ones have none."""
    needed = [row for row in found if row.item.needed]
    missing = [row.item.id for row in needed if row.is_missing]
    proved = sum(1 for row in found if row.is_proved)
    source = f"Results of the run of {run}." if run else NO_RUN
    told = (
        f"{proved} of {len(found)} items have a test that counts; {len(needed) - len(missing)} of the {len(needed)} "
        f"needed."
    )
    return f"{source} {told}" + (f" Without one: {', '.join(missing)}." if missing else "")


def _told(proof: Proof) -> str:
    return proof.test if proof.state == "named" else f"{proof.test}  {proof.state}"
