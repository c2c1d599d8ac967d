"""Custom fields as a platform sends them: signed in a launch, or in its roster's messages. Never from an address."""

from collections.abc import Mapping
from typing import Any

CUSTOM = "https://purl.imsglobal.org/spec/lti/claim/custom"
PLATFORM = "https://purl.imsglobal.org/spec/lti/claim/tool_platform"
USER, COURSE, ENDS = "canvas_user_id", "canvas_course_id", "canvas_course_ends"


def field(message: Mapping[str, Any], name: str) -> str | None:
    """The field as text, whether it came as text or as a number; None when it is missing or was not filled in.

    Canvas sends a variable that it cannot expand as it was written, such as `$Canvas.user.id`.
    """
    custom = message.get(CUSTOM)
    value = custom.get(name) if isinstance(custom, dict) else None
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    text = str(value).strip()
    return None if not text or text.startswith("$") else text


def canvas_field(claims: Mapping[str, Any], name: str) -> str | None:
    """A field that names a record of Canvas's API; None from a platform that says it is something else.

    In Moodle a teacher writes custom fields of an activity by hand, so there they could name another person's
    number or another course. Moodle's own numbers are the `sub` and the context's id, which nobody writes.
    """
    platform = claims.get(PLATFORM)
    family = platform.get("product_family_code") if isinstance(platform, dict) else None
    return field(claims, name) if family in (None, "", "canvas") else None
