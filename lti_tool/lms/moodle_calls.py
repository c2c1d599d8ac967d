"""One call of Moodle's web services, and what its refusals mean in words."""

from collections.abc import Mapping
from typing import Any

from lti_tool.lms.errors import LmsRefusedError, LmsUnavailableError, no_api
from lti_tool.lms.retrying import LMS_BYTES, patiently
from lti_tool.outbound.client import Client, OutboundFailedError

RIGHTS = {
    "mod_forum": "mod/forum:viewdiscussion",
    "mod_assign": "mod/assign:view and mod/assign:viewgrades",
    "core_course": "moodle/course:view",
}
SWITCHED_OFF = "Web services or the REST protocol are switched off in Moodle."
UNKNOWN = "Moodle does not know the reading account's token: it is wrong, deleted or expired. Make a new one."
NO_ENTRY = "The reading account cannot enter the course: it needs the right moodle/course:view."
MEANINGS = {
    "invalidtoken": UNKNOWN,
    "invalidrecord": "Moodle knows no such course or function. Was the course deleted?",
    "requireloginerror": NO_ENTRY,
    "errorcoursecontextnotvalid": NO_ENTRY,
    "forcepasswordchangenotice": "Moodle asks the reading account to change its password first.",
    "wsaccessusersuspended": "The reading account is suspended in Moodle.",
}


class MoodleCalls:
    """Calls functions with the service account's token, which travels in the body only."""

    def __init__(self, client: Client, base_url: str, token: str) -> None:
        self._client, self._token = client, token
        self.base_url = base_url.rstrip("/")

    def call(self, function: str, parameters: Mapping[str, str | int] | None = None) -> Any:
        """The answer. Raises LmsUnavailableError or LmsRefusedError, for errors in a 200 body too."""
        form = {"wstoken": self._token, "wsfunction": function, "moodlewsrestformat": "json"}
        form |= {name: str(value) for name, value in (parameters or {}).items()}
        url = f"{self.base_url}/webservice/rest/server.php"
        answer = patiently(lambda: self._client.post(url, data=form, most_bytes=LMS_BYTES))
        if answer.status == 403:
            raise LmsRefusedError(SWITCHED_OFF)
        if answer.status != 200:
            raise no_api(answer.status)
        try:
            body = answer.json()
        except OutboundFailedError:
            raise no_api(answer.status) from None
        if isinstance(body, dict) and "exception" in body:
            raise refusal(function, body)
        return body


def refusal(function: str, body: Mapping[str, Any]) -> LmsRefusedError | LmsUnavailableError:
    """The error that a body with `exception` means, without Moodle's own message, which can quote."""
    code = str(body.get("errorcode", ""))
    if code in MEANINGS:
        return LmsRefusedError(MEANINGS[code], code=f"moodle_{code}")
    if code == "accessexception":
        return LmsRefusedError(
            f"Moodle refused the call {function}. Check that the function is in the service, that "
            "the account is authorised for it and may use REST (webservice/rest:use), and that the token has "
            "not expired and may be used from this server's address.",
            code="moodle_accessexception",
        )
    if code in ("nopermissions", "noviewdiscussionspermission"):
        return missing_right(function)
    return LmsUnavailableError(
        "Moodle answered with an error that this tool does not know. Nothing of that activity was changed.",
        code="moodle_error",
    )


def missing_right(function: str) -> LmsRefusedError:
    """The refusal that names the rights a function needs."""
    part = "_".join(function.split("_")[:2])
    rights = RIGHTS.get(part, "the rights named in the set-up guide")
    return LmsRefusedError(
        f"The reading account lacks a right in this course: {rights}.", code="moodle_missing_right"
    )
