"""Erasures that were asked for and can still be undone."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.rights import requests_tables, retention_tables  # noqa: F401  the part's other tables
from lti_tool.storage import Base, EncryptedText, Owned, UtcDateTime, new_id


class Erasure(Base):
    """What a person asked to erase, taken out of its tables at once and kept sealed until the undo window ends (U18).

    The job of this row's id deletes it, and with it the last copy. Withdrawing A deletes it sooner.
    """

    __tablename__ = "erasures"
    __owned__ = Owned(purpose="A", export=("scope", "texts", "asked_at", "due_at"), keep="access")
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    course_id: Mapped[str] = mapped_column(ForeignKey("courses.id"))
    scope: Mapped[str] = mapped_column(String(16))
    """`text`, `texts` (all of them) or `person` (everything, and the way back to it)."""
    post_id: Mapped[str | None] = mapped_column(String(32))
    """The one text; it is in no table any more."""
    texts: Mapped[int]
    rows: Mapped[str] = mapped_column(EncryptedText)
    """JSON: table name → rows, as they were."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
