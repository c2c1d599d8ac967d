"""What can stand in the way of writing here; each error says what became of the text."""

from http import HTTPStatus

from lti_tool.errors import FieldError, InvalidInputError, NotAllowedError


class NotAgreedError(NotAllowedError):
    code = "not_agreed"
    words = "Nothing was saved: this page keeps only texts of people who said yes to it under “My choices”."


class PausedError(NotAllowedError):
    code = "paused"
    words = "This tool is paused in your course. Nothing was saved."


class NotReadNowError(InvalidInputError):
    """The writer has paused, or changed words of the choice page wait for their answer (P18, P41)."""

    code = "not_read_now"
    status = HTTPStatus.CONFLICT
    words = "Nothing of yours is read at the moment, so nothing was saved. What was saved before is kept."


class NotOpenError(InvalidInputError):
    code = "not_open"
    status = HTTPStatus.CONFLICT
    words = "This reflection is not open now, so nothing was saved. What was saved before is kept."


class WindowsDifferError(InvalidInputError):
    """The text was changed or deleted in another window since this one was opened."""

    code = "windows_differ"
    status = HTTPStatus.CONFLICT
    words = "The text was changed or deleted in another window. Nothing was overwritten."


class NothingWrittenError(InvalidInputError):
    code = "nothing_written"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    words = "There is nothing of your own to hand in yet. Write something first; quoted lines do not count."


class TooLongError(InvalidInputError):
    code = "too_long"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    words = "A text may have at most 20,000 characters. Nothing was saved; shorten it and try again."


class PromptError(FieldError):
    """The form of a prompt does not fit; `fields` names what to mend."""

    code = "prompt"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
