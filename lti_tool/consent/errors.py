"""What the record of choices refuses."""

from http import HTTPStatus

from lti_tool.errors import InvalidInputError, UndertoneError


class ImmutableRowError(UndertoneError):
    code = "immutable_row"
    words = "Published wording and the record of choices are never changed."


class OldWordingError(InvalidInputError):
    """The form was made from words that are no longer the current ones (P18). Nothing was saved."""

    code = "old_wording"
    status = HTTPStatus.CONFLICT
    words = "The words of this page have changed since you opened it. Nothing was saved. Please read the new ones."


class RecordError(UndertoneError):
    """A line whose full record would not be complete (P24). Nothing was written."""

    code = "incomplete_record"
    words = "The record of this choice would not be complete, so nothing was saved."
