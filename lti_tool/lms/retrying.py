"""Patience with an LMS: a few tries with growing pauses, and then one clear error (S47)."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential, wait_random

from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.outbound.client import Answer, OutboundFailedError

LMS_BYTES = 20 * 1024 * 1024
TRIES = 4
FIRST_PAUSE = 0.5
"""Seconds; every other pause follows from it."""
LONGEST_PAUSE = 8.0
LONGEST_ASKED = 60.0
"""Of a pause that the LMS asks for by `Retry-After`; a longer one is left to the next reading."""
WORTH_WAITING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How often a call is tried, how many times `FIRST_PAUSE` the first pause is, and how long one gets (seconds)."""

    tries: int = TRIES
    first: float = 1.0
    longest: float = LONGEST_PAUSE


USUAL = Patience()


class _TryAgainError(Exception):
    """This answer may be another one in a moment; `after` is how many seconds the LMS asks to wait."""

    def __init__(self, patience: Patience, after: float) -> None:
        super().__init__()
        self.patience, self.after = patience, after


def patiently(
    call: Callable[[], Answer],
    slower: Callable[[Answer], Patience | None] | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Answer:
    """The answer of `call`, tried a few times; raise LmsUnavailableError when none came.

    `slower` gives a patience of their own to answers that mean "not now". The errors underneath are cut off, so
    that nothing of a request can reach a log.
    """

    def once() -> Answer:
        answer = call()
        patience = slower(answer) if slower is not None else None
        if patience is not None or answer.status in WORTH_WAITING:
            raise _TryAgainError(patience or USUAL, _asked(answer))
        return answer

    retrying = Retrying(
        stop=lambda state: state.attempt_number >= _patience(state).tries,
        wait=_wait,
        retry=retry_if_exception_type((_TryAgainError, OutboundFailedError)),
        sleep=sleep or time.sleep,
        reraise=True,
    )
    try:
        return retrying(once)
    except (_TryAgainError, OutboundFailedError):
        raise LmsUnavailableError from None


def _wait(state: RetryCallState) -> float:
    """Seconds: growing, jittered, and never shorter than the LMS asked for."""
    error, patience = _error(state), _patience(state)
    first = patience.first * FIRST_PAUSE
    own = wait_exponential(multiplier=first, max=patience.longest) + wait_random(0, first)
    return max(own(state), error.after if error else 0.0)


def _patience(state: RetryCallState) -> Patience:
    error = _error(state)
    return error.patience if error else USUAL


def _error(state: RetryCallState) -> _TryAgainError | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, _TryAgainError) else None


def _asked(answer: Answer) -> float:
    """`Retry-After` in seconds (RFC 9110, 10.2.3); its other form, a date, counts as not said."""
    told = answer.headers.get("Retry-After", "").strip()
    return min(float(told), LONGEST_ASKED) if told.isascii() and told.isdigit() else 0.0
