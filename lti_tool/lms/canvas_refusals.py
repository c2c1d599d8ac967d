"""What an answer of Canvas other than 200 means, in words for the person who can mend it.

By status and header first, then by the fixed parts of the body: older sites translate their messages.
"""

import json
from typing import Any
from urllib.parse import urlsplit

from lti_tool.errors import UndertoneError
from lti_tool.lms.canvas_scopes import FORM, ROOT, scope_of
from lti_tool.lms.errors import CanvasTokenExpiredError, LmsAccountError, LmsRefusedError, no_api
from lti_tool.outbound.client import Answer

THROTTLED = b"Rate Limit Exceeded"
INITIAL_POST = b"require_initial_post"
AGAIN = "Authorise the reading account again."


def throttled(answer: Answer) -> bool:
    """Both forms of "slow down": 429, and on older sites 403 with a phrase."""
    return answer.status == 429 or (answer.status == 403 and THROTTLED in answer.body)


def being_built(answer: Answer, url: str) -> bool:
    """A topic's tree that nobody has read before is made by a job of Canvas's; until then there is an empty 503."""
    return answer.status == 503 and not answer.body and urlsplit(url).path.endswith("/view")


def refusal(answer: Answer, url: str) -> UndertoneError:
    """The error that an answer to `url` means: LmsRefusedError, or LmsUnavailableError where nothing is known."""
    if answer.status == 401:
        return _unauthorised(answer, url)
    if answer.status == 403:
        return _forbidden(answer)
    if answer.status == 404 and isinstance(_body(answer).get("errors"), list):
        return LmsRefusedError(
            "Canvas does not show this to the reading account: it was deleted or unpublished, or the account is not "
            "in the course.",
            code="canvas_not_shown",
        )
    return no_api(answer.status)


def _unauthorised(answer: Answer, url: str) -> LmsRefusedError:
    body = _body(answer)
    if "WWW-Authenticate" not in answer.headers:
        # No permission has a `status` on sites that still answer 401 for it; a scope that is missing has none.
        return _no_permission() if "status" in body else missing_scope(url)
    if body.get("status") == "unauthenticated":
        return LmsRefusedError(f"Canvas got no token with a call. {AGAIN}", code="canvas_no_token")
    if b"Revoked access token" in answer.body or b"Expired access token" in answer.body:
        return LmsAccountError(
            f"Canvas does not know the reading account's token: it was revoked, or ended for good. {AGAIN}",
            code="canvas_token_revoked",
        )
    return CanvasTokenExpiredError()


def _forbidden(answer: Answer) -> LmsRefusedError:
    if INITIAL_POST in answer.body:
        return LmsRefusedError(
            "This discussion shows its posts only to those who have written in it, and the reading account has not. "
            "An account that is a teacher of the course need not.",
            code="canvas_initial_post",
        )
    if b"valid user agent" in answer.body:
        return LmsRefusedError("Canvas refused a call without a User-Agent.", code="canvas_user_agent")
    if b"invalid assignment ids" in answer.body:
        return LmsRefusedError(
            "This assignment was deleted or unpublished in Canvas.", code="canvas_not_shown"
        )
    return _no_permission()


def missing_scope(url: str) -> LmsRefusedError:
    """The refusal that names the scope of `url` as Canvas's developer keys do."""
    path = urlsplit(url).path.partition(ROOT)[2]
    scope = scope_of(path)
    named = scope.name if scope else f"{FORM}{ROOT}{path}"
    return LmsRefusedError(
        f"The developer key lacks the scope {named}. Add it to the key, then authorise the reading account again.",
        code="canvas_scopes",
    )


def _no_permission() -> LmsRefusedError:
    return LmsRefusedError(
        "The reading account may not read this in Canvas. It needs to be a teacher of the course, or "
        "have the same rights to view discussions and submissions.",
        code="canvas_missing_right",
    )


def _body(answer: Answer) -> dict[str, Any]:
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
