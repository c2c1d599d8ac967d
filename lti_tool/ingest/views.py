"""The administrator's page "Reading the course": the last pull, the next one, "Read now", and background work."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from lti_tool import audit
from lti_tool.ingest import background, background_words, breaker, reasons, state
from lti_tool.ingest.background import Work
from lti_tool.ingest.state import CourseState
from lti_tool.jobs import Job, latest
from lti_tool.launch.admin_pages import admin_page
from lti_tool.launch.courses import one_seen_from, seen_from
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
    reasons.why_not_read,
):
    bp.add_app_template_filter(_words)


BEGUN_BY_STUDENTS = frozenset({"reflections", "score"})
"""Work that also begins when a student hands in a text here, which only those can do who agreed: no time of it, and no
progress, is told."""
NEEDLESS = frozenset({"reflections"})
"""Work that there is only when somebody has handed in: nothing is said of it unless it failed."""


@dataclass(frozen=True)
class CourseReading:
    """A course and its last pull."""

    course: Course
    job: Job | None
    next_at: datetime | None
    state: CourseState


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


@bp.app_template_global()
def course_state() -> CourseState | None:
    """How the course of this launch stands with its LMS, for pages of its staff; None outside a course."""
    session, launch = request_session(), current()
    return (
        state.of_course(session, now(), session.get_one(Course, launch.course_id))
        if launch.course_id
        else None
    )


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
    breaker.ask(session, now(), course.id)
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
    found = background.groups(request_session(), courses)
    listed = [replace(group, works=_as_told(group.works)) for group in found]
    return {"groups": listed, "under_way": background.is_under_way(listed), "untold": BEGUN_BY_STUDENTS}


def _as_told(works: Sequence[Work]) -> list[Work]:
    """What a hand-in begins is told of as far as somebody has to see to it, and without its moment (P14)."""
    told = [replace(work, under_way=None) if work.kind in BEGUN_BY_STUDENTS else work for work in works]
    return [work for work in told if work.failed or work.kind not in NEEDLESS]


def _courses() -> list[Course]:
    launch = current()
    return seen_from(request_session(), launch.institution_id, launch.course_id)


def _course(course_id: str) -> Course:
    """Only a course that the page lists."""
    launch = current()
    return one_seen_from(request_session(), launch.institution_id, launch.course_id, course_id)


def _reading(course: Course) -> CourseReading:
    job = latest(request_session(), "pull", course.id)
    ended = job.finished_at if job else None
    next_at = ended + timedelta(seconds=wiring().settings.pull_seconds) if ended else None
    found = state.of_course(request_session(), now(), course)
    if next_at is not None and found.paused_until is not None:
        next_at = max(next_at, found.paused_until)
    return CourseReading(course, job, next_at, found)
