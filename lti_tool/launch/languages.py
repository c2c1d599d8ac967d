"""Message catalogues: the language of a page is the launch's, else the browser's, else the installation's."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from flask import Flask, request
from flask_babel import Babel, get_locale

import lti_tool
from lti_tool.launch.pages import CurrentLaunch, current_or_none
from lti_tool.storage.request import wiring

CATALOGUES = Path(lti_tool.__file__).parent / "translations"
PSEUDO = "en_XA"
"""English with every letter changed: a page in it shows which words never went through a catalogue."""
CODES = 512
"""How many codes are remembered: to look one up reads all that are known, and anybody may send any."""
TRANSLATED_FOR = ("student", "none")
"""Whose pages the catalogues hold; the pages of staff would be half in English, so they are wholly in it."""


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
    def describe() -> dict[str, object]:
        locale = get_locale() or Locale("en")
        launch = current_or_none()
        switch = "language.choose" in application.view_functions
        choice = offered(launch) if launch and switch else []
        return {
            "language": str(locale).replace("_", "-"),
            "direction": locale.text_direction,
            "languages_offered": choice if len(choice) > 1 else [],
        }


@dataclass(frozen=True)
class Offered:
    """A language in which the pages of students can be read, by its own name."""

    code: str
    name: str
    direction: str
    current: bool


def offered(launch: CurrentLaunch) -> list[Offered]:
    """What the switch on a page shows: nothing to members of staff, whose pages are not translated yet."""
    if launch.role not in TRANSLATED_FOR:
        return []
    present = str(get_locale() or "en")
    return [_offered(locale, present) for locale in available().values() if str(locale) != PSEUDO]


def _offered(locale: Locale, present: str) -> Offered:
    code, name = str(locale), locale.get_display_name(locale) or str(locale)
    return Offered(
        code.replace("_", "-"), name[:1].upper() + name[1:], locale.text_direction, code == present
    )


def names() -> dict[str, str]:
    """Each language by its own name, by the code under which words are kept for it."""
    own = (locale for locale in available().values() if str(locale) != PSEUDO)
    return {str(locale): _offered(locale, "").name for locale in own}


def available() -> dict[str, Locale]:
    """The languages that have a catalogue, English among them, by their lower-case code."""
    found = {"en": Locale("en")}
    for folder in sorted(CATALOGUES.glob("*/LC_MESSAGES")):
        name = folder.parent.name
        found[name.lower()] = PseudoLocale() if name == PSEUDO else Locale.parse(name)
    return found


def best(wanted: str) -> Locale | None:
    """The available language for a BCP 47, POSIX or LMS code such as `de-AT`, `pt_BR` or `de_du`, if there is one.

    Another script is another language to a reader: for traditional Chinese nothing stands in.
    """
    code = wanted.strip().replace("-", "_").lower()
    if code == PSEUDO.lower():
        return PseudoLocale()
    known = _known(code) or _known(code.split("_")[0])
    if known is None:
        return None
    script = known.script or _script_of(known.language)
    languages = available()
    codes = (str(known), f"{known.language}_{script}", "" if known.script else known.language)
    return next((languages[one.lower()] for one in codes if one.lower() in languages), None)


@lru_cache(CODES)
def _known(code: str) -> Locale | None:
    try:
        return Locale.parse(code)
    except (ValueError, UnknownLocaleError):
        return None


def _script_of(language: str) -> str:
    """In which script a language is written where nobody says, such as `Hans` for `zh`; empty when not known."""
    likely = _known(get_global("likely_subtags").get(language, ""))
    return likely.script or "" if likely else ""


def _choose() -> Locale | None:
    launch = current_or_none()
    if launch and launch.role not in TRANSLATED_FOR:
        return _for_staff(launch.locale)
    if launch:
        return best(launch.locale) or best(wiring().settings.locale)
    accepted = (best(code) for code in request.accept_languages.values())
    return next((locale for locale in accepted if locale), best(wiring().settings.locale))


def _for_staff(wanted: str) -> Locale:
    return PseudoLocale() if best(wanted) == PseudoLocale() else Locale("en")
