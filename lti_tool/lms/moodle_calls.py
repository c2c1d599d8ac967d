"""One call of Moodle's web services, and what its refusals mean in words."""

from collections.abc import Mapping
from typing import Any

from lti_tool.lms.errors import LmsAccountError, LmsRefusedError, LmsUnavailableError, no_api
from lti_tool.lms.retrying import LMS_BYTES, patiently
from lti_tool.outbound.client import Client, OutboundFailedError

RIGHTS = {
    "mod_forum": "mod/forum:viewdiscussion",
    "mod_assign_get_assignments": "mod/assign:view",
    "mod_assign": "mod/assign:view and mod/assign:viewgrades",
    "core_course": "moodle/course:view",
    "core_enrol": "moodle/course:viewparticipants",
}
"""What a function needs, by the longest beginning of its name that stands here."""
SWITCHED_OFF = "Web services or the REST protocol are switched off in Moodle."
UNKNOWN = "Moodle does not know the reading account's token: it is wrong, deleted or expired. Make a new one."
NO_ENTRY = (
    "The reading account cannot enter the course or this activity: it needs the right moodle/course:view."
)
ERROR = "moodle_error"
"""Code of an error that Moodle itself did not expect."""
MEANINGS = {
    "invalidtoken": UNKNOWN,
    "invalidrecord": "Moodle knows no such course or function. Was the course deleted?",
    "requireloginerror": NO_ENTRY,
    "errorcoursecontextnotvalid": NO_ENTRY,
    "forcepasswordchangenotice": (
        "Moodle asks the reading account to change its password first. Sign in as it once, or switch that off."
    ),
    "wsaccessusersuspended": (
        "The reading account is suspended in Moodle. An administrator can make it active again."
    ),
    "invalidparameter": (
        "Moodle did not accept how it was asked. Is it a version before 4.1? Tell who runs this tool; nothing of that "
        "activity was changed."
    ),
}
"""By Moodle's own `errorcode`."""
OF_THE_ACCOUNT = ("invalidtoken", "forcepasswordchangenotice", "wsaccessusersuspended")
"""Nothing can be read until a person has acted; other refusals may be those of one activity."""


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
            raise LmsAccountError(SWITCHED_OFF, code="moodle_switched_off")
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
    code = str(body.get("errorcode") or "")
    if code in MEANINGS:
        error = LmsAccountError if code in OF_THE_ACCOUNT else LmsRefusedError
        return error(MEANINGS[code], code=f"moodle_{code}")
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
        "Moodle answered with an error of its own, which its log explains. Nothing of that activity was changed.",
        code=ERROR,
    )


def missing_right(function: str) -> LmsRefusedError:
    """The refusal that names the rights a function needs."""
    known = [name for name in RIGHTS if function.startswith(name)]
    return lacking(RIGHTS[max(known, key=len)] if known else "the rights named in the set-up guide")


def lacking(rights: str, *, perhaps: str = "", code: str = "moodle_missing_right") -> LmsRefusedError:
    """The refusal that names rights. `perhaps` says what else it can be where Moodle does not tell."""
    words = f"The reading account lacks a right in this course: {rights}."
    if perhaps:
        words = f"Perhaps the reading account lacks a right in this course: {rights}. {perhaps}"
    return LmsRefusedError(words, code=code)
