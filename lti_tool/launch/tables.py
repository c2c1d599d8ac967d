"""Who is calling: institutions, registrations, deployments, courses, people, memberships, sessions."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Owned, UtcDateTime, new_id

Role = str
"""One of `instructor`, `student`, `administrator`, `none`."""


class Institution(Base):
    __tablename__ = "institutions"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str]
    mode: Mapped[str] = mapped_column(default="off")
    """`off`, `aggregate_only` or `individual` (P2); chosen by the operator, never preselected."""
    mode_record: Mapped[dict[str, Any]] = mapped_column(default=dict)
    help_contacts: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Registration(Base):
    """One (issuer, client id) pair and the platform's endpoints."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)
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
    starts_on: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_launch_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


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
    __owned__ = Owned(purpose="access")
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    identity_index: Mapped[str] = mapped_column(String(64), unique=True)
    """`blind_index(issuer, client_id, deployment_key, context_key, sub)`."""
    key_version: Mapped[int] = mapped_column(default=1)
    lms_user_id: Mapped[str] = mapped_column(EncryptedText)
    """The LTI `sub` (Moodle) or the signed custom user id (Canvas): the author id in the LMS's API."""


class Membership(Base):
    """The role of a person in the course by the last verified launch or roster."""

    __tablename__ = "memberships"
    __owned__ = Owned(purpose="access", export=("role", "active", "seen_at"))
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"), index=True)
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Operator(Base):
    """An administrator whom the operator has listed by (issuer, client id, sub); LMS roles give nothing."""

    __tablename__ = "operators"
    __table_args__ = (UniqueConstraint("institution_id", "identity_index"),)
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    identity_index: Mapped[str] = mapped_column(String(64))
    """`blind_index("operator", issuer, client_id, sub)`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoginAttempt(Base):
    """One OIDC login under way: state and nonce hashed, single use, ten minutes (S2)."""

    __tablename__ = "login_attempts"
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
    __owned__ = Owned(purpose="access", export=("role", "created_at"))
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
