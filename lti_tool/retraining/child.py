"""The process that trains: a spawned child which never sees the database (design decision 7).

It reads one JSON line from standard input (so that no text lies in a file, P20), makes and measures a candidate, and
prints JSON lines: progress, then one result. When its parent dies, its input ends and it stops at once.
"""

import json
import os
import sys
import threading
from typing import IO, Any

_to_parent: IO[str] = sys.stdout


def main() -> None:
    """Do what the request on standard input asks for."""
    _keep_output_apart()
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    try:
        result = _made(request)
    except Exception as error:  # its words could quote a student's text; its kind cannot (P37)
        say(failed=type(error).__name__)
        sys.exit(1)
    say(result=result)


def _keep_output_apart() -> None:
    """From now on standard output is `say`'s alone; what libraries print goes to standard error."""
    global _to_parent
    _to_parent = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)


def say(**message: Any) -> None:
    """Print one JSON line for the parent."""
    print(json.dumps(message), file=_to_parent, flush=True)


def _stop_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(3)


def _made(request: dict[str, Any]) -> dict[str, Any]:
    from lti_tool.retraining import candidates

    make = candidates.trained if request["way"] == "training" else candidates.recalibrated
    return make(request, _tell)


def _tell(step: str, done: int, total: int) -> None:
    say(step=step, done=done, total=total)


if __name__ == "__main__":
    main()
