"""Why a page of a launch stays closed; a form that was sent to it is told that nothing was kept."""

from flask import request

from lti_tool.errors import NotAllowedError, NotFoundError
from lti_tool.storage.request import SAFE_METHODS


class SessionOverError(NotAllowedError):
    """Too long idle, too old, or ended by a later launch; only the browser of that launch is told so."""

    code = "session_over"
    words = "This page has been closed for your safety."


class FormToClosedPageError(SessionOverError):
    words = "What you wrote was not saved: this page had been closed for your safety."


class StrangerError(NotFoundError):
    """No cookie of this launch. It says the same whether there is such a launch or not."""

    words = "This page is closed, or it is not yours to see."


class FormOfStrangerError(StrangerError):
    words = "What you wrote was not saved: this page is closed, or it is not yours to see."


def over() -> SessionOverError:
    return SessionOverError() if request.method in SAFE_METHODS else FormToClosedPageError()


def stranger() -> StrangerError:
    return StrangerError() if request.method in SAFE_METHODS else FormOfStrangerError()
