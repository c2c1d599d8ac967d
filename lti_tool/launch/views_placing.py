"""`/l/…/place`: an instructor places a link to this tool in the course, as the LMS's editor asked for."""

from flask import render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import InvalidInputError, NotFoundError
from lti_tool.launch import courses, deep_links, headers
from lti_tool.launch.antiforgery import origin_of
from lti_tool.launch.fields import takes
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Course, LaunchSession
from lti_tool.storage import new_id
from lti_tool.storage.request import now, request_session, wiring

bp = launch_blueprint("placing", __name__, roles=("instructor", "administrator"))


class TitleError(InvalidInputError):
    code = "title"
    words = "A link needs a name of at most 100 characters. Nothing was placed."


@bp.get("/place")
def choose() -> str:
    """Offer the names that such a link usually has."""
    _asked(request_session())
    return render_template("launch/place.html", names=[_("Reflections"), _("Course mood")])


@bp.post("/place")
@takes("what", "name", "own_name")
def place() -> str:
    """Sign the answer; the page's form carries it to the platform."""
    session = request_session()
    asked = _asked(session)
    title = courses.plain(request.form.get("own_name", "")) or courses.plain(request.form.get("name", ""))
    if not title or len(title) > deep_links.LONGEST_TITLE:
        raise TitleError
    course = session.get_one(Course, current().course_id)
    registration = courses.registration_of(session, course)
    target = wiring().settings.base_url + url_for("lti.launch")
    activity = new_id() if request.form.get("what") == "reflection" else ""
    token = deep_links.answer(session, now(), registration, asked, title, target, activity)
    audit.record(
        session,
        now(),
        "link_placed",
        institution_id=current().institution_id,
        registration_id=registration.id,
        course_id=course.id,
        actor_id=current().person_id,
    )
    headers.allow_form_to(origin_of(asked.return_url))
    return render_template("launch/placed.html", address=asked.return_url, token=token)


def _asked(session: Session) -> deep_links.Wanted:
    """What the platform asked for; only a launch that asked has such a page."""
    row = session.get_one(LaunchSession, current().id)
    if row.deep_link is None:
        raise NotFoundError
    return deep_links.Wanted.of_text(row.deep_link)
