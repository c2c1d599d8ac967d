"""Objecting to a use of one's texts: what is meant goes to the data-protection staff (P41, Art. 21 GDPR)."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from lti_tool.audit import record
from lti_tool.launch.pages import CurrentLaunch
from lti_tool.rights import requests

About = Literal["reading", "instructors", "training", "other"]
ABOUT: tuple[About, ...] = ("reading", "instructors", "training", "other")
MEANT: dict[About, str] = {
    "reading": "against reading and estimating texts",
    "instructors": "against staff seeing estimates",
    "training": "against texts improving the model",
    "other": "against something else; ask the person",
}
"""What stands in the request; the staff's page shows it as it is stored."""


def make(session: Session, now: datetime, launch: CurrentLaunch, about: About) -> None:
    """Open a request of the data-protection staff, with a row in the log; a double click opens no second one."""
    requests.record_own(session, now, launch.institution_id, "objection", launch.person_id, MEANT[about])
    record(
        session,
        now,
        "objected",
        code=about,
        institution_id=launch.institution_id,
        course_id=launch.course_id,
        actor_id=launch.person_id,
        subject_id=launch.person_id,
    )
