"""The administrator's page "Reading the course": the last pull, the next one, "Read now", and background work."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool import audit
from lti_tool.errors import NotFoundError
from lti_tool.ingest import background, background_words
from lti_tool.jobs import Job, enqueue, latest
from lti_tool.launch.admin_pages import admin_page
from lti_tool.launch.pages import current, launch_blueprint
from lti_tool.launch.tables import Course
from lti_tool.storage.request import now, request_session, wiring

bp = launch_blueprint("ingest", __name__, roles=("administrator",))
admin_page("ingest.reading", _l("Reading the course"), 20)

for _words in (
    background_words.work_name,
    background_words.work_state,
    background_words.failure_meaning,
    background_words.failure_remedy,
):
    bp.add_app_template_filter(_words)


@dataclass(frozen=True)
class CourseReading:
    """A course and its last pull."""

    course: Course
    job: Job | None
    next_at: datetime | None


@bp.app_template_filter()
def reading_step(step: str) -> str:
    """A step of a pull in words."""
    words: dict[str, str] = {
        "roster": _("Reading who is in the course"),
        "activities": _("Reading the list of forums and assignments"),
        "texts": _("Reading the texts of those who agreed"),
        "done": _("Done"),
    }
    return words.get(step) or str(_("Waiting to start"))


@bp.get("/reading")
def reading() -> str:
    """The course of this launch, or every course of the institution for one who came from outside a course."""
    courses = _courses()
    readings = [_reading(course) for course in courses]
    return render_template("ingest/reading.html", readings=readings, **_background(courses))


@bp.get("/reading/background")
def background_work() -> str:
    """The section that the page asks for while any work waits or runs."""
    return render_template("ingest/background.html", **_background(_courses()))


@bp.get("/reading/<course_id>/progress")
def progress(course_id: str) -> str:
    """The fragment that the page asks for while a pull is under way."""
    return render_template("ingest/progress.html", one=_reading(_course(course_id)), ended=True)


@bp.post("/reading/<course_id>")
def read_now(course_id: str) -> Response:
    """Queue a pull; asking again while one is under way changes nothing."""
    session, launch, course = request_session(), current(), _course(course_id)
    enqueue(session, now(), "pull", course.id)
    audit.record(
        session,
        now(),
        "pull_requested",
        institution_id=launch.institution_id,
        course_id=course.id,
        actor_id=launch.person_id,
    )
    return redirect(url_for("ingest.reading"), 303)


def _background(courses: list[Course]) -> dict[str, Any]:
    listed = background.groups(request_session(), courses)
    return {"groups": listed, "under_way": background.is_under_way(listed)}


def _courses() -> list[Course]:
    launch = current()
    query = select(Course).where(Course.institution_id == launch.institution_id).order_by(Course.title)
    if launch.course_id:
        query = query.where(Course.id == launch.course_id)
    return list(request_session().scalars(query))


def _course(course_id: str) -> Course:
    """Only a course that the page lists."""
    for course in _courses():
        if course.id == course_id:
            return course
    raise NotFoundError


def _reading(course: Course) -> CourseReading:
    job = latest(request_session(), "pull", course.id)
    ended = job.finished_at if job else None
    next_at = ended + timedelta(seconds=wiring().settings.pull_seconds) if ended else None
    return CourseReading(course, job, next_at)
