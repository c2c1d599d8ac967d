"""Starting the training child, listening to it, and ending it."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from lti_tool.errors import UndertoneError
from lti_tool.launch.stopping import StoppedError
from lti_tool.retraining.switched_off import WORDS

log = logging.getLogger(__name__)
GRACE_SECONDS = 600
"""How long evaluation and loading may take beyond the training's own time box."""
LOOK_SECONDS = 5.0
"""How often it is asked whether a running training may go on."""

Tell = Callable[[str, int, int], None]


class TrainingFailedError(UndertoneError):
    code = "training_failed"
    words = "The training process ended before it had a result. The serving model is unchanged."


class OutOfTimeError(UndertoneError):
    code = "out_of_time"
    words = "The training process took longer than it may, so it was ended. The serving model is unchanged."


class CancelledError(UndertoneError):
    code = "retraining_cancelled"
    words = "The run was cancelled. The serving model is unchanged."


def run_child(
    request: dict[str, Any],
    tell: Tell,
    most_seconds: float,
    folder: Path,
    is_off: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train in a fresh process; return its result.

    The request goes through a pipe, never through a file; temporary files lie in `folder`. Raises
    TrainingFailedError when the child ends without a result, OutOfTimeError when it outlives its time box. `is_off` is
    asked every few seconds; once it says yes the child is killed and StoppedError raised (P64), and what it raises
    itself, as CancelledError, is raised likewise.
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "lti_tool.retraining.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**_without_secrets(os.environ), "TMPDIR": str(folder)},
        text=True,
    )
    watch = _Watch(is_off, child, time.monotonic() + most_seconds + GRACE_SECONDS)
    watch.start()
    try:
        return _converse(child, request, tell)
    except TrainingFailedError:
        if watch.why is not None:
            raise watch.why from None
        raise
    finally:
        watch.end()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


class _Watch(threading.Thread):
    """Kills the child once there is a reason to; a question that fails is asked again."""

    def __init__(self, is_off: Callable[[], bool], child: "subprocess.Popen[str]", deadline: float) -> None:
        super().__init__(daemon=True)
        self._is_off, self._child, self._deadline = is_off, child, deadline
        self._ended = threading.Event()
        self.why: UndertoneError | None = None

    def run(self) -> None:
        while not self._ended.wait(min(LOOK_SECONDS, max(0.0, self._deadline - time.monotonic()))):
            with suppress(SQLAlchemyError):
                self.why = self._reason()
            if self.why is not None:
                self._child.kill()
                return

    def _reason(self) -> UndertoneError | None:
        if time.monotonic() >= self._deadline:
            return OutOfTimeError()
        try:
            return StoppedError(WORDS) if self._is_off() else None
        except UndertoneError as error:
            return error

    def end(self) -> None:
        self._ended.set()
        self.join()


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The child needs no address of the database and no key; it must find encoder and corpora and read as we do."""
    needed = ("UNDERTONE_BASES", "UNDERTONE_CORPORA", "UNDERTONE_DIGITS")
    return {
        name: value
        for name, value in environment.items()
        if name in needed or (name != "DATABASE_URL" and not name.startswith("UNDERTONE_"))
    }


def _converse(child: subprocess.Popen[str], request: dict[str, Any], tell: Tell) -> dict[str, Any]:
    if child.stdin is None or child.stdout is None:
        raise TrainingFailedError
    try:
        child.stdin.write(json.dumps(request) + "\n")
        child.stdin.flush()
    except BrokenPipeError:
        raise TrainingFailedError from None
    for line in child.stdout:
        message = json.loads(line)
        if "result" in message:
            return dict(message["result"])
        if "failed" in message:
            log.error("the training process failed: %s", message["failed"])
            raise TrainingFailedError
        tell(message["step"], message["done"], message["total"])
    raise TrainingFailedError
