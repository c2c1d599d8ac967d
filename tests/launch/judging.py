"""Whether changed claims still say what a launch needs: written apart from the tool's own checks, to judge them."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.launch.platform import CLIENT_ID, LTI, M

Claims = dict[str, Any]
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
SAME = ("iss", "nonce", LTI + "version", LTI + "message_type", LTI + "target_link_uri")


def _filled(found: Any) -> bool:
    return isinstance(found, str) and bool(found)


def _word(found: Any) -> bool:
    return found is None or isinstance(found, str)


def _words(found: Any) -> bool:
    return isinstance(found, list) and all(isinstance(own, str) for own in found)


def _near(found: Any) -> bool:
    """A time that could be right."""
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return number and abs(found) < 2**53 and abs(found - time.time()) < 2 * 3600


def _context(found: Any) -> bool:
    if not isinstance(found, dict) or not all(_word(found.get(name)) for name in ("id", "title", "label")):
        return False
    return _word(found.get("type")) or _words(found["type"])


NEEDED: Mapping[str, Callable[[Any], bool]] = {
    "aud": lambda found: found in (CLIENT_ID, [CLIENT_ID]),
    "sub": _filled,
    "iat": _near,
    "exp": _near,
    LTI + "deployment_id": _filled,
    LTI + "roles": _words,
}
OPTIONAL: Mapping[str, Callable[[Any], bool]] = {
    "azp": lambda found: found == CLIENT_ID,
    "nbf": lambda found: isinstance(found, int | float) and found < time.time() + 120,
    "locale": _word,
    LTI + "context": _context,
    LTI + "custom": lambda found: isinstance(found, dict),
    LTI + "launch_presentation": lambda found: isinstance(found, dict),
    LTI + "resource_link": lambda found: isinstance(found, dict) and _word(found.get("id")),
    "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice": lambda found: isinstance(found, dict),
}


def may_open(said: Claims, good: Claims) -> bool:
    """Whether a session may follow: `good` are the claims before they were changed."""
    return (
        all(name in said and said[name] == good[name] for name in SAME)
        and all(name in said and fits(said[name]) for name, fits in NEEDED.items())
        and all(name not in said or fits(said[name]) for name, fits in OPTIONAL.items())
        and said["exp"] > said["iat"]
        and _is_answerable(said, good)
    )


def may_teach(said: Claims) -> bool:
    """Whether the session may be an instructor's: the membership role, in a course."""
    context = said.get(LTI + "context", {})
    return M + "Instructor" in said[LTI + "roles"] and bool(context.get("id"))


def _is_answerable(said: Claims, good: Claims) -> bool:
    """A link that is opened, or settings that say where the link to place shall go."""
    if DEEP_LINKING not in good:
        return _filled(said.get(LTI + "resource_link", {}).get("id"))
    settings = said.get(DEEP_LINKING)
    if not isinstance(settings, dict) or not _word(settings.get("data")):
        return False
    address, kinds = settings.get("deep_link_return_url"), settings.get("accept_types")
    ours = isinstance(address, str) and address.startswith(good["iss"] + "/")
    return ours and isinstance(kinds, list) and "ltiResourceLink" in kinds
