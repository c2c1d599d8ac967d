"""In which language somebody reads the choice page, and what its translation still awaits (U48).

A translation that ships with the tool is offered when it is whole: no sentence of the page is missing. Until somebody
of the institution has confirmed exactly that text, it carries a mark, and the English text stands beside it.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.mofile import read_mo
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool import audit
from lti_tool.consent import wording
from lti_tool.consent.tables import Wording
from lti_tool.consent.texts import VERSION, texts
from lti_tool.errors import FieldError, InvalidInputError
from lti_tool.launch import languages
from lti_tool.launch.tables import Institution
from lti_tool.storage import Database

LONGEST = 500


class NoTranslationError(InvalidInputError):
    code = "no_translation"
    words = "There is no whole translation of the choice page in this language. Nothing was changed."


class _MissingError(Exception):
    """A sentence that the catalogue lacks."""


def is_whole(language: str) -> bool:
    """Whether every sentence of the page exists in the language."""
    return language == wording.FIRST_LANGUAGE or _translated(language) is not None


def whole_languages() -> list[str]:
    """The languages in which the page can be read, English first."""
    codes = sorted(str(locale) for code, locale in languages.available().items() if code != "en")
    shipped = [code for code in codes if code != languages.PSEUDO]
    return [wording.FIRST_LANGUAGE, *(code for code in shipped if is_whole(code))]


def publish(session: Session, now: datetime, language: str) -> Wording:
    """The text that is shown in the language: that of the page in it when it is whole, else the English one.

    What was published under the present number stays, also when the catalogue has better words since (P18).
    """
    english = _once(session, wording.FIRST_LANGUAGE, lambda: wording.publish(session, now))
    if language == wording.FIRST_LANGUAGE or language == languages.PSEUDO:
        return english
    if (published := _present(session, language)) is not None:
        return published
    translate = _translated(language)
    if translate is None:
        return english
    return _once(session, language, lambda: wording.publish(session, now, language, translate))


def publish_all(database: Database, now: datetime) -> None:
    """Publish every whole language, a transaction each, so that a page need not."""
    for language in whole_languages():
        with database.session() as session:
            publish(session, now, language)


def is_confirmed(confirmed: dict[str, Any], text: Wording) -> bool:
    """Whether somebody of the institution has confirmed exactly this text; English is no translation."""
    said = confirmed.get(text.language, {})
    return text.language == wording.FIRST_LANGUAGE or said.get("sha256") == text.sha256


def confirm(
    session: Session,
    now: datetime,
    institution: Institution,
    language: str,
    sha256: str,
    by: str,
    actor_id: str | None,
) -> None:
    """Note who has checked the text that is published in the language.

    Raises NoTranslationError when there is none, FieldError without a name or for another text than the present one.
    """
    name = " ".join(by.split())
    if language not in whole_languages()[1:]:
        raise NoTranslationError
    text = publish(session, now, language)
    if sha256 != text.sha256:
        raise FieldError(
            "The text has changed since it was read. Read it again. Nothing was changed.", "language"
        )
    if not name or len(name) > LONGEST:
        raise FieldError("Say who has checked it, on one line. Nothing was changed.", "by")
    noted = {"sha256": text.sha256, "version": text.version, "by": name, "at": now.isoformat()}
    institution.confirmed_texts = {**institution.confirmed_texts, language: noted}
    audit.record(
        session, now, "translation_confirmed", code=language, institution_id=institution.id, actor_id=actor_id
    )
    session.flush()


def _present(session: Session, language: str) -> Wording | None:
    return session.scalars(
        select(Wording).where(Wording.version == VERSION, Wording.language == language)
    ).one_or_none()


def _once(session: Session, language: str, publish_it: Callable[[], Wording]) -> Wording:
    """Publish, or take the row of somebody who published the same text at the same moment."""
    try:
        with session.begin_nested():
            return publish_it()
    except IntegrityError:
        return session.scalars(
            select(Wording).where(Wording.version == VERSION, Wording.language == language)
        ).one()


def _translated(language: str) -> Callable[[str], str] | None:
    """A translation of every sentence of the page, or None when one is missing."""
    file = languages.CATALOGUES / language / "LC_MESSAGES" / "messages.mo"
    if not file.is_file():
        return None
    known = _sentences(file, file.stat().st_mtime_ns)

    def translate(words: str) -> str:
        if not known.get(words):
            raise _MissingError(words)
        return known[words]

    try:
        texts(translate)
    except _MissingError:
        return None
    return translate


@lru_cache(maxsize=32)
def _sentences(file: Path, _changed_at: int) -> dict[str, str]:
    with file.open("rb") as opened:
        catalogue = read_mo(opened)
    return {str(one.id): str(one.string) for one in catalogue if isinstance(one.id, str)}
