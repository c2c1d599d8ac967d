"""Pages that belong to a launch: `/l/<launch id>/…`, opened only by the browser that made the launch.

`launch_blueprint` makes a blueprint whose views need no thought of sessions: the cookie, the time limits, the
role and, on unsafe methods, the anti-forgery token and origin are checked first. `current()` says who it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Blueprint, Flask, g, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.errors import NotAllowedError
from lti_tool.launch import ages, antiforgery, closed, fields, headers, help_contacts, sessions, stopping
from lti_tool.launch.help_contacts import HelpBlock
from lti_tool.launch.tables import Course, Institution, LaunchSession
from lti_tool.storage.request import SAFE_METHODS, now, wiring

PREFIX = "/l/<launch_id>"


@dataclass(frozen=True)
class CurrentLaunch:
    """Who is looking at the page, in which course, as what."""

    id: str
    person_id: str
    course_id: str
    """Empty when an administrator arrived from outside a course."""
    institution_id: str
    role: str
    locale: str
    mode: str
    """Per-person display of the institution: `off`, `aggregate_only` or `individual` (P2); `off` in a course that
    was switched off."""
    course_title: str
    institution_name: str = ""
    help_contacts: str = ""
    help_blocks: Mapping[str, Any] = field(default_factory=dict)
    ages: str = ""
    """`adults`, `minors`, or empty while nobody has said: of the course, else of the institution (P22)."""
    link_key: str = ""
    """The key of the activity in this tool that the launch's link opens; empty for any other link."""
    link_title: str = ""
    off_because: str = ""
    """Why it is switched off, in the words of whoever did it; students and instructors read them (P64)."""

    def help_in(self, language: str) -> HelpBlock:
        """Where students find help, in the language if the institution has written it in that one (P53)."""
        return help_contacts.chosen(
            self.help_blocks, language, (self.help_contacts, wiring().settings.help_contacts)
        )


def launch_blueprint(name: str, import_name: str, roles: tuple[str, ...]) -> Blueprint:
    """A blueprint under `/l/<launch_id>` for the named roles; its views do not receive `launch_id`."""
    blueprint = Blueprint(name, import_name, url_prefix=PREFIX)

    @blueprint.url_value_preprocessor
    def take_launch_id(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.launch_id = (values or {}).pop("launch_id", "")

    @blueprint.before_request
    def guard() -> None:
        _guard(roles)

    return blueprint


def current() -> CurrentLaunch:
    """The launch of this page; RuntimeError on pages outside a launch."""
    if "launch" not in g:
        raise RuntimeError("this page belongs to no launch")
    return cast(CurrentLaunch, g.launch)


def current_or_none() -> CurrentLaunch | None:
    return cast("CurrentLaunch | None", g.get("launch"))


def fill_launch_ids(application: Flask) -> None:
    """Let `url_for("insights.overview")` name the launch of the page by itself."""

    @application.url_defaults
    def fill(endpoint: str, values: dict[str, Any]) -> None:
        launch = current_or_none()
        expected = application.url_map.is_endpoint_expecting(endpoint, "launch_id")
        if launch and expected and "launch_id" not in values:
            values["launch_id"] = launch.id


def _guard(roles: tuple[str, ...]) -> None:
    launch_id, database = g.launch_id, wiring().database
    with database.reading() as session:
        row = _open_session(session, launch_id)
        g.launch = launch = _describe(session, row)
        seen_at = row.seen_at
    if launch.role not in roles:
        raise NotAllowedError
    if request.method not in SAFE_METHODS:
        antiforgery.check(launch_id, wiring().settings.base_url)
        fields.check()
    if now() - seen_at >= sessions.SEEN_EVERY:
        with database.session() as session:
            sessions.touch(session, now(), launch_id)


def recognise(session: Session, launch_id: str) -> None:
    """Make the launch of an address that no view answers the current one; raises what its pages raise."""
    g.launch = _describe(session, _open_session(session, launch_id))


def _open_session(session: Session, launch_id: str) -> LaunchSession:
    secret = request.cookies.get(sessions.cookie_name(launch_id), "")
    row = session.get(LaunchSession, launch_id) if secret else None
    if row is None or not sessions.same(secret, row.secret_hash):
        raise closed.stranger()
    headers.frame_by(row.platform_origin)  # first, so that the page that says "closed" is seen in its frame
    if not sessions.is_open(row, now()):
        raise closed.over()
    return row


def _describe(session: Session, row: LaunchSession) -> CurrentLaunch:
    described = select(Institution, Course.title, Course.may_hold_minors).outerjoin(
        Course, Course.id == row.course_id
    )
    institution, title, minors = session.execute(described.where(Institution.id == row.institution_id)).one()
    stop = stopping.stop_of(session, now(), row.course_id) if row.course_id else None
    off = stop is not None and stop.level in ("institution", "course")
    return CurrentLaunch(
        id=row.id,
        person_id=row.person_id,
        course_id=row.course_id or "",
        institution_id=row.institution_id,
        role=row.role,
        locale=row.locale,
        mode="off" if off else institution.mode,
        course_title=title or "",
        institution_name=institution.name,
        help_contacts=institution.help_contacts or wiring().settings.help_contacts,
        help_blocks=institution.help_blocks,
        ages=ages.of(institution, minors),
        link_key=row.link_key or "",
        link_title=row.link_title,
        off_because=stop.reason if stop and off else "",
    )


def record_refusal(code: str, correlation_id: str) -> None:
    """One audit row for a page that was not opened (S22)."""
    launch = current_or_none()
    with wiring().database.session() as session:
        audit.record(
            session,
            now(),
            "access_refused",
            code=code,
            institution_id=launch.institution_id if launch else None,
            course_id=(launch.course_id or None) if launch else None,
            actor_id=launch.person_id if launch else None,
            correlation_id=correlation_id,
            facts={"endpoint": request.endpoint or ""},
        )
