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


class GoneBeforeError(NothingBeforeError):
    """Others served before, and none of their weights is kept (P62)."""

    words = (
        "The weights of every version that served before this one were thrown away when their time was over. Nothing "
        "was changed. `undertone model list` shows what is kept, and `undertone model promote` lets one of these serve."
    )


class UnknownVersionError(UndertoneError):
    code = "unknown_version"
    status = HTTPStatus.NOT_FOUND
    words = "There is no such model version."


class UnusableWeightsError(UndertoneError):
    """The stored weights are missing, altered or for another base; `words` come from the classifier."""

    code = "unusable_weights"
    words = "The weights of the serving model cannot be used."


class NotWholeError(UnusableWeightsError):
    """Kept weights of a version that was to serve are altered, or bear no signature of ours (S39)."""

    status = HTTPStatus.CONFLICT
    words = (
        "The weights of this version are not as they were stored, so it does not serve. Nothing was changed. "
        "Restore them from a backup, or let the present version serve on."
    )


class NotServingError(UndertoneError):
    code = "not_serving"
    status = HTTPStatus.CONFLICT
    words = "Only the version that serves can be pinned. Promote this one first. Nothing was changed."


class WalledError(UndertoneError):
    """The version learnt from the texts of an institution that does not share its models with this one (P61)."""

    code = "walled"
    status = HTTPStatus.CONFLICT
    words = (
        "This version has learnt from texts of another institution, and the two do not both share their models. "
        "Nothing was changed."
    )
