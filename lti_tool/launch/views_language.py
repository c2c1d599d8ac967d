"""The switch of languages on pages of students: it lasts for the launch, and the next one follows the LMS again."""

from flask import redirect, request
from sqlalchemy import update
from werkzeug.wrappers import Response

from lti_tool.errors import InvalidInputError
from lti_tool.launch import landings, languages
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import LaunchSession
from lti_tool.storage.request import request_session

bp = launch_blueprint("language", __name__, roles=("student", "none"))


@bp.post("/language")
@takes("language", "back")
def choose() -> Response:
    """Keep the language for this launch and go back to the page; raises InvalidInputError for one not offered."""
    wanted = request.form.get("language", "")
    if wanted not in {one.code for one in languages.offered(current())}:
        raise InvalidInputError
    own = LaunchSession.id == current().id
    request_session().execute(update(LaunchSession).where(own).values(locale=wanted))
    return redirect(_back(), 303)


def _back() -> str:
    """The page that was left if it is of this launch, else the first one: an address never leads elsewhere."""
    launch, back = current(), request.form.get("back", "")
    if back.startswith(f"/l/{launch.id}/") and "\\" not in back and "//" not in back and back.isprintable():
        return back
    return landings.address(launch.id, launch.role, launch.course_id)
