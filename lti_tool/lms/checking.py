"""A fault that a connection's check met, in words for the person who set the connection up."""

from lti_tool.errors import UndertoneError
from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.lms.protocol import CheckLine
from lti_tool.outbound.client import OutboundRefusedError

ANOTHER = (
    "Something answers at the LMS's address, but not as this kind of LMS does. Compare the kind and the address that "
    "were registered with the site's own, path included."
)
WORDS = {
    LmsUnavailableError.code: (
        "There is no answer at the LMS's address, or only errors. Is the site up, and the address right?"
    ),
    "lms_no_api": ANOTHER,
    "lms_malformed": ANOTHER,
    OutboundRefusedError.code: (
        "The LMS's address may not be called, so nothing was sent: it is plain http, on a port of its own or not "
        "public, and UNDERTONE_OUTBOUND_HOSTS does not name it."
    ),
}
"""By the error's code; a refusal says itself what to do."""


def failed(name: str, error: UndertoneError) -> CheckLine:
    """The check's line for an error."""
    return CheckLine(name, False, WORDS.get(error.code, error.words))
