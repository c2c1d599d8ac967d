"""Reading the form of a prompt: plain words of limited length, dates on a named clock."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta

from lti_tool.launch.courses import plain
from lti_tool.reflections import zones
from lti_tool.reflections.errors import PromptError
from lti_tool.reflections.pipeline import CONTROL
from lti_tool.reflections.service import Prompt

LONGEST_TITLE = 100
LONGEST_PROMPT = 5_000
LONGEST_OTHERWISE = 1_000
MOST_WORDS = 3_000
LATEST = timedelta(days=366)
"""Consent ends after a year, so no activity is open for longer (P19)."""


def read(form: Mapping[str, str], now: datetime) -> Prompt:
    """The prompt of a filled form. Raises PromptError with every field that does not fit."""
    title, zone = plain(form.get("title", "")), form.get("zone", "")
    prompt, otherwise = _words(form.get("prompt", "")), _words(form.get("otherwise", ""))
    wrong = [] if zone in zones.names() else ["zone"]
    for name, given, longest in (
        ("title", title, LONGEST_TITLE),
        ("prompt", prompt, LONGEST_PROMPT),
        ("otherwise", otherwise, LONGEST_OTHERWISE),
    ):
        wrong += [] if 0 < len(given) <= longest else [name]
    opens, closes = _moment(form, "opens", zone, late=False), _moment(form, "closes", zone, late=True)
    if form.get("opens", "").strip() and opens is None:
        wrong.append("opens")
    if closes is None or closes > now + LATEST or (opens is not None and closes <= opens):
        wrong.append("closes")
    words = _number(form.get("words", "").strip())
    if words is not None and not 0 < words <= MOST_WORDS:
        wrong.append("words")
    if wrong or closes is None:
        raise PromptError(None, *wrong)
    return Prompt(title, prompt, otherwise, words, opens, closes, zone)


def _words(raw: str) -> str:
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", CONTROL.sub("", lines)).strip()


def _moment(form: Mapping[str, str], name: str, zone: str, *, late: bool) -> datetime | None:
    try:
        return zones.moment(form.get(name, "").strip(), zone, late=late)
    except (ValueError, OverflowError):
        return None


def _number(typed: str) -> int | None:
    """A whole number, None for an empty field, 0 for anything else."""
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0
