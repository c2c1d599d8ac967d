"""The one family of errors: a code for machines, a status for HTTP, words a person can act on."""

import uuid
from http import HTTPStatus


class UndertoneError(Exception):
    """Something a person should be told about.

    `code` is stable and logged; `status` is the HTTP status; `words` are shown as they are, so they never
    hold a text, a name, a token or a value that came from outside (U6, S50).
    """

    code = "error"
    status: int = HTTPStatus.INTERNAL_SERVER_ERROR
    words = "Something went wrong. Nothing was changed."

    def __init__(
        self, words: str | None = None, *, code: str | None = None, status: int | None = None
    ) -> None:
        self.words = words or type(self).words
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.correlation_id = uuid.uuid4().hex[:12]
        super().__init__(f"{self.code}: {self.words}")


class NotFoundError(UndertoneError):
    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    words = "There is nothing at this address, or it is not yours to see."


class NotAllowedError(UndertoneError):
    code = "not_allowed"
    status = HTTPStatus.FORBIDDEN
    words = "Your role in this course does not open this page."


class InvalidInputError(UndertoneError):
    code = "invalid_input"
    status = HTTPStatus.BAD_REQUEST
    words = "The form was incomplete. Nothing was saved."


class FieldError(InvalidInputError):
    """Something that was filled in does not fit; `fields` name it for a program, `words` for a person."""

    code = "unfit_field"

    def __init__(self, words: str | None = None, *fields: str) -> None:
        super().__init__(words)
        self.fields = fields


class ConfigurationError(UndertoneError):
    code = "configuration"
    words = "The installation is not set up safely, so it does not start."
