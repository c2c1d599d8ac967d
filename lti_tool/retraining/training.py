"""Starting the training child, listening to it, and ending it."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lti_tool.errors import UndertoneError

log = logging.getLogger(__name__)
GRACE_SECONDS = 600
"""How long evaluation and loading may take beyond the training's own time box."""

Tell = Callable[[str, int, int], None]


class TrainingFailedError(UndertoneError):
    code = "training_failed"
    words = "The training process ended before it had a result. The serving model is unchanged."


def run_child(request: dict[str, Any], tell: Tell, most_seconds: float, folder: Path) -> dict[str, Any]:
    """Train in a fresh process; return its result.

    The request goes through a pipe, never through a file; temporary files lie in `folder`. Raises
    TrainingFailedError when the child ends without a result or outlives its time box.
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
    try:
        return _converse(child, request, tell)
    finally:
        deadline.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()


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
