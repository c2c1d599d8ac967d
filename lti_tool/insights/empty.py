"""Why there is no picture, and what next: each reason in its own words (U49)."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.insights.snapshot import SnapshotBody
from lti_tool.jobs.service import latest
from lti_tool.jobs.tables import Job
from lti_tool.launch.pages import CurrentLaunch
from lti_tool.launch.tables import Course, Deployment
from lti_tool.lms.tables import LmsConnection

PULL = "pull"


@dataclass(frozen=True)
class Words:
    """A title, the reason, the next step, and how a job under way is named."""

    reason: str
    title: str
    why: str
    next: str
    progress: str = ""


def reason(session: Session, launch: CurrentLaunch, body: SnapshotBody | None) -> str | None:
    """The key of `words`, or None when there is a picture to show."""
    if launch.mode == "off":
        return "paused"
    if body is not None and body.state in ("ready", "too_few", "no_model"):
        return None if body.state == "ready" else body.state
    if not _connected(session, launch.course_id):
        return "not_set_up"
    pull = latest(session, PULL, launch.course_id)
    if pull is None or pull.state != "done":
        return "not_synced"
    return "no_posts" if body is not None else "preparing"


def job_under_way(session: Session, course_id: str) -> Job | None:
    """The pull that is queued or running, to show its progress."""
    pull = latest(session, PULL, course_id)
    return pull if pull and pull.state in ("queued", "running") else None


def words(key: str) -> Words:
    """What the page says."""
    texts = {
        "paused": (
            _("Switched off"),
            _("Your institution has not switched this tool on, so nothing is read and nothing is shown."),
            _("Ask the administrator of this tool, who can switch it on and say for what."),
        ),
        "not_set_up": (
            _("Not connected yet"),
            _("The tool cannot read this course because nobody has connected it to your learning platform."),
            _("Ask the administrator of this tool to add the connection. Nothing is needed from you."),
        ),
        "not_synced": (
            _("Nothing read yet"),
            _("The connection is there, but the texts of this course have not been read completely."),
            _("They are read by themselves, on a schedule. Look again later; you can leave this page."),
        ),
        "preparing": (
            _("The first picture is being made"),
            _("The texts are there; they are being read by the model and put together."),
            _("This takes a few minutes. Look again soon; you can leave this page."),
        ),
        "no_posts": (
            _("No texts yet"),
            _("There is no forum post and no reflection in this course that could be read."),
            _("A question in the forum or a short weekly reflection is a good start."),
        ),
        "no_model": (
            _("No model is serving"),
            _("The texts are there, but no model is installed that could read them."),
            _("Ask the administrator of this tool to install one. The texts wait."),
        ),
        "too_few": (
            _("Too few to show"),
            _("A picture appears when enough students have agreed and written; until then there is none."),
            _("Students are asked when they open this tool. You can tell them what you hope to learn."),
        ),
    }
    title, why, then = texts[key]
    return Words(key, title, why, then, _("Reading the texts of this course"))


def _connected(session: Session, course_id: str) -> bool:
    query = (
        select(LmsConnection.registration_id)
        .join(Deployment, Deployment.registration_id == LmsConnection.registration_id)
        .join(Course, Course.deployment_id == Deployment.id)
    )
    return session.scalar(query.where(Course.id == course_id)) is not None
