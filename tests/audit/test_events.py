"""The security log (S49): every event that the code records is produced once, and tells nothing that is secret."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import lti_tool
from lti_tool.audit.tables import AuditEvent
from tests.audit import acts_of_rights  # noqa: F401  adds its acts
from tests.audit.acts import ACTS
from tests.audit.installation import NAMES, Installation, now
from tests.audit.telling import EVENTS, told

CODE = Path(lti_tool.__file__).parent


@pytest.mark.parametrize("event", EVENTS)
def test_event(made: Installation, event: str) -> None:
    """The act leaves its rows: no more and no fewer, at its time, telling nothing that is secret."""
    doing, codes = ACTS[event]
    before = now()
    doing(made)
    rows = made.rows(event)
    assert sorted(row.code for row in rows) == sorted(codes)
    for row in made.rows():
        assert row.at.utcoffset() == timedelta()
        assert before - timedelta(minutes=1) <= row.at <= now() + timedelta(days=367)
    assert told(made.rows(), made.secrets) == []


def test_the_search_for_secrets_finds_one() -> None:
    row = AuditEvent(id="1", at=now(), event="launch", code="", facts={"who": "Aino Planted-Name"})
    assert len(told([row], set(NAMES))) == 3
    assert len(told([AuditEvent(id="1", at=now(), event="x", code="https://x?y", facts={})], set())) == 1


def test_the_table_names_every_event_of_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    recorded = {event for path in CODE.rglob("*.py") for event in events_in(path.read_text())}
    with capsys.disabled():
        print(f"\nevents of the security log: {len(recorded)}, each produced by its act")
    assert recorded == set(EVENTS) == set(ACTS)


def events_in(source: str) -> Iterator[str]:
    """What the calls of `record` in a module name as their event, also through functions that hand it on."""
    module = ast.parse(source)
    if "audit" not in source:
        return
    for call, inside in calls_with_function(module):
        if ast.unparse(call.func) in ("record", "audit.record"):
            assert len(call.args) == 3, f"a call of record that is not understood: {ast.unparse(call)}"
            yield from literals(module, call.args[2], inside)


def calls_with_function(module: ast.Module) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
    for function in [None, *(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))]:
        body = module.body if function is None else function.body
        for statement in body:
            if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
                yield from ((node, function) for node in ast.walk(statement) if isinstance(node, ast.Call))


def literals(module: ast.Module, value: ast.expr, inside: ast.FunctionDef | None) -> Iterator[str]:
    """The texts that an argument may have: itself, or what the callers of its function give for it."""
    if isinstance(value, ast.Constant):
        yield str(value.value)
        return
    names = [one.arg for one in inside.args.args] if inside else []
    assert isinstance(value, ast.Name), f"an event that is not a word: {ast.unparse(value)}"
    assert value.id in names, f"an event that is not a parameter: {value.id}"
    for call, outer in calls_with_function(module):
        if ast.unparse(call.func) == inside.name:
            yield from literals(module, call.args[names.index(value.id)], outer)


def test_events_are_found_through_functions_that_hand_them_on() -> None:
    source = (
        "from lti_tool import audit\n"
        "def one(session, event):\n    audit.record(session, now, event)\n"
        "def two():\n    with x() as session:\n"
        "        one(session, 'second')\n        audit.record(session, now, 'first')\n"
    )
    assert set(events_in(source)) == {"first", "second"}
