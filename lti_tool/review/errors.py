"""What can stand in the way of an answer."""

from http import HTTPStatus

from lti_tool.errors import UndertoneError


class TextChangedError(UndertoneError):
    """The author edited the text after it was shown (design decision 4)."""

    code = "text_changed"
    status = HTTPStatus.CONFLICT
    words = "The author has changed this text since you read it. Nothing was saved; here is the new one."


class NothingToUndoError(UndertoneError):
    code = "nothing_to_undo"
    status = HTTPStatus.CONFLICT
    words = "There is no answer of yours to take back."
