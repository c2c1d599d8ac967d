"""Which keys the database is sealed under: ids alone, so that a missing key is noticed before anything is read."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.base import Base
from lti_tool.storage.types import UtcDateTime


class KeyInUse(Base):
    """A key that is, or may be, in use; its row goes when the key is retired (S35)."""

    __tablename__ = "keys_in_use"
    use: Mapped[str] = mapped_column(String(16), primary_key=True)
    """One of `keyring.Use`."""
    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When another key became the current one; from then on nothing new is made with it."""
