"""Why a demonstration ends before its time: somebody stopped it, or a process of the tool ended."""

import threading

from lti_tool.errors import UndertoneError


class StoppedError(UndertoneError):
    """Ctrl-C, or a request to end; nothing is wrong."""

    code = "stopped"
    words = "Stopped."


class ProcessEndedError(UndertoneError):
    code = "process_ended"
    words = "A process of the tool ended by itself, so the demonstration was stopped."


def go_on(stop: threading.Event) -> None:
    """Raise StoppedError once somebody has asked to stop."""
    if stop.is_set():
        raise StoppedError
