"""Where people are, told on every page of a student: the institution's own words for each language (P53)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup, escape

from lti_tool.errors import FieldError

LONGEST = 300
FIELDS = ("services", "crisis", "emergency")
TELEPHONE = re.compile(r"\+?\d(?:[\d ()/.\u2011-]*\d)?")
"""A run of digits as telephone numbers, and hours, are written: it keeps its order in any script."""


@dataclass(frozen=True)
class HelpBlock:
    """Help in one language; a line that is empty is not shown, and at least one is filled."""

    services: str = ""
    crisis: str = ""
    emergency: str = ""
    language: str = ""
    """In which language the lines are written; empty where nobody has said."""

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in FIELDS)

    def checked(self) -> "HelpBlock":
        """With blanks taken off; raises FieldError for a block without any line, or with one that is too long."""
        lines = {name: " ".join(getattr(self, name).split()) for name in FIELDS}
        if not any(lines.values()):
            raise FieldError(
                "Name at least one place where students find help. Nothing was changed.", *FIELDS
            )
        if long := [name for name, line in lines.items() if len(line) > LONGEST]:
            raise FieldError("A line of the help block is too long. Nothing was changed.", *long)
        return replace(self, **lines)


def chosen(blocks: Mapping[str, Any], language: str, otherwise: tuple[str, ...]) -> HelpBlock:
    """The block of the language, else English, else the first there is, else the first line of `otherwise`."""
    short = language.split("_")[0]
    for code in (language, short, "en", *sorted(blocks)):
        if code in blocks:
            lines = {name: str(blocks[code].get(name, "")) for name in FIELDS}
            return HelpBlock(**lines, language=code.replace("_", "-"))
    return HelpBlock(services=next((line for line in otherwise if line.strip()), ""))


def telephones(words: str) -> Markup:
    """The words with each number set apart, so that "555 0100" is not turned around on a right-to-left page."""
    pieces, end = [], 0
    for number in TELEPHONE.finditer(words):
        pieces += [escape(words[end : number.start()]), Markup('<bdi dir="ltr">{}</bdi>').format(number[0])]
        end = number.end()
    return Markup().join([*pieces, escape(words[end:])])
