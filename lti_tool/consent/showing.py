"""The words of the choice page as one person sees them: their language, their course's names, what has changed."""

from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.consent import differences, translating, wording
from lti_tool.consent.tables import ConsentState, Wording
from lti_tool.launch.pages import current
from lti_tool.launch.tables import Institution
from lti_tool.storage.request import request_session, wiring

FIRST_STRONG, END = "\u2068", "\u2069"
"""Around a name inside a sentence of the other direction of writing: it keeps its own."""


def language() -> str:
    """The page's language, as texts are kept under it."""
    return str(get_locale() or wording.FIRST_LANGUAGE)


def text(session: Session | None = None, since: int | None = None) -> dict[str, Any]:
    """The published text in the page's language with the names of this course filled in.

    `language` is the language it is in; `original` the English text where a translation awaits review (U48);
    `changes` what differs from the version `since`; `wording` the hash that a form sends back.
    """
    session = session or request_session()
    published = wording.current(session, language())
    shown: dict[str, Any] = wording.filled(published.text, _values())
    return {
        **shown,
        "language": published.language.replace("_", "-"),
        "wording": published.sha256,
        "original": _original(session, published),
        "changes": _changes(session, published, since) if since else [],
    }


def _original(session: Session, published: Wording) -> dict[str, Any] | None:
    institution = session.get_one(Institution, current().institution_id)
    if translating.is_confirmed(institution.confirmed_texts, published):
        return None
    english: dict[str, Any] = wording.filled(
        wording.current(session, wording.FIRST_LANGUAGE).text, _values(isolated=False)
    )
    return english


def _changes(session: Session, published: Wording, since: int) -> list[differences.Difference]:
    """Against the older text in the same language, else between the English ones."""
    if since >= published.version:
        return []
    for tongue in (published.language, wording.FIRST_LANGUAGE):
        old, new = _version(session, since, tongue), _version(session, published.version, tongue)
        if old and new:
            values = _values()
            return differences.between(wording.filled(old.text, values), wording.filled(new.text, values))
    return []


def _version(session: Session, version: int, tongue: str) -> Wording | None:
    return session.scalars(
        select(Wording).where(Wording.version == version, Wording.language == tongue)
    ).one_or_none()


def revision(session: Session) -> int:
    """Which state of the person's choices a form is drawn from; 0 before the first answer."""
    state = session.get(ConsentState, current().person_id)
    return state.revision if state else 0


def _values(*, isolated: bool | None = None) -> dict[str, str]:
    launch = current()
    locale = get_locale()
    apart = bool(locale and locale.text_direction == "rtl") if isolated is None else isolated
    names = {
        "course": launch.course_title or _("this course"),
        "institution": launch.institution_name or _("Your institution"),
    }
    if apart:
        names = {key: f"{FIRST_STRONG}{name}{END}" for key, name in names.items()}
    return {**names, "group": str(wiring().settings.smallest_group)}
