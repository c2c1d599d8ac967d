"""Column types: UTC times and text that is sealed at rest (P35)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from lti_tool.storage import envelope
from lti_tool.storage.envelope import Place
from lti_tool.storage.keys_in_use import current_keyring


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; a naive one is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value.astimezone(UTC) if value else None
        return value.replace(tzinfo=UTC)


class Bound(str):
    """A text that knows where it will stand."""

    place: Place

    def __new__(cls, text: str, place: Place) -> "Bound":
        made = super().__new__(cls, text)
        made.place = place
        return made


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the database holds, before somebody says where it was found."""

    envelope: str

    def __str__(self) -> str:
        raise TypeError("a sealed column was selected without its row: select the row, or `opened(...)`")


class EncryptedText(TypeDecorator[str]):
    """Text sealed under the institution's key and bound to its row; `sealing` binds and opens it.

    A value that nobody bound is refused. An empty text is stored as it is: it says nothing.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if isinstance(value, Bound):
            return envelope.seal(current_keyring(), value.place, value) if value else ""
        if isinstance(value, Sealed):
            return value.envelope
        if value:
            raise TypeError("a sealed column was written without its row: use `bound(...)`")
        return value  # type: ignore[no-any-return]

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return Sealed(value) if value else value
