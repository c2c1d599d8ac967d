"""Who is in a course, by the platform's Names and Roles service: read into memory, never written."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urljoin

from requests.utils import parse_header_links
from sqlalchemy import select

from lti_tool.errors import UndertoneError
from lti_tool.launch import courses, custom, origins, people, service_tokens
from lti_tool.launch.roles import role_of
from lti_tool.launch.tables import Course, Membership, PersonKey, Registration
from lti_tool.outbound.client import Answer, Client
from lti_tool.settings import Settings
from lti_tool.storage import Database, opened

SCOPES = ("https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",)
CONTAINER = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
MOST_BYTES = 20 * 1024 * 1024
MOST_PAGES = 1000


class RosterUnavailableError(UndertoneError):
    """No complete roster: a pull waits, since names could not be removed from texts."""

    code = "roster_unavailable"
    status = 503
    words = "The list of people in this course cannot be read, so nothing was read from the course."


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the course as the platform lists them."""

    lms_user_id: str
    given: str
    family: str
    name: str
    email: str
    roles: tuple[str, ...]
    student: bool
    sub: str = ""
    """Whom the LMS's launches call so."""


@dataclass(frozen=True)
class Roster:
    """Everyone who is enrolled now; whoever is absent has left."""

    members: tuple[Member, ...]
    names: bool
    """False when the platform does not share the names of all students."""

    @property
    def lms_ids(self) -> dict[str, str]:
        """From the `sub` to the id of the LMS's API, where that is another."""
        return {one.sub: one.lms_user_id for one in self.members if one.sub and one.sub != one.lms_user_id}


def read(database: Database, settings: Settings, course_id: str) -> Roster:
    """Read the whole roster; raises RosterUnavailableError when any page of it is missing.

    Of what came, only the members stay: a course of thousands takes the memory of one page and of their names.
    """
    with database.reading() as session:
        course = session.get_one(Course, course_id)
        registration = courses.registration_of(session, course)
        recorded = people.recorded_lms_ids(session, course)
        seen = _roles_seen(database, course_id)
    if not course.roster_url:
        raise RosterUnavailableError(code="roster_not_offered")
    try:
        listed = _entries(database, Client(settings), registration, course)
        members = tuple(_member(entry, seen, recorded) for entry in listed)
    except RosterUnavailableError:
        raise
    except UndertoneError as error:
        raise RosterUnavailableError(error.words, code=error.code) from error
    students = [member for member in members if member.student]
    return Roster(members, bool(members) and all(_has_name(student) for student in students or members))


def _entries(
    database: Database, client: Client, registration: Registration, course: Course
) -> Iterator[dict[str, Any]]:
    """Every entry of every page; a next page on another origin is refused (S19)."""
    url: str | None = _first_url(course)
    visited = set[str]()
    while url:
        if url in visited or len(visited) >= MOST_PAGES or not origins.is_of(registration, url):
            raise RosterUnavailableError(code="roster_paging")
        visited.add(url)
        entries, url = _page(database, client, registration, url)
        yield from (entry for entry in entries if isinstance(entry, dict) and _is_active(entry))


def _page(
    database: Database, client: Client, registration: Registration, url: str
) -> tuple[list[Any], str | None]:
    """What one page lists, and the address of the next."""
    answer = _answer(database, client, registration, url)
    body = answer.json()
    entries = body.get("members") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise RosterUnavailableError(code="roster_shape")
    return entries, _next(url, answer)


def _answer(database: Database, client: Client, registration: Registration, url: str) -> Answer:
    """One page, with a fresh token once when the kept one is not taken any more."""
    for attempt in range(2):
        now = datetime.now(UTC)
        token = service_tokens.token(database, client, now, registration, SCOPES)
        headers = {"Authorization": f"Bearer {token}", "Accept": CONTAINER}
        answer = client.get(url, headers=headers, most_bytes=MOST_BYTES)
        if answer.status == 200:
            return answer
        if answer.status != 401 or attempt:
            raise RosterUnavailableError(code=f"roster_http_{answer.status}")
        with database.session() as session:
            service_tokens.forget(session, registration.id, SCOPES)
    raise AssertionError("unreachable")


def _first_url(course: Course) -> str:
    """Canvas adds each member's custom fields, its API's user id among them, when asked with `rlid`."""
    url = str(course.roster_url)
    if course.lms_course_id is None:
        return url
    return url + ("&" if "?" in url else "?") + urlencode({"rlid": course.context_key})


def _next(url: str, answer: Answer) -> str | None:
    """The address of the next page, in the case that the platform wrote it."""
    links = parse_header_links(answer.headers.get("Link", ""))
    following = next((link.get("url") for link in links if link.get("rel", "").lower() == "next"), None)
    return urljoin(url, following) if following else None


def _is_active(entry: dict[str, Any]) -> bool:
    return isinstance(entry.get("user_id"), str | int) and entry.get("status", "Active") == "Active"


def _member(entry: dict[str, Any], seen: dict[str, str], recorded: Callable[[str], str | None]) -> Member:
    """Moodle lists a non-editing teacher as Learner, so a role seen in a launch comes first.

    Someone of whom the roster tells only the `sub` keeps the id that a launch told: they have not left.
    """
    roles = tuple(role for role in entry.get("roles") or () if isinstance(role, str))
    sub = str(entry["user_id"])
    lms_user_id = _custom_user_id(entry) or recorded(sub) or sub
    return Member(
        lms_user_id=lms_user_id,
        given=_text(entry, "given_name"),
        family=_text(entry, "family_name"),
        name=_text(entry, "name"),
        email=_text(entry, "email"),
        roles=roles,
        student=seen.get(lms_user_id, role_of(roles)) == "student",
        sub=sub,
    )


def _custom_user_id(entry: dict[str, Any]) -> str | None:
    messages = entry.get("message")
    message = messages[0] if isinstance(messages, list) and messages else None
    return custom.field(message, custom.USER) if isinstance(message, dict) else None


def _text(entry: dict[str, Any], field: str) -> str:
    value = entry.get(field)
    return value.strip() if isinstance(value, str) else ""


def _has_name(member: Member) -> bool:
    return bool(member.name or member.given or member.family)


def _roles_seen(database: Database, course_id: str) -> dict[str, str]:
    """The role of each person's newest launch, by the LMS's own id."""
    with database.reading() as session:
        query = select(opened(PersonKey.lms_user_id), Membership.role).join(
            Membership, Membership.person_id == PersonKey.person_id
        )
        rows = session.execute(query.where(Membership.course_id == course_id))
        return dict(rows.all())
