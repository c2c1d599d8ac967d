"""Starting the training child, listening to it, and ending it."""

import json
import logging
import os
import subprocess
import sys
import threading
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
"""How often a running training looks at the off switch."""

Tell = Callable[[str, int, int], None]


class TrainingFailedError(UndertoneError):
    code = "training_failed"
    words = "The training process ended before it had a result. The serving model is unchanged."


def run_child(
    request: dict[str, Any],
    tell: Tell,
    most_seconds: float,
    folder: Path,
    is_off: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train in a fresh process; return its result.

    The request goes through a pipe, never through a file; temporary files lie in `folder`. Raises
    TrainingFailedError when the child ends without a result or outlives its time box. `is_off` is asked every few
    seconds; once it says yes the child is killed and StoppedError raised (P64).
    """
    child = subprocess.Popen(
        [sys.executable, "-m", "lti_tool.retraining.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**_without_secrets(os.environ), "TMPDIR": str(folder)},
        text=True,
    )
    deadline = threading.Timer(most_seconds + GRACE_SECONDS, child.kill)
    deadline.start()
    switch = _Switch(is_off, child)
    switch.start()
    try:
        return _converse(child, request, tell)
    except TrainingFailedError:
        if switch.found_off:
            raise StoppedError(WORDS) from None
        raise
    finally:
        deadline.cancel()
        switch.end()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


class _Switch(threading.Thread):
    """Kills the child once `is_off` says so; a question that fails is asked again."""

    def __init__(self, is_off: Callable[[], bool], child: "subprocess.Popen[str]") -> None:
        super().__init__(daemon=True)
        self._is_off, self._child, self._ended = is_off, child, threading.Event()
        self.found_off = False

    def run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            with suppress(SQLAlchemyError):
                if self._is_off():
                    self.found_off = True
                    self._child.kill()
                    return

    def end(self) -> None:
        self._ended.set()
        self.join()


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The child needs no address of the database and no key, so it is given none; it must find the base encoder."""
    return {
        name: value
        for name, value in environment.items()
        if name == "UNDERTONE_BASES" or (name != "DATABASE_URL" and not name.startswith("UNDERTONE_"))
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
