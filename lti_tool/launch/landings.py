"""The first page of a role: where a launch leads, and where an error page leads back to."""

from typing import cast

from flask import current_app, url_for
from flask_babel import gettext as _


def address(launch_id: str, role: str, course_id: str | None, *, in_activity: bool = False) -> str:
    """The first page of a launch; outside a course only administrators have one of their own.

    A link of an activity leads students and instructors there.
    """
    landings = cast("dict[str, str]", current_app.extensions["undertone_landings"])
    if in_activity and f"{role} in an activity" in landings:
        return url_for(landings[f"{role} in an activity"], launch_id=launch_id)
    known = role if role == "administrator" or course_id else "none"
    return url_for(landings[known], launch_id=launch_id)


def way_back(role: str) -> str:
    """The words of the link to `address`."""
    if role == "instructor":
        return str(_("Back to the overview"))
    if role == "student":
        return str(_("Back to your page"))
    if role == "administrator":
        return str(_("Back to the connection"))
    return str(_("Back to the first page"))
