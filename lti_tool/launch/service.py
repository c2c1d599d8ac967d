"""The launch: one function that returns a frozen `Launch` or raises a named error."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.launch import (
    courses,
    custom,
    deep_links,
    id_token,
    logins,
    operators,
    origins,
    people,
    registrations,
    sessions,
)
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.id_token import LTI, NRPS, Claims, Expected
from lti_tool.launch.platform_keys import KeySets
from lti_tool.launch.roles import role_of
from lti_tool.launch.tables import Course, Deployment, LaunchSession, Registration
from lti_tool.settings import Settings
from lti_tool.storage import Database, new_id

LOCALE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8}){0,3}")


@dataclass(frozen=True)
class Launch:
    """A verified launch with its new session; `secret` goes into the browser's cookie and nowhere else."""

    id: str
    secret: str
    registration_id: str
    deployment_id: str
    course_id: str | None
    person_id: str
    role: str
    locale: str
    framed_by: str
    ended: tuple[str, ...]
    """Earlier launches of the same person and course, which this one closed (S6)."""
    places: bool
    """An instructor who came from the LMS's editor to place a link."""
    in_activity: bool
    """The link opens an activity in this tool."""


def launch(
    database: Database,
    settings: Settings,
    key_sets: KeySets,
    now: datetime,
    *,
    token: str,
    state: str,
    binding: str,
) -> Launch:
    """Verify a platform's form post and open a session; raises LaunchRefusedError.

    `binding` is the value of the login cookie. The state is spent whatever follows. The error carries what is
    known of the registration, so that the refusal can be logged and shown inside the course.
    """
    with database.session() as session:
        spent = logins.spend(session, now, state)
        registration = session.get(Registration, spent.registration_id) if spent else None
    if spent is None or registration is None:
        raise LaunchRefusedError("state")
    verified: Claims = {}
    try:
        if not binding:
            raise LaunchRefusedError("cookie_missing")
        if not sessions.same(binding, spent.binding_hash):
            raise LaunchRefusedError("state_binding")
        verified |= id_token.verified_claims(token, lambda kid: key_sets.key(now, registration.keys_url, kid))
        expected = Expected(registration.issuer, registration.client_id, spent.nonce_hash, spent.target)
        id_token.check(verified, expected, now)
        return _admit(database, settings, now, registration, verified, expected)
    except LaunchRefusedError as error:
        error.tell(registration.id, origins.joined(registration), origins.return_url(registration, verified))
        raise


def _admit(
    database: Database,
    settings: Settings,
    now: datetime,
    registration: Registration,
    claims: Claims,
    expected: Expected,
) -> Launch:
    """Registration, deployment, message; then the rows. A lost race of two first launches is run again."""
    if registration.status != "active":
        raise LaunchRefusedError("registration_inactive")
    deployment_key = claims.get(LTI + "deployment_id")
    if not deployment_key:
        raise LaunchRefusedError("deployment_missing")
    accept = registration.deployment_policy == "auto" or settings.environment in ("demo", "test")
    if not accept:
        _require_approved(database, now, registration, deployment_key)
    id_token.check_message(claims, expected, deep_linking=settings.deep_linking)
    try:
        with database.session() as session:
            return _open(session, settings, now, registration, deployment_key, claims)
    except IntegrityError:
        with database.session() as session:
            return _open(session, settings, now, registration, deployment_key, claims)


def _require_approved(
    database: Database, now: datetime, registration: Registration, deployment_key: str
) -> None:
    """Refuse a deployment that the operator has not approved; a new one waits for that from now on (L26)."""
    with suppress(IntegrityError), database.session() as session:
        deployment = registrations.deployment_for(session, now, registration, deployment_key, accept=False)
        if deployment.status == "active":
            return
    raise LaunchRefusedError("deployment_unknown")


def _open(
    session: Session,
    settings: Settings,
    now: datetime,
    registration: Registration,
    deployment_key: str,
    claims: Claims,
) -> Launch:
    deployment = registrations.deployment_for(session, now, registration, deployment_key, accept=True)
    course = _course(session, now, registration, deployment, claims)
    role_in_course = role_of(claims[LTI + "roles"]) if course else "none"
    administers = operators.is_listed(session, registration, claims["sub"])
    role = "administrator" if administers else role_in_course
    person = people.person_for(
        session,
        now,
        course,
        registration.issuer,
        registration.client_id,
        deployment.deployment_key,
        claims["sub"],
        custom.canvas_field(claims, custom.USER) or claims["sub"],
        institution_id=registration.institution_id,
    )
    if course:
        people.remember_membership(session, now, person.id, course.id, role_in_course)
    asked = deep_links.wanted(registration, claims) if id_token.asks_for_link(claims) else None
    places = asked is not None and role_in_course == "instructor"
    ended = tuple(sessions.end_others(session, now, person.id))
    secret = sessions.new_secret()
    link_key = _link_key(claims) if course else None
    row = LaunchSession(
        id=new_id(),
        secret_hash=sessions.digest(secret),
        person_id=person.id,
        course_id=course.id if course else None,
        institution_id=registration.institution_id,
        role=role,
        locale=_locale(claims, settings),
        return_url=origins.return_url(registration, claims),
        platform_origin=origins.joined(registration),
        created_at=now,
        seen_at=now,
        deep_link=asked.as_text() if asked and places else None,
        link_key=link_key,
        link_title=courses.plain(_link_title(claims)) if link_key else "",
        registration_id=registration.id,
        operator_index=operators.index_of(registration.issuer, registration.client_id, claims["sub"]),
    )
    session.add(row)
    audit.record(
        session,
        now,
        "launch",
        institution_id=registration.institution_id,
        registration_id=registration.id,
        course_id=row.course_id,
        actor_id=person.id,
        facts={"role": role},
    )
    return Launch(
        id=row.id,
        secret=secret,
        registration_id=registration.id,
        deployment_id=deployment.id,
        course_id=row.course_id,
        person_id=person.id,
        role=role,
        locale=row.locale,
        framed_by=row.platform_origin,
        ended=ended,
        places=places,
        in_activity=link_key is not None,
    )


def _course(
    session: Session, now: datetime, registration: Registration, deployment: Deployment, claims: Claims
) -> Course | None:
    """The course of the `context` claim; None outside a course, as from Canvas's account menu (G9)."""
    context: dict[str, Any] = claims.get(LTI + "context", {})
    key = context.get("id")
    kinds = context.get("type") or []
    if not key or "Account" in ([kinds] if isinstance(kinds, str) else kinds):
        return None
    roster_url = claims.get(NRPS, {}).get("context_memberships_url")
    trusted = isinstance(roster_url, str) and origins.is_of(registration, roster_url)
    return courses.remember(
        session,
        now,
        registration,
        deployment,
        key,
        title=context.get("title") or context.get("label") or "",
        roster_url=roster_url if trusted else None,
        lms_course_id=custom.canvas_field(claims, custom.COURSE),
        ends_on=courses.told_end(custom.canvas_field(claims, custom.ENDS)),
    )


def _link_key(claims: Claims) -> str | None:
    """Which activity in this tool the link opens; anything but a key of ours opens none."""
    key = custom.field(claims, deep_links.ACTIVITY)
    return key if key and deep_links.ACTIVITY_KEY.fullmatch(key) else None


def _link_title(claims: Claims) -> str:
    title = claims.get(LTI + "resource_link", {}).get("title")
    return title if isinstance(title, str) else ""


def _locale(claims: Claims, settings: Settings) -> str:
    given = claims.get(LTI + "launch_presentation", {}).get("locale") or claims.get("locale")
    return given if isinstance(given, str) and LOCALE.fullmatch(given) else settings.locale
