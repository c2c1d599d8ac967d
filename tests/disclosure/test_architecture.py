"""No figure that is shown is made anywhere but in `disclosure` (P49, P50)."""

import ast
import dataclasses
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import lti_tool
from lti_tool.disclosure.figures import Told
from lti_tool.insights import snapshot

DISCLOSURE = "lti_tool.disclosure"
HOUSE = Path(lti_tool.__file__).parent
MAKERS = {"Told", "rounded", "rounded_down", "percent", "share", "band", "Figure", "Cell", "Part"}
"""Only `disclosure` calls these."""
STAFF_PARTS = ("insights", "review", "scoring", "reflections", "rights")
NOT_ABOUT_TEXTS = {
    ("Week", "number"), ("PhraseSpan", "start"), ("PhraseSpan", "end"), ("Topic", "week"),
    ("ChartFinding", "peak_week"), ("SnapshotBody", "week"), ("SnapshotBody", "smallest_group"),
    ("SnapshotBody", "format"),
}  # fmt: skip
"""Numbers of the calendar, of the settings, and places in a text that staff may read."""


def calls(path: Path) -> set[str]:
    """What the file calls of those names that it has from `disclosure`."""
    tree = ast.parse(path.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = {
        name.asname or name.name
        for node in imports
        if (node.module or "").startswith(DISCLOSURE)
        for name in node.names
    }
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    bare = {one.id for one in called if isinstance(one, ast.Name)} & ours
    of_modules = {
        one.attr for one in called if isinstance(one, ast.Attribute) and getattr(one.value, "id", "") in ours
    }
    return bare | of_modules


@pytest.mark.parametrize("part", STAFF_PARTS)
def test_p49_no_page_of_the_staff_makes_a_figure_by_itself(part):
    made = {path.name: calls(path) & MAKERS for path in (HOUSE / part).glob("*.py")}
    assert {name: found for name, found in made.items() if found} == {}


def test_p49_every_number_of_a_picture_is_one_that_only_disclosure_makes():
    bare = set()
    for name, kind in vars(snapshot).items():
        if dataclasses.is_dataclass(kind) and kind.__module__ == snapshot.__name__:
            hints = get_type_hints(kind)
            bare |= {
                (name, field.name) for field in dataclasses.fields(kind) if _holds_number(hints[field.name])
            }
    assert bare == NOT_ABOUT_TEXTS


def _holds_number(hint) -> bool:
    if hint is Told:
        return False
    return hint in (int, float) or any(_holds_number(part) for part in get_args(hint))
