"""Message catalogues: the language of a page is the launch's, else the browser's, else the installation's."""

from pathlib import Path

from babel import Locale, UnknownLocaleError
from flask import Flask, request
from flask_babel import Babel, get_locale

import lti_tool
from lti_tool.launch.pages import current_or_none
from lti_tool.storage.request import wiring

CATALOGUES = Path(lti_tool.__file__).parent / "translations"
PSEUDO = "en_XA"
"""English with every letter changed: a page in it shows which words never went through a catalogue."""


class PseudoLocale(Locale):
    """English formats under the name of the pseudo-locale, which CLDR data does not hold."""

    _named = ""

    def __init__(self) -> None:
        super().__init__("en")
        self.character_order  # noqa: B018  (English's data are loaded now, under English's name)
        self._named = PSEUDO

    def __str__(self) -> str:
        return self._named or super().__str__()


def add_to(application: Flask) -> None:
    """Set up Flask-Babel; templates get `language` and `direction` for the `html` element."""
    application.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(CATALOGUES))
    Babel(application, locale_selector=_choose)

    @application.context_processor
    def describe() -> dict[str, str]:
        locale = get_locale() or Locale("en")
        return {"language": str(locale).replace("_", "-"), "direction": locale.text_direction}


def available() -> dict[str, Locale]:
    """The languages that have a catalogue, English among them, by their lower-case code."""
    found = {"en": Locale("en")}
    for folder in sorted(CATALOGUES.glob("*/LC_MESSAGES")):
        name = folder.parent.name
        found[name.lower()] = PseudoLocale() if name == PSEUDO else Locale.parse(name)
    return found


def best(wanted: str) -> Locale | None:
    """The available language for a BCP 47 or POSIX code such as `de-AT` or `pt_BR`, if there is one."""
    code = wanted.strip().replace("-", "_").lower()
    if code == PSEUDO.lower():
        return PseudoLocale()
    languages = available()
    try:
        known = str(Locale.parse(code)).lower()
    except (ValueError, UnknownLocaleError):
        return None
    return languages.get(known) or languages.get(code.split("_")[0])


def _choose() -> Locale | None:
    launch = current_or_none()
    if launch:
        return best(launch.locale) or best(wiring().settings.locale)
    accepted = (best(code) for code in request.accept_languages.values())
    return next((locale for locale in accepted if locale), best(wiring().settings.locale))
