"""What each kind of job does: a table from kind to function, filled by the parts' `tasks.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lti_tool.settings import Settings
from lti_tool.storage import Database


@dataclass(frozen=True)
class Run:
    """What a task is given: the database, the settings, its payload, and how to tell its progress.

    A task opens its own short transactions with `run.database.session()`.
    """

    job_id: str
    key: str
    payload: dict[str, Any]
    database: Database
    settings: Settings
    tell: Callable[[str, int, int], None]
    """`tell(step in words, done, total)`: shown to administrators; costs a write, so call it per batch."""

    def now(self) -> datetime:
        return datetime.now(UTC)


Task = Callable[[Run], dict[str, Any]]
_tasks: dict[str, Task] = {}
_quick: set[str] = set()


def task(kind: str, *, quick: bool = False) -> Callable[[Task], Task]:
    """Register a function as the work of a kind of job; it returns the job's result (counts, decisions).

    `quick`: a person waits for it, so that it does not stand behind a reading or a training that takes minutes.
    """

    def register(function: Task) -> Task:
        _tasks[kind] = function
        if quick:
            _quick.add(kind)
        return function

    return register


def task_of(kind: str) -> Task:
    return _tasks[kind]


def kinds() -> frozenset[str]:
    return frozenset(_tasks)


def quick_kinds() -> frozenset[str]:
    return frozenset(_quick)
