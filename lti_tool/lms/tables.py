"""How a course's LMS is reached: which kind, where, with which service account."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage import Base, EncryptedText, UtcDateTime


class LmsConnection(Base):
    """One per registration: the address of the LMS's API and the service account's token."""

    __tablename__ = "lms_connections"
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    """`moodle` or `canvas`."""
    base_url: Mapped[str]
    token: Mapped[str] = mapped_column(EncryptedText)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
