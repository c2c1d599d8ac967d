"""Publishing and finding the texts of the choice page: numbered, hashed, never changed later (P18)."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent.ledger import ImmutableRowError, canonical
from lti_tool.consent.tables import Wording
from lti_tool.consent.texts import VERSION, texts
from lti_tool.errors import ConfigurationError

FIRST_LANGUAGE = "en"

Translate = Callable[[str], str]


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
        present = Wording(version=VERSION, language=language, sha256=sha256, text=text, published_at=now)
        session.add(present)
        session.flush()
    elif present.sha256 != sha256:
        raise ImmutableRowError(
            "This wording was published with other words. Give the new words a new number."
        )
    return present


def current(session: Session, language: str) -> Wording:
    """The newest text in `language`, else in English. Raises ConfigurationError when none was published."""
    for wanted in (language, FIRST_LANGUAGE):
        query = select(Wording).where(Wording.language == wanted).order_by(Wording.version.desc())
        found = session.scalars(query.limit(1)).first()
        if found is not None:
            return found
    raise ConfigurationError("The texts of the choice page have not been published.")


def filled(text: Any, values: Mapping[str, str]) -> Any:
    """The same structure with `%(course)s` and its like filled in."""
    if isinstance(text, dict):
        return {key: filled(part, values) for key, part in text.items()}
    if isinstance(text, list):
        return [filled(part, values) for part in text]
    return text % values
