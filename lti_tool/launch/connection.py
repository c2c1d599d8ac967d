"""What an administrator sees of a connection, and the check of it: keys, clock, roster, LMS calls, cookies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple, Protocol

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.audit.tables import AuditEvent
from lti_tool.errors import UndertoneError
from lti_tool.launch import registrations, roster
from lti_tool.launch.addresses import hosts_of
from lti_tool.launch.platform_keys import KeySets
from lti_tool.launch.tables import Course, Deployment, Registration
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings
from lti_tool.storage import Database

MOST_SECONDS_APART = 30
"""Moodle's launches live a minute, and a minute of grace is given: half of it is left."""
LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """One thing that was tried, whether it works, and what to do when it does not."""

    name: str
    ok: bool | None
    """None when it could not be tried."""
    words: str


@dataclass(frozen=True)
class Account:
    """The LMS account that reads a platform's courses, as it was typed in."""

    kind: str
    address: str
    token: str


class Reader(NamedTuple):
    """The account by which a platform is read, as pages tell of it."""

    kind: str
    address: str
    standing: str = ""
    """Of an account that authorises in the LMS: `waiting`, `authorised`, `again` or `revoked`; else empty."""


class Lms(Protocol):
    """What is told of the LMS behind a registration; reading an LMS is a part above this one."""

    def described(self, session: Session, registration_id: str) -> Reader | None:
        """How the LMS is read, or None when no connection is set up."""
        ...

    def connect(
        self, session: Session, now: datetime, settings: Settings, registration_id: str, account: Account
    ) -> None:
        """Keep the account, replacing what was there; raises InvalidInputError."""
        ...

    def left(self, database: Database, settings: Settings, registration: Registration, actor_id: str) -> None:
        """End what the LMS granted to a platform that is about to be removed; calls go out."""
        ...

    def checked(
        self, database: Database, settings: Settings, registration_id: str, course: Course | None
    ) -> list[Line]:
        """Try what a reading needs, in a course when there is one; faults become lines."""
        ...


@dataclass(frozen=True)
class Described:
    """A registration with its deployments and the LMS behind it."""

    registration: Registration
    deployments: list[Deployment]
    lms: Reader | None

    @property
    def hosts(self) -> list[str]:
        """Whom this tool calls and sends people to, as the platform's addresses name them."""
        one = self.registration
        return hosts_of(one.issuer, one.authorization_url, one.token_url, one.keys_url)

    @property
    def waiting(self) -> int:
        return sum(deployment.status == "pending" for deployment in self.deployments)


def described(session: Session, institution_id: str, lms: Lms) -> list[Described]:
    """Every registration of an institution, in the order in which they came."""
    own = select(Registration).where(Registration.institution_id == institution_id)
    found = session.scalars(own.order_by(Registration.created_at, Registration.id))
    return [describe(session, registration, lms) for registration in found]


def describe(session: Session, registration: Registration, lms: Lms) -> Described:
    return Described(
        registration,
        registrations.deployments(session, registration),
        lms.described(session, registration.id),
    )


def course_to_check(session: Session, registration: Registration, course_id: str) -> Course | None:
    """The course of the launch when it is this platform's, else the one of it that was opened last."""
    own = select(Course).join(Deployment).where(Deployment.registration_id == registration.id)
    here = session.scalar(own.where(Course.id == course_id)) if course_id else None
    opened = own.where(Course.last_launch_at.is_not(None)).order_by(Course.last_launch_at.desc())
    return here or session.scalars(opened.limit(1)).first()


def check(
    database: Database,
    settings: Settings,
    key_sets: KeySets,
    lms: Lms,
    now: datetime,
    registration: Registration,
    course: Course | None,
) -> Iterator[Line]:
    """Try the platform's keys and clock, the roster and the LMS's calls, in no transaction."""
    reachable = key_sets.reachable(now, registration.keys_url)
    failed = _("The platform's keys cannot be fetched: people cannot sign in.")
    yield Line(_("Keys of the platform"), reachable, "" if reachable else failed)
    if reachable:
        yield from _check_clock(settings, registration)
    yield _check_roster(database, settings, course)
    try:
        yield from lms.checked(database, settings, registration.id, course)
    except UndertoneError as error:
        yield Line(_("Reading the LMS"), False, str(_(error.words)))
    yield _signing_in(database, now, registration)


def frame_line(*, inside: bool) -> Line:
    """What this very request shows of cookies in frames: it came with one, so inside a frame they are kept."""
    name = _("Cookies in the course page")
    if inside:
        return Line(name, True, _("This browser keeps the tool's cookie inside the course page."))
    untried = _(
        "This page stands in a window of its own. Check from inside a course page to try this browser."
    )
    return Line(name, None, untried)


def _check_clock(settings: Settings, registration: Registration) -> Iterator[Line]:
    """By the `Date` of an answer (RFC 9110, 6.6.1); a platform that sends none is not judged."""
    try:
        said = Client(settings).get(registration.keys_url).headers.get("Date", "")
        apart = abs((parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (UndertoneError, ValueError, TypeError):
        return
    words = ngettext("%(num)d second apart", "%(num)d seconds apart", round(apart))
    if apart > MOST_SECONDS_APART:
        words = _(
            "%(apart)s: sign-ins will fail. Set the clock of this server or of the platform.", apart=words
        )
    yield Line(_("Clocks"), apart <= MOST_SECONDS_APART, words)


def _check_roster(database: Database, settings: Settings, course: Course | None) -> Line:
    name = _("List of people")
    if course is None:
        return Line(name, None, _("Open the tool from a course once, then check again."))
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


def _signing_in(database: Database, now: datetime, registration: Registration) -> Line:
    """How sign-ins went lately: refused ones mean a fault, new windows that browsers keep no cookies in frames."""
    with database.reading() as session:
        own = AuditEvent.registration_id == registration.id, AuditEvent.at > now - LOOKED_BACK
        rows = session.execute(
            select(AuditEvent.event, func.count()).where(*own).group_by(AuditEvent.event)
        ).all()
    counts = {event: int(count) for event, count in rows}
    good, bad, windows = (counts.get(name, 0) for name in ("launch", "launch_refused", "new_window_offered"))
    if not (good or bad or windows):
        return Line(_("Sign-ins"), None, _("Nobody has signed in from this platform in 30 days."))
    words = _(
        "In 30 days: %(good)s worked, %(bad)s refused, %(windows)s offered a new window because the browser kept no "
        "cookie in the course page.",
        good=good,
        bad=bad,
        windows=windows,
    )
    return Line(_("Sign-ins"), not bad or good > bad, words)
