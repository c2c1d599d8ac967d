"""Publishing and finding the texts of the choice page: numbered, hashed, never changed later (P18)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.consent import standing
from lti_tool.consent.errors import ImmutableRowError, OldWordingError
from lti_tool.consent.signing import canonical
from lti_tool.consent.tables import Wording
from lti_tool.consent.texts import VERSION, texts
from lti_tool.errors import ConfigurationError

FIRST_LANGUAGE = "en"

Translate = Callable[[str], str]


@dataclass(frozen=True)
class Change:
    """What a number of the wording changed against the one before it (P18)."""

    kind: Literal["material", "editorial"]
    affects: str = ""
    """The purposes that a material change pauses, as letters."""


EVERYTHING = Change("material", "ABCD")
CHANGES: dict[int, Change] = {
    4: EVERYTHING,  # course end and the passing on of withdrawals to models are new promises
}
"""By number. Whoever gives words a new number says here what kind of change it is; unsaid, it is a material one."""


def publish(
    session: Session, now: datetime, language: str = FIRST_LANGUAGE, translate: Translate = str
) -> Wording:
    """The published text of this version in `language`; written when it is not there yet.

    Only a language whose translation a person has reviewed may be published (U48). Raises ImmutableRowError
    when the texts were edited under a number that is already published.
    """
    text = texts(translate)
    sha256 = hashlib.sha256(canonical(text)).hexdigest()
    present = session.scalars(
        select(Wording).where(Wording.version == VERSION, Wording.language == language)
    ).first()
    if present is None:
        change = CHANGES.get(VERSION, EVERYTHING)
        present = Wording(
            version=VERSION,
            language=language,
            sha256=sha256,
            text=text,
            published_at=now,
            kind=change.kind,
            affects=change.affects,
        )
        session.add(present)
        session.flush()
        if language == FIRST_LANGUAGE and change.kind == "material":
            standing.suspend(session, VERSION, change.affects)
    elif present.sha256 != sha256:
        raise ImmutableRowError(
            "This wording was published with other words. Give the new words a new number."
        )
    return present


def current(session: Session, language: str) -> Wording:
    """The newest text: in `language` if it exists there, else in English. ConfigurationError when none was published.

    A translation of an older number is never the newest text.
    """
    newest = select(func.max(Wording.version)).scalar_subquery()
    query = select(Wording).where(Wording.version == newest, Wording.language.in_((language, FIRST_LANGUAGE)))
    found = {one.language: one for one in session.scalars(query)}
    text = found.get(language) or found.get(FIRST_LANGUAGE)
    if text is None:
        raise ConfigurationError("The texts of the choice page have not been published.")
    return text


def require_current(session: Session, sha256: str, language: str) -> None:
    """Raise OldWordingError unless this is the hash of the text that is shown now: what a form was made from."""
    if sha256 != current(session, language).sha256:
        raise OldWordingError


def filled(text: Any, values: Mapping[str, str]) -> Any:
    """The same structure with `%(course)s` and its like filled in."""
    if isinstance(text, dict):
        return {key: filled(part, values) for key, part in text.items()}
    if isinstance(text, list):
        return [filled(part, values) for part in text]
    return text % values
