"""Patience with an LMS: a few tries with growing pauses, and then one clear error (S47)."""

from collections.abc import Callable

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential, wait_random

from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.outbound.client import Answer, OutboundFailedError

LMS_BYTES = 20 * 1024 * 1024
TRIES = 4
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 8.0
WORTH_WAITING = frozenset({429, 502, 503, 504})


class _TryAgainError(Exception):
    """This answer may be another one in a moment."""


def patiently(call: Callable[[], Answer], throttled: Callable[[Answer], bool] | None = None) -> Answer:
    """The answer of `call`, tried up to `TRIES` times; raise LmsUnavailableError when none came.

    `throttled` recognises answers that mean "slow down" besides 429. The errors underneath are cut off, so
    that nothing of a request can reach a log.
    """

    def once() -> Answer:
        answer = call()
        if answer.status in WORTH_WAITING or (throttled is not None and throttled(answer)):
            raise _TryAgainError
        return answer

    retrying = Retrying(
        stop=stop_after_attempt(TRIES),
        wait=wait_exponential(multiplier=FIRST_PAUSE, max=LONGEST_PAUSE) + wait_random(0, FIRST_PAUSE),
        retry=retry_if_exception_type((_TryAgainError, OutboundFailedError)),
        reraise=True,
    )
    try:
        return retrying(once)
    except (_TryAgainError, OutboundFailedError):
        raise LmsUnavailableError from None
