"""Tests and the items in their names: `test_p16_…` stands for P16, and `test_p36_s12_…` for P36 and S12.

A name proves nothing by itself. A test counts when it is part of the default run, checks something, and passed in the
last run, if there is one.
"""

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import lti_tool
from lti_tool.proofs import asserting, results
from lti_tool.proofs.results import Results

ID = re.compile(r"_([psu]\d{1,2})(?=_|$)")
SHIPPED = "proofs.json"
ELSEWHERE = ("campaign", "gpu", "corpora")
"""Marks of tests that the default run leaves out."""
COUNT = ("passed", "named")

State = Literal[
    "passed", "named", "failed", "skipped", "not in the last run", "not in the default run", "checks nothing"
]
"""`named`: it would count if it passed, and no run is known."""


@dataclass(frozen=True)
class Proof:
    """A test that carries an item's id, as `file::name`, and what is known of it."""

    test: str
    state: State

    @property
    def counts(self) -> bool:
        return self.state in COUNT


@dataclass(frozen=True)
class Proofs:
    """The tests of each item, and the run that they were looked up in."""

    tests: Mapping[str, Sequence[Proof]] = field(default_factory=dict)
    run: str = ""
    """When it began; empty when no run is known."""


def proofs() -> Proofs:
    """What the tests beside the package prove; without them what was written down when the package was made."""
    root = Path(lti_tool.__file__).parent.parent
    if (root / "tests" / "conftest.py").is_file():
        return proofs_in(root / "tests", results.read_all(root))
    shipped = files("lti_tool.proofs") / SHIPPED
    return from_json(shipped.read_text("utf-8")) if shipped.is_file() else Proofs()


def proofs_in(folder: Path, run: Results | None = None) -> Proofs:
    """The tests in a folder by the items in their names; nothing is imported or run."""
    known, found = run or Results(), dict[str, list[Proof]]()
    trees = {path: tree for path in sorted(folder.rglob("*.py")) if (tree := _tree(path)) is not None}
    helpers = asserting.checking(list(trees.values()))
    for path, tree in trees.items():
        if path.name.startswith("test_"):
            for proof in _tests(path.relative_to(folder.parent).as_posix(), tree, helpers, known):
                for own in ids_of(proof.test):
                    found.setdefault(own, []).append(proof)
    return Proofs(found, known.at)


def ids_of(name: str) -> list[str]:
    """The items in a test's name, such as `["P16"]`."""
    return [own.upper() for own in ID.findall(name.rpartition("::")[2])]


def as_json(found: Proofs) -> str:
    """The file that comes with a package."""
    return json.dumps(asdict(found), indent=1) + "\n"


def from_json(text: str) -> Proofs:
    kept: dict[str, Any] = json.loads(text)
    tests = {own: [Proof(**one) for one in proofs] for own, proofs in kept["tests"].items()}
    return Proofs(tests, kept["run"])


def _tests(place: str, tree: ast.Module, helpers: set[str], run: Results) -> Iterator[Proof]:
    for function in asserting.functions(tree):
        if function.name.startswith("test_"):
            test = f"{place}::{function.name}"
            yield Proof(test, _state(tree, function, helpers, run, test))


def _state(
    tree: ast.Module, function: asserting.Function, helpers: set[str], run: Results, test: str
) -> State:
    if not asserting.checks(function, helpers):
        return "checks nothing"
    if asserting.marks(tree, function) & set(ELSEWHERE):
        return "not in the default run"
    return run.outcomes.get(test, "not in the last run") if run.at else "named"


def _tree(path: Path) -> ast.Module | None:
    """A file as a tree; None for one that is half written."""
    try:
        return ast.parse(path.read_text("utf-8"))
    except SyntaxError:
        return None
