"""Tests and the items in their names: `test_p16_…` proves P16, and `test_p36_s12_…` proves P36 and S12."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import lti_tool

ID = re.compile(r"_([psu]\d{1,2})(?=_|$)")
SHIPPED = "proofs.json"
Proofs = Mapping[str, list[str]]
"""The tests of each item, each as `file::name`."""


def proofs() -> Proofs:
    """What the tests beside the package prove; without them what was written down when the package was made."""
    beside = Path(lti_tool.__file__).parent.parent / "tests"
    if (beside / "conftest.py").is_file():
        return proofs_in(beside)
    shipped = files("lti_tool.proofs") / SHIPPED
    return json.loads(shipped.read_text("utf-8")) if shipped.is_file() else {}


def proofs_in(folder: Path) -> dict[str, list[str]]:
    """The tests in a folder by the items in their names; nothing is imported or run."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        place = path.relative_to(folder.parent).as_posix()
        for name in _tests(path):
            for own in ids_of(name):
                found.setdefault(own, []).append(f"{place}::{name}")
    return found


def ids_of(name: str) -> list[str]:
    """The items in a test's name, such as `["P16"]`."""
    return [own.upper() for own in ID.findall(name)]


def _tests(path: Path) -> Iterator[str]:
    """Names of the test functions of a file; one that is half written has none."""
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name
