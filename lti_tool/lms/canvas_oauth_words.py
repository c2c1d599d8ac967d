"""What can go wrong with an authorisation in Canvas, by code: words that say what to do, and nothing that was sent."""

from http import HTTPStatus

from lti_tool.errors import UndertoneError

AGAIN = "Open the page “Connection” and press “Authorise in Canvas” again."

WORDS = {
    "access_denied": f"In Canvas, “Cancel” was pressed, so nothing was authorised. {AGAIN}",
    "invalid_scope": (
        "The developer key does not allow all that this tool reads. In Canvas, switch on “Enforce Scopes” and the "
        "scopes that the page “Connection” lists, save the key, and authorise again."
    ),
    "unauthorized_client": (
        "The developer key is switched off in this Canvas account. In Canvas: Admin → Developer Keys, state “On”; then "
        "authorise again."
    ),
    "unsupported_response_type": (
        "Canvas took this developer key for one of another kind. Make an API key, not an LTI key, and enter its ID and "
        "secret."
    ),
    "login_required": f"Nobody was signed in to Canvas. {AGAIN} Sign in as the reading account.",
    "interaction_required": f"Canvas has to ask the reading account first. {AGAIN}",
    "server_error": f"Canvas had a fault of its own, so nothing was authorised. {AGAIN}",
    "temporarily_unavailable": "Canvas is busy, so nothing was authorised. Try again in a few minutes.",
    "other_error": f"Canvas did not authorise this tool and gave a reason that is not known here. {AGAIN}",
    "state": (
        "This answer of Canvas belongs to no authorisation that was begun in this browser in the last ten minutes, so "
        f"it was not used. {AGAIN}"
    ),
    "closed": (
        "The page on which this authorisation was begun is closed by now, so Canvas's answer was not used. Open the "
        "tool from a course and begin again."
    ),
    "changed": (
        "The developer key, the address of Canvas or the state of the platform was changed meanwhile, so Canvas's "
        f"answer was not used. {AGAIN}"
    ),
    "no_code": f"Canvas sent no code, so nothing was authorised. {AGAIN}",
    "code": f"The code that Canvas gave was used already, or is older than ten minutes. {AGAIN}",
    "key": (
        "Canvas does not take the developer key: its ID or secret is wrong, or it was deleted or switched off. Enter "
        "both again on the page “Connection”, as Admin → Developer Keys shows them."
    ),
    "other_key": f"Canvas gave the code to another developer key. Enter the key's ID and secret again. {AGAIN}",
    "other_host": (
        "Canvas answered that it lives at another address. Enter the address that its people see in the browser on the "
        "page “Connection”, and authorise again."
    ),
    "no_oauth": (
        "What answers at Canvas's address does not answer as Canvas does. Compare the address on the page “Connection” "
        "with the one that its people see in the browser."
    ),
    "no_refresh_token": (
        "Canvas gave no token that can be renewed, so it was not kept. The developer key must be an API key of its own."
    ),
    "masquerade": (
        "In Canvas, somebody was acting as another user, so the authorisation was not kept. Leave “Act as User”, sign "
        "in as the reading account itself, and authorise again."
    ),
    "test_student": (
        "In Canvas, the student view was open, so the authorisation was not kept. Leave it, sign in as the reading "
        "account, and authorise again."
    ),
    "away": f"Canvas did not answer, so nothing was authorised. {AGAIN}",
    "grant_gone": (
        "Canvas no longer knows the authorisation: somebody ended it there, or the developer key lost a scope. An "
        "administrator must authorise again on the page “Connection”."
    ),
    "not_active": "This platform is not switched on, so no account of it is authorised. Switch it on first.",
    "authorised": "An account is authorised already, so no other was kept. Revoke it first.",
    "no_key": "There is no developer key yet. Enter its ID and secret first.",
    "ticket": "This page was open for too long. Reload the page “Connection” and press the button again.",
}
REDIRECTED = frozenset(
    (
        "access_denied",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_response_type",
        "login_required",
        "interaction_required",
        "server_error",
        "temporarily_unavailable",
    )
)
"""What Canvas may say in the address of the answer (canvas-lms; RFC 6749, 4.1.2.1)."""


class CanvasOauthError(UndertoneError):
    """Nothing was authorised or renewed; `code` is a key of `WORDS`."""

    code = "canvas_oauth"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self, code: str, access_token: str = "") -> None:
        super().__init__(WORDS[code], code=code)
        self.access_token = access_token
        """What Canvas gave although it must not be kept: it is ended there."""


def redirected(error: str) -> CanvasOauthError:
    """What Canvas said in the address; anything unknown is not repeated."""
    return CanvasOauthError(error if error in REDIRECTED else "other_error")
