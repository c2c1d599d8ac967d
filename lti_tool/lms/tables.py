"""How a course's LMS is reached: which kind, where, with which service account."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, Kept, UtcDateTime, new_id


class LmsConnection(Base):
    """One per registration: the address of the LMS's API and the service account's token."""

    __tablename__ = "lms_connections"
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`moodle` or `canvas`."""
    base_url: Mapped[str]
    token: Mapped[str] = mapped_column(EncryptedText)
    """Empty where an authorisation stands in its place (`CanvasAccount`)."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CanvasAccount(Base):
    """One per registration that reads Canvas by OAuth2: the developer key, and what was granted to it."""

    __tablename__ = "canvas_accounts"
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64))
    key_secret: Mapped[str] = mapped_column(EncryptedText)
    standing: Mapped[str] = mapped_column(String(16), default="waiting")
    """`waiting` for its first authorisation, `authorised`, `again` (Canvas ended the grant) or `revoked` (we did)."""
    fault: Mapped[str] = mapped_column(String(32), default="")
    """Why the last renewal failed, or `unconfirmed` when Canvas did not confirm that it was revoked."""
    access_token: Mapped[str | None] = mapped_column(EncryptedText)
    refresh_token: Mapped[str | None] = mapped_column(EncryptedText)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    generation: Mapped[int] = mapped_column(default=0)
    """One more with every change of the access token: who holds an older one knows that it is dead."""
    lease_owner: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Who may call Canvas for a new access token, and until when: the call happens in no transaction."""
    user_id: Mapped[str | None] = mapped_column(EncryptedText)
    """Canvas's number of the account that authorised; its name is not kept."""
    authorised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CanvasAuthorisation(Base):
    """One authorisation under way in a browser: state and binding hashed, single use, ten minutes."""

    __tablename__ = "canvas_authorisations"
    __kept__ = Kept("operation_logs", "created_at")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"))
    launch_id: Mapped[str] = mapped_column(String(32))
    """Who began; it must still be open when Canvas sends the browser back."""
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    binding_hash: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(EncryptedText)
    """PKCE (RFC 7636); a Canvas that does not know it yet takes no notice."""
    key_id: Mapped[str] = mapped_column(String(64))
    base_url: Mapped[str]
    """With which key and where it began: a code of another place is sent nowhere."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
