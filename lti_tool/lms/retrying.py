"""Patience with an LMS: a few tries with growing pauses, and then one clear error (S47)."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from tenacity import RetryCallState, Retrying, retry_if_exception_type, wait_exponential, wait_random

from lti_tool.lms.errors import LmsAskedToWaitError, LmsUnavailableError
from lti_tool.outbound.client import Answer, OutboundFailedError

LMS_BYTES = 100 * 1024 * 1024
"""Moodle gives all submissions of an assignment in one answer: room for some 14 000 of 7 KB."""
LMS_SECONDS = 60.0
"""For one call, whose answer can take an LMS long to make."""
TRIES = 4
FIRST_PAUSE = 0.5
"""Seconds; every other pause follows from it."""
LONGEST_PAUSE = 8.0
LONGEST_ASKED = 60.0
"""Seconds of a pause that the LMS asks for by `Retry-After`; a longer one is left to a later reading."""
MOST_ASKED = timedelta(days=1).total_seconds()
WORTH_WAITING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Patience:
    """How often a call is tried, how many times `FIRST_PAUSE` the first pause is, and how long one gets (seconds)."""

    tries: int = TRIES
    first: float = 1.0
    longest: float = LONGEST_PAUSE


USUAL = Patience()
ONCE_MORE = Patience(tries=2)
"""With what took a minute already."""
TOO_LARGE, TOO_SLOW = "outbound_too_large", "outbound_too_slow"
LARGE_WORDS = (
    "The learning platform's answer is larger than this tool takes, so it was not read. Tell who runs it."
)
SLOW_WORDS = (
    "The learning platform took longer than a minute to answer. What was already read is kept; the next reading tries "
    "again."
)


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

    Raises LmsAskedToWaitError at once when the LMS asks for more than `LONGEST_ASKED`. `slower` gives a patience of
    their own to answers that mean "not now". The errors underneath are cut off, so that nothing of a request can
    reach a log.
    """

    def once() -> Answer:
        answer = _called(call)
        patience = slower(answer) if slower is not None else None
        if patience is None and answer.status not in WORTH_WAITING:
            return answer
        after = _asked(answer)
        if after > LONGEST_ASKED:
            raise LmsAskedToWaitError(timedelta(seconds=after))
        raise _TryAgainError(patience or USUAL, after)

    retrying = Retrying(
        stop=lambda state: state.attempt_number >= _patience(state).tries,
        wait=_wait,
        retry=retry_if_exception_type((_TryAgainError, OutboundFailedError)),
        sleep=sleep or time.sleep,
        reraise=True,
    )
    try:
        return retrying(once)
    except OutboundFailedError as error:
        slow = error.code == TOO_SLOW
        raise (
            LmsUnavailableError(SLOW_WORDS, code="lms_too_slow") if slow else LmsUnavailableError()
        ) from None
    except _TryAgainError:
        raise LmsUnavailableError from None


def _called(call: Callable[[], Answer]) -> Answer:
    """The answer; raises LmsUnavailableError for one that would be too large the next time as well."""
    try:
        return call()
    except OutboundFailedError as error:
        if error.code != TOO_LARGE:
            raise
    raise LmsUnavailableError(LARGE_WORDS, code="lms_too_large")


def _wait(state: RetryCallState) -> float:
    """Seconds: growing, jittered, and never shorter than the LMS asked for."""
    error, patience = _again(state), _patience(state)
    first = patience.first * FIRST_PAUSE
    own = wait_exponential(multiplier=first, max=patience.longest) + wait_random(0, first)
    return max(own(state), error.after if error else 0.0)


def _patience(state: RetryCallState) -> Patience:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, _TryAgainError):
        return error.patience
    return ONCE_MORE if isinstance(error, OutboundFailedError) and error.code == TOO_SLOW else USUAL


def _again(state: RetryCallState) -> _TryAgainError | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, _TryAgainError) else None


def _asked(answer: Answer) -> float:
    """`Retry-After` in seconds (RFC 9110, 10.2.3), at most `MOST_ASKED`; 0 when it says nothing."""
    told = answer.headers.get("Retry-After", "").strip()
    seconds = float(told) if told.isascii() and told.isdigit() else _until(told, answer)
    return max(0.0, min(seconds, MOST_ASKED))


def _until(told: str, answer: Answer) -> float:
    """Seconds until a date, by the clock of the LMS if it says what that shows (RFC 9110, 6.6.1), else by ours."""
    try:
        date = answer.headers.get("Date")
        base = parsedate_to_datetime(date) if date else datetime.now(UTC)
        return (parsedate_to_datetime(told) - base).total_seconds()
    except (ValueError, TypeError, OverflowError):  # no date, or one without a zone
        return 0.0
