"""What can go wrong with an LMS, in words that name what to do; never with a token or a text from outside."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus

from lti_tool.errors import UndertoneError


class LmsUnavailableError(UndertoneError):
    """No usable answer, after trying again a few times: down, too slow, throttled, or an answer cut short."""

    code = "lms_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    words = (
        "The learning platform did not answer. What was already read is kept; the next reading does the rest."
    )


class LmsAskedToWaitError(LmsUnavailableError):
    """The LMS asks to be left alone for longer than a call can wait: no other call is made before that is over."""

    code = "lms_asked_to_wait"
    words = (
        "The learning platform gets too many calls and asks to be left alone for a while. What was already read is "
        "kept; a later reading does the rest."
    )

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


class LmsRefusedError(UndertoneError):
    """The LMS said no: trying again does not help until a person gives the right that is missing."""

    code = "lms_refused"
    status = HTTPStatus.BAD_GATEWAY
    words = "The learning platform refused the reading account."


class LmsAccountError(LmsRefusedError):
    """The reading account itself may read nothing any more: a reading stops, and `words` say what to do."""

    code = "lms_account"


class CanvasTokenExpiredError(LmsAccountError):
    """Canvas does not take the access token: an hour is over, or it was replaced. A fresh one may do."""

    code = "canvas_token"
    words = "Canvas does not know the reading account's token: it is expired or revoked. Make a new one."


def no_api(status: int) -> LmsUnavailableError:
    """An answer that cannot be used. Below 500 it may be another site's, which a check says in its own words."""
    return LmsUnavailableError(code="lms_no_api" if status < 500 else None)


@contextmanager
def well_formed() -> Iterator[None]:
    """Turn a stumble over an answer's form into LmsUnavailableError, without its cause, which may quote."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise LmsUnavailableError(
            "The learning platform gave an answer of another form than expected. Nothing of it was used.",
            code="lms_malformed",
        ) from None
