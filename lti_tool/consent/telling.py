"""What a student's page tells about a choice that was made: what changed, what it did, when texts are read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from lti_tool.consent import reading
from lti_tool.consent.choices import LEDGER_NAME, Choices, Field
from lti_tool.consent.tables import ConsentEvent
from lti_tool.consent.words import allowed_words, change_words, reading_words, stopped_words
from lti_tool.launch.pages import current
from lti_tool.storage.request import request_session, wiring


@dataclass(frozen=True)
class Changed:
    """The newest change of a choice in words: when, what it was and what it did."""

    at: datetime
    words: str
    effect: str


def changed(
    text: dict[str, Any], chosen: Choices, history: list[ConsentEvent], field: Field
) -> Changed | None:
    """What the record says of the choice, whatever the address claims."""
    line = next((line for line in history if line.purpose == LEDGER_NAME[field]), None)
    if line is None:
        return None
    effect = ""
    if line.event == "granted":
        effect = when_read(chosen) if field in ("a", "earlier") else allowed_words(field)
    elif line.event in ("withdrawn", "expired"):
        effect = stopped_words(field)
    return Changed(line.at, change_words(line.event, title(text, line.purpose)), effect)


def when_read(chosen: Choices) -> str:
    """When texts are read, in words for somebody who gave A; nothing is promised while the tool is paused."""
    launch = current()
    if launch.mode == "off":
        return str(_("Nothing new is read while the tool is paused."))
    minutes = max(1, wiring().settings.pull_seconds // 60)
    return reading_words(
        chosen, reading.expected(request_session(), launch.person_id, launch.course_id), minutes
    )


def title(text: dict[str, Any], purpose: str) -> str:
    first = text["first"]
    if purpose == "A-earlier":
        return str(first["earlier"])
    return str(first["choices"][purpose.lower()]["title"]) if purpose != "all" else _("The choice page")
