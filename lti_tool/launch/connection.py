"""What an administrator sees of a connection, and the check of it: keys, roster, LMS calls."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.errors import UndertoneError
from lti_tool.launch import courses, roster
from lti_tool.launch.platform_keys import KeySets
from lti_tool.launch.tables import Course, Deployment, Registration
from lti_tool.settings import Settings
from lti_tool.storage import Database


@dataclass(frozen=True)
class Line:
    """One thing that was tried, whether it works, and what to do when it does not."""

    name: str
    ok: bool
    words: str


class Lms(Protocol):
    """What is told of the LMS behind a registration; reading an LMS is a part above this one."""

    def described(self, session: Session, registration_id: str) -> tuple[str, str] | None:
        """Kind and address of the LMS, or None when no connection is set up."""
        ...

    def checked(self, database: Database, settings: Settings, course: Course) -> list[Line]:
        """Try what a reading needs; faults become lines."""
        ...


@dataclass(frozen=True)
class Described:
    """A registration with its deployments and the LMS behind it."""

    registration: Registration
    deployments: int
    waiting: int
    lms: tuple[str, str] | None


def described(session: Session, institution_id: str, lms: Lms) -> list[Described]:
    """Every registration of an institution."""
    own = select(Registration).where(Registration.institution_id == institution_id)
    return [_describe(session, registration, lms) for registration in session.scalars(own)]


def course_to_check(session: Session, institution_id: str, course_id: str) -> Course | None:
    """The course of the launch, else the one of the institution that was opened last."""
    if course_id:
        return session.get(Course, course_id)
    own = Course.institution_id == institution_id, Course.last_launch_at.is_not(None)
    return session.scalars(select(Course).where(*own).order_by(Course.last_launch_at.desc())).first()


def check(
    database: Database, settings: Settings, key_sets: KeySets, lms: Lms, now: datetime, course: Course
) -> Iterator[Line]:
    """Try the platform's keys, the roster and the LMS's calls of a course, in no transaction."""
    with database.reading() as session:
        registration = courses.registration_of(session, course)
    reachable = key_sets.reachable(now, registration.keys_url)
    failed = _("The platform's keys cannot be fetched: people cannot sign in.")
    yield Line(_("Keys of the platform"), reachable, "" if reachable else failed)
    yield _check_roster(database, settings, course)
    try:
        yield from lms.checked(database, settings, course)
    except UndertoneError as error:
        yield Line(_("Reading the LMS"), False, str(_(error.words)))


def _check_roster(database: Database, settings: Settings, course: Course) -> Line:
    name = _("List of people")
    try:
        found = roster.read(database, settings, course.id)
    except UndertoneError as error:
        return Line(name, False, str(_(error.words)))
    if not found.names:
        return Line(
            name, False, _("Names are not shared with this tool, so they cannot be removed from texts.")
        )
    count = len(found.members)
    return Line(name, True, ngettext("%(num)d person", "%(num)d people", count))


def _describe(session: Session, registration: Registration, lms: Lms) -> Described:
    states = session.scalars(
        select(Deployment.status).where(Deployment.registration_id == registration.id)
    ).all()
    waiting = sum(state == "pending" for state in states)
    return Described(registration, len(states), waiting, lms.described(session, registration.id))
