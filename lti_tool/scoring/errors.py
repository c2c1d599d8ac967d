"""What can be wrong with the serving model."""

from http import HTTPStatus

from lti_tool.errors import UndertoneError


class NoModelError(UndertoneError):
    code = "no_model"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    words = "No model is installed yet. Run `undertone migrate`, which installs the one that comes along."


class ServingMovedError(UndertoneError):
    """Someone else moved the pointer in the meantime; the loser changes nothing."""

    code = "serving_moved"
    status = HTTPStatus.CONFLICT
    words = "The serving model was changed by someone else a moment ago. Nothing was changed."


class NothingBeforeError(UndertoneError):
    code = "nothing_before"
    status = HTTPStatus.CONFLICT
    words = "No other model served before this one, so there is nothing to go back to."


class UnknownVersionError(UndertoneError):
    code = "unknown_version"
    status = HTTPStatus.NOT_FOUND
    words = "There is no such model version."


class UnusableWeightsError(UndertoneError):
    """The stored weights are missing, altered or for another base; `words` come from the classifier."""

    code = "unusable_weights"
    words = "The weights of the serving model cannot be used."
