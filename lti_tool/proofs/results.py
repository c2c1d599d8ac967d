"""What became of each test in the last run, from the JUnit files that `make test` and `make test-long` leave."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

Outcome = Literal["passed", "failed", "skipped"]

FILES = (Path(".make", "test.xml"), Path(".make", "test-long.xml"))
"""In a checkout; a run of only some of the tests writes none."""
WORST: tuple[Outcome, ...] = ("failed", "passed", "skipped")


@dataclass(frozen=True)
class Results:
    """A run: when it began, as the file has it, and the outcome of each test by `file::name`, all its cases taken."""

    at: str = ""
    """Empty when no run is known."""
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)


def read(file: Path) -> Results:
    """The results in a file; none when it is missing or no whole JUnit file, as after a run that was stopped."""
    try:
        root = ElementTree.parse(file).getroot()  # noqa: S314  (our own run wrote it)
    except (OSError, ElementTree.ParseError):
        return Results()
    found: dict[str, set[Outcome]] = {}
    for test, outcome in _cases(root):
        found.setdefault(test, set()).add(outcome)
    at = next((suite.get("timestamp", "") for suite in root.iter("testsuite")), "")
    return Results(at[:19], {test: _together(cases) for test, cases in found.items()})


def read_all(root: Path) -> Results:
    """The results of both parts of the tests of a checkout; the run is as old as the older part that is there."""
    parts = [read(root / file) for file in FILES]
    outcomes = {test: outcome for part in parts for test, outcome in part.outcomes.items()}
    return Results(min((part.at for part in parts if part.at), default=""), outcomes)


def _cases(root: ElementTree.Element) -> Iterator[tuple[str, Outcome]]:
    for case in root.iter("testcase"):
        name = case.get("name", "").partition("[")[0]
        parts = [part for part in case.get("classname", "").split(".") if not part.startswith("Test")]
        yield f"{'/'.join(parts)}.py::{name}", _outcome(case)


def _outcome(case: ElementTree.Element) -> Outcome:
    kinds = {inner.tag for inner in case}
    if kinds & {"failure", "error"}:
        return "failed"
    return "skipped" if "skipped" in kinds else "passed"


def _together(cases: set[Outcome]) -> Outcome:
    """One case that failed fails the test; one that was left out does not."""
    return next(outcome for outcome in WORST if outcome in cases)
