"""Who is calling: institutions, registrations, deployments, courses, people, memberships, sessions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Kept, Owned, UtcDateTime, new_id

Role = str
"""One of `instructor`, `student`, `administrator`, `none`."""


class Institution(Base):
    __tablename__ = "institutions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str]
    mode: Mapped[str] = mapped_column(default="off")
    """`off`, `aggregate_only` or `individual` (P2); chosen by the operator, never preselected."""
    mode_record: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The decision on the mode (`institutions.Decision`), who entered it and when; empty until there is one."""
    help_contacts: Mapped[str] = mapped_column(default="")
    """One line for every language, where `help_blocks` says nothing."""
    help_blocks: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """`help_contacts.HelpBlock` by language (P53)."""
    protocol: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What staff do about a text that worries them (`protocols.Protocol`, P55); empty until it is set."""
    ages: Mapped[str] = mapped_column(default="")
    """`adults` or `minors`; empty until somebody decides: only in `adults` anybody is asked (P22)."""
    confirmed_texts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By language, the translation of the choice page that somebody of the institution has confirmed (U48)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Registration(Base):
    """One (issuer, client id) pair and the platform's endpoints.

    Only approved ones are unique: a pair that somebody else has merely typed in keeps nobody out.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        Index(
            "uq_registrations_approved",
            "issuer",
            "client_id",
            unique=True,
            sqlite_where=text("status <> 'pending'"),
            postgresql_where=text("status <> 'pending'"),
        ),
    )
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"), index=True)
    issuer: Mapped[str]
    client_id: Mapped[str]
    authorization_url: Mapped[str]
    token_url: Mapped[str]
    keys_url: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")
    """`pending`, `active` or `suspended`."""
    deployment_policy: Mapped[str] = mapped_column(default="ask")
    """`ask`: a new deployment waits for the operator; `auto`: its first valid launch accepts it."""
    origin: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """How it came: `way` (`by_hand`, `dynamic`, `command`), and what the platform said of itself (S16)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Deployment(Base):
    __tablename__ = "deployments"
    __table_args__ = (UniqueConstraint("registration_id", "deployment_key"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"))
    deployment_key: Mapped[str]
    """The platform's `deployment_id`."""
    status: Mapped[str] = mapped_column(default="pending")
    """`pending` or `active`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Course(Base):
    """An LTI context: a course, known by its platform's id within one deployment."""

    __tablename__ = "courses"
    __table_args__ = (UniqueConstraint("deployment_id", "context_key"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"), index=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id"))
    context_key: Mapped[str]
    """The `context.id` claim; also Moodle's course id."""
    lms_course_id: Mapped[str | None]
    """The id that the LMS's own API uses, from a signed custom field (Canvas); None means `context_key`."""
    title: Mapped[str] = mapped_column(default="")
    roster_url: Mapped[str | None]
    """`context_memberships_url` of the last verified launch."""
    may_hold_minors: Mapped[bool] = mapped_column(default=False)
    """Said of this course, whatever is said of the institution (P22)."""
    starts_on: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_launch_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ends_on: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """From then on nothing is read, everybody's consent ends (P19), and times of deletion count from it (P62)."""
    ends_by: Mapped[str] = mapped_column(String(16), default="")
    """Who said when it ends: `institution`, whose date stands, or `lms`; empty for nobody."""


class CourseStop(Base):
    """A course that an administrator has switched off, and when it was switched on again (P64); rows are history."""

    __tablename__ = "course_stops"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    reason: Mapped[str]
    """In the administrator's words; students and instructors of the course read it."""
    stopped_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_by: Mapped[str | None] = mapped_column(String(32))
    """Person id of the administrator; None for the command line."""
    resumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resumed_by: Mapped[str | None] = mapped_column(String(32))
    resumed_because: Mapped[str] = mapped_column(default="")


class Person(Base):
    """A person in one course: a random id and nothing else (design decision 2)."""

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"), index=True)
    course_id: Mapped[str | None] = mapped_column(ForeignKey("courses.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonKey(Base):
    """The one lookup from an LMS identity to a person; deleting the row cuts the link for good (P29)."""

    __tablename__ = "person_keys"
    __owned__ = Owned(purpose="access", export=("lms_user_id",), keep="access")
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    identity_index: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed by institution, over issuer, client id, deployment, course and `sub` (`pseudonyms.Identities`)."""
    key_id: Mapped[str] = mapped_column(String(8), default="")
    """Which pseudonym key made the index; empty in a row from before there were any."""
    lms_user_id: Mapped[str] = mapped_column(EncryptedText)
    """The LTI `sub` (Moodle) or the signed custom user id (Canvas): the author id in the LMS's API."""
    subject: Mapped[str | None] = mapped_column(EncryptedText)
    """The `sub` where `lms_user_id` is another: without it the index could not be made anew under the next key."""


class Membership(Base):
    """The role of a person in the course by the last verified launch or roster."""

    __tablename__ = "memberships"
    __owned__ = Owned(
        purpose="access", export=("role", "active", "seen_at"), keep="access", held_at="seen_at"
    )
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    listed: Mapped[bool] = mapped_column(default=False)
    """Whether the last roster named them; somebody it never named, such as a site's administrator, has not left."""
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a roster first lacked them; from then on the time of what is kept about them counts (P43)."""


class Operator(Base):
    """An administrator whom the operator has listed by (issuer, client id, sub); LMS roles give nothing."""

    __tablename__ = "operators"
    __table_args__ = (UniqueConstraint("institution_id", "identity_index"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    identity_index: Mapped[str] = mapped_column(String(64))
    """`operators.index_of`: a keyed index of issuer, client id and sub."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Invite(Base):
    """Something that may be done once within a day by whoever holds the secret of which this is the hash."""

    __tablename__ = "invites"
    __kept__ = Kept("operation_logs", "created_at")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    """`administration`, `registration` or `listing` (invites.Purpose)."""
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    spent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LoginAttempt(Base):
    """One OIDC login under way: state and nonce hashed, single use, ten minutes (S2)."""

    __tablename__ = "login_attempts"
    __kept__ = Kept("operation_logs", "created_at")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"))
    state_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    nonce_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    binding_hash: Mapped[str | None] = mapped_column(String(64))
    request: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The allow-listed login parameters, unspent until the browser's cookie is seen (S5)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LaunchSession(Base):
    """One server-side session per launch (S6, S7); the browser holds a secret of which this is the hash."""

    __tablename__ = "launch_sessions"
    __owned__ = Owned(
        purpose="access",
        export=("role", "created_at"),
        keep="operation_logs",
        since="created_at",
        held_at="created_at",
    )
    __table_args__ = (Index("ix_launch_sessions_person_id_course_id", "person_id", "course_id"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    """Public: it names the launch in addresses (`/l/<id>/…`) and opens nothing without the cookie."""
    secret_hash: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("courses.id"))
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    role: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    return_url: Mapped[str | None] = mapped_column(EncryptedText)
    platform_origin: Mapped[str] = mapped_column(default="")
    """Origin that may frame the pages of this launch (S12)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deep_link: Mapped[str | None] = mapped_column(EncryptedText)
    """What a platform's editor asked for (`deep_links.Wanted`); None for a launch to read and write."""
    registration_id: Mapped[str | None] = mapped_column(ForeignKey("registrations.id"))
    """Through which platform it came; None for an administrator's one-time link."""
    link_key: Mapped[str | None] = mapped_column(String(64))
    """The link's own activity in this tool, from its signed custom parameter (`deep_links.ACTIVITY`)."""
    link_title: Mapped[str] = mapped_column(default="")
    """What the LMS calls that link."""
    operator_index: Mapped[str | None] = mapped_column(String(64))
    """Under which index this person would be listed as an administrator (`operators.index_of`)."""


class ToolKey(Base):
    """Our own signing keys: RSA, the private part encrypted, published with their `kid` (S11)."""

    __tablename__ = "tool_keys"
    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    private_pem: Mapped[str] = mapped_column(EncryptedText)
    public_jwk: Mapped[dict[str, Any]]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ServiceToken(Base):
    """An access token of a platform service, keyed by registration and scopes, shared by all workers."""

    __tablename__ = "service_tokens"
    __table_args__ = (UniqueConstraint("registration_id", "scopes"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"))
    scopes: Mapped[str]
    token: Mapped[str] = mapped_column(EncryptedText)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
