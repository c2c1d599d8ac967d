"""Whether a test checks anything at all: read from its source, by the names of what it calls.

A test checks when it holds an `assert` of something that can be false, expects an error, waits for something on a page,
or calls a function of the tests that does. That is the least that can be asked, and says nothing of what is checked.
"""

import ast
from collections.abc import Collection, Iterator, Sequence

Function = ast.FunctionDef | ast.AsyncFunctionDef

RAISING = {
    "raises",
    "warns",
    "fail",
    "expect",
    "wait_for",
    "wait_for_selector",
    "wait_for_url",
    "wait_for_function",
}
"""Calls of pytest and Playwright that fail a test by themselves."""
CHECKED = "assert"
"""Stands among the names of calls for a check; no function can have this name."""


def checking(trees: Sequence[ast.Module]) -> set[str]:
    """Names of the functions in these files that check something, directly or by calling one that does."""
    calls: dict[str, set[str]] = {}
    for one in (one for tree in trees for one in functions(tree) if not one.name.startswith("test_")):
        calls.setdefault(one.name, set()).update(_calls(one))
    found = {CHECKED}
    while more := {name for name, called in calls.items() if name not in found and called & found}:
        found |= more
    return found


def checks(function: Function, helpers: Collection[str]) -> bool:
    """Whether a function has a check of its own or calls one of the helpers."""
    return not _calls(function).isdisjoint({CHECKED, *helpers})


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function of a file, methods among them."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def marks(tree: ast.Module, function: Function) -> set[str]:
    """The marks of pytest that a whole test carries, by itself or by its file; those of single cases are none of it."""
    own = [*function.decorator_list, *_marks_of_the_file(tree)]
    return {node.attr for one in own for node in ast.walk(_called(one)) if isinstance(node, ast.Attribute)}


def _calls(function: Function) -> set[str]:
    """Names of what a function calls, and CHECKED when it checks something by itself."""
    found = set[str]()
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and not isinstance(node.test, ast.Constant):
            found.add(CHECKED)
        if isinstance(node, ast.Call) and (name := _name(node.func)) is not None:
            found.add(CHECKED if name in RAISING else name)
    return found


def _name(called: ast.expr) -> str | None:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else None


def _called(mark: ast.expr) -> ast.expr:
    """`pytest.mark.parametrize` of `pytest.mark.parametrize(…)`: what stands in the brackets marks cases."""
    return mark.func if isinstance(mark, ast.Call) else mark


def _marks_of_the_file(tree: ast.Module) -> Iterator[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and [_name(one) for one in node.targets] == ["pytestmark"]:
            yield from node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
