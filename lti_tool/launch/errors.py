"""Why a launch was refused: one error, named by its code (requirements L1 to L37).

The words tell a person what to do and never which key or value would have passed.
"""

from lti_tool.errors import UndertoneError

AGAIN = "This page could not be opened safely. Go back to your course and open it again."
NOT_SET_UP = (
    "Your learning platform and this tool are not set up to work together. "
    "Tell the person who looks after your learning platform, and give them the reference below."
)
NOT_OURS = "What your learning platform sent is not something this tool can open. Go back to your course."

REFUSALS: dict[str, tuple[int, str]] = {
    "method": (400, NOT_OURS),
    "malformed": (400, NOT_OURS),
    "lti_1p1": (400, NOT_SET_UP),
    "login_request": (400, NOT_SET_UP),
    "target": (400, NOT_SET_UP),
    "state": (401, AGAIN),
    "state_binding": (401, AGAIN),
    "cookie_missing": (
        401,
        "Your browser did not keep the cookie by which this page knows you. Allow cookies for this page in the "
        "browser's settings, or use another browser. Then open it again from your course, in a new window.",
    ),
    "alg": (401, NOT_SET_UP),
    "kid_missing": (401, NOT_SET_UP),
    "kid_unknown": (401, NOT_SET_UP),
    "signature": (401, NOT_SET_UP),
    "not_lti": (400, NOT_OURS),
    "claims_missing": (401, NOT_SET_UP),
    "lti_version": (400, NOT_OURS),
    "issuer": (401, NOT_SET_UP),
    "audience": (401, NOT_SET_UP),
    "time": (401, AGAIN),
    "expired": (401, AGAIN),
    "nonce": (401, AGAIN),
    "registration_inactive": (403, "This tool is switched off for your learning platform at the moment."),
    "deployment_missing": (400, NOT_SET_UP),
    "deployment_unknown": (
        403,
        "This tool has not been approved for this part of your learning platform yet. "
        "Tell the person who looks after your learning platform, and give them the reference below.",
    ),
    "message_type": (400, NOT_OURS),
    "roles_missing": (400, NOT_OURS),
    "resource_link": (400, NOT_OURS),
    "anonymous": (403, "This tool needs to know who you are. Sign in to your course and open it again."),
    "platform_keys": (
        503,
        "Your learning platform does not answer this tool at the moment. Try again in a minute.",
    ),
    "platform_error": (
        200,
        "Your learning platform could not sign you in to this tool. Sign in to your course again, "
        "then open this page; if it is shown inside the course, try a new window.",
    ),
}


class LaunchRefusedError(UndertoneError):
    """A login or launch that was refused; `code` is a key of `REFUSALS`."""

    def __init__(self, code: str) -> None:
        status, words = REFUSALS[code]
        super().__init__(words, code=code, status=status)
        self.registration_id: str | None = None
        self.framed_by = ""
        self.return_url: str | None = None

    def tell(self, registration_id: str, framed_by: str, return_url: str | None) -> None:
        """Note what is known of the platform: for the log, and to show the page inside the course."""
        self.registration_id, self.framed_by, self.return_url = registration_id, framed_by, return_url
