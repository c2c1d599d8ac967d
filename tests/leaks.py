"""No log tells of anybody (P37): what tests plant as secret is looked for in all that the tool says.

A plugin of the whole run. Planted is by itself whatever goes into an encrypted column, what a connector reads of
anybody, who stands on a roster, each token that is signed and each cookie's secret. After each test its log records,
its standard error with that of its child processes, and the rows of the security log are searched; a find fails it.

A text counts as leaked from 32 characters in a row on, anything shorter as a whole.
"""

import functools
import html
import json
import logging
import re
import subprocess
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import jwt
import pytest
from sqlalchemy import event

from lti_tool.audit.tables import AuditEvent
from lti_tool.demo.campus.content import read

BLOCK, STEP = 24, 8
SHORTEST_NAME, SHORTEST_TEXT, SHORTEST_WORD = 6, 12, 16
WRITTEN = ("html", "subject")
NAMES = ("name", "given_name", "family_name", "email")
TAG = re.compile(r"<[^>]*>")
LOGGERS = ("", "undertone.events")
"""The root hears everything but the events, which are not passed on."""
SPOKEN = ("lti_tool", "model")


class Planted:
    """What must not be told. Adding is cheap; the index is made when there is something to search."""

    def __init__(self) -> None:
        self._new: set[str] = set()
        self._known: set[str] = set()
        self._pieces: set[str] = set()
        self._lengths: dict[str, set[int]] = {}
        """How long the pieces are that begin so: most places of a log begin none."""

    def text(self, value: object) -> None:
        """What a person wrote, or a long secret. Addresses are none, and words so short that anybody may say them."""
        if not isinstance(value, str) or "://" in value[:12] or value[:1] in "{[":
            return
        if len(value) >= SHORTEST_WORD or (len(value) >= SHORTEST_TEXT and " " in value):
            self._new.add(value)

    def markup(self, value: str) -> None:
        """A text with tags, by its pieces between them."""
        for piece in TAG.split(value):
            self.text(html.unescape(piece).strip())

    def name(self, value: object) -> None:
        """A full name or an e-mail address."""
        if isinstance(value, str) and len(value) >= SHORTEST_NAME and ("@" in value or " " in value):
            self._new.add(value)

    def token(self, value: str) -> None:
        """A signed token, by its payload and its signature: all begin alike."""
        for part in value.split(".")[1:]:
            self.text(part)

    def found(self, words: str) -> str | None:
        """The first planted string, or piece of one, that stands in `words`."""
        self._index()
        for start in range(len(words) - SHORTEST_NAME + 1):
            for length in self._lengths.get(words[start : start + SHORTEST_NAME], ()):
                piece = words[start : start + length]
                if piece in self._pieces and (length == BLOCK or _stands_alone(words, start, start + length)):
                    return piece
        return None

    def _index(self) -> None:
        for value in self._new - self._known:
            for piece in _pieces(value):
                self._pieces.add(piece)
                self._lengths.setdefault(piece[:SHORTEST_NAME], set()).add(len(piece))
        self._known |= self._new
        self._new.clear()


def _pieces(value: str) -> Iterator[str]:
    """One line of a text at a time: a log's line holds no more."""
    for line in value.splitlines():
        if len(line) >= BLOCK:
            yield from (line[start : start + BLOCK] for start in range(0, len(line) - BLOCK + 1, STEP))
        elif len(line) >= SHORTEST_TEXT or line == value:
            yield line


def _stands_alone(words: str, start: int, end: int) -> bool:
    return not words[start - 1 : start].isalnum() and not words[end : end + 1].isalnum()


class Said(logging.Handler):
    """All that was logged since it was last asked."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.lines.append(self.format(record))
        except Exception:  # a record that cannot be written is no record
            self.lines.append(str(record.msg))

    def row(self, _mapper: Any, _connection: Any, row: AuditEvent) -> None:
        told = {column.key: getattr(row, column.key) for column in AuditEvent.__table__.columns}
        self.lines.append("the security log: " + json.dumps(told, default=str, ensure_ascii=False))

    def child(self, told: str | bytes | None) -> None:
        """What a child process wrote to standard error, where a test reads it."""
        if told:
            self.lines.append(told if isinstance(told, str) else told.decode(errors="replace"))

    def taken(self) -> list[str]:
        lines, self.lines = self.lines, []
        return lines


planted = Planted()
said = Said()


def pytest_configure() -> None:
    """Listen from here on."""
    for name in LOGGERS:
        logging.getLogger(name).addHandler(said)
    for name in SPOKEN:
        logging.getLogger(name).setLevel(logging.DEBUG)
    if not event.contains(AuditEvent, "after_insert", said.row):
        event.listen(AuditEvent, "after_insert", said.row)
        _plant_by_itself()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    """After a test's last step, search what it said."""
    report = yield
    if call.when == "teardown":
        heard = [words for title, words in report.sections if "stderr" in title or "log" in title]
        leak = leak_in([*said.taken(), *heard])
        if leak and report.passed:
            report.outcome, report.longrepr = "failed", leak
    return report


def leak_in(heard: list[str]) -> str | None:
    """What was leaked and the line that holds it, in words; None for nothing."""
    for line in dict.fromkeys(line for words in heard for line in words.splitlines()):
        found = planted.found(line)
        if found is not None:
            return f"A log tells what must stay with a person (P37): {found!r} in the line\n{line}"
    return None


def _plant_by_itself() -> None:
    """Learn what is secret where it comes about."""
    for name in ("forums.json", "reflections.json"):
        for words in _written(read(name)):
            planted.markup(words)
    for person in read("people.json")["people"]:
        planted.name(f"{person.get('given')} {person.get('family')}")
        planted.name(person.get("email"))
    _after(subprocess.Popen, "communicate", lambda told, *_, **__: said.child(told[1]))
    _after(jwt, "encode", lambda token, claims, *_, **__: (planted.token(token), _claims(claims)))
    _after("lti_tool.launch.sessions", "new_secret", lambda secret: planted.text(secret))
    _before(
        "lti_tool.storage.envelope",
        "seal",
        lambda _keyring, _stands, value, *_, **__: planted.text(str(value)),
    )
    _before("lti_tool.lms.protocol:PostFacts", "__post_init__", _post)
    _after("lti_tool.launch.roster", "_member", lambda member, *_, **__: _member(member))


def _claims(claims: dict[str, Any]) -> None:
    for name in NAMES:
        planted.name(claims.get(name))


def _post(facts: Any) -> None:
    planted.markup(facts.html)
    planted.text(facts.title)


def _member(member: Any) -> None:
    planted.name(member.name)
    planted.name(f"{member.given} {member.family}".strip())
    planted.name(member.email)


def _written(value: Any) -> Iterator[str]:
    """What people of the campus wrote, in one of its files."""
    if isinstance(value, dict):
        yield from (one for key, one in value.items() if key in WRITTEN and isinstance(one, str))
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _written(one)


def _place(place: Any) -> Any:
    if not isinstance(place, str):
        return place
    module, _, name = place.partition(":")
    return getattr(import_module(module), name) if name else import_module(module)


def _before(place: Any, name: str, learn: Callable[..., object]) -> None:
    owner = _place(place)
    original = getattr(owner, name)

    @functools.wraps(original)
    def call(*arguments: Any, **options: Any) -> Any:
        learn(*arguments, **options)
        return original(*arguments, **options)

    setattr(owner, name, call)


def _after(place: Any, name: str, learn: Callable[..., object]) -> None:
    owner = _place(place)
    original = getattr(owner, name)

    @functools.wraps(original)
    def call(*arguments: Any, **options: Any) -> Any:
        result = original(*arguments, **options)
        learn(result, *arguments, **options)
        return result

    setattr(owner, name, call)
