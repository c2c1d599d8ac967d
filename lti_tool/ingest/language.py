"""In which language a text is, and whether it may be scored: the classifier's own rule, after placeholders."""

import re
from typing import Literal

from model import languages

FEWEST_SCORED_WORDS = 2
PLACEHOLDER = re.compile(r"\[[A-Z]+\]")

Scorable = Literal["yes", "language", "short"]


def detect(text: str) -> str:
    """BCP 47 tag of the text's language, or "und" when it is too short or unsure."""
    return languages.detect(PLACEHOLDER.sub(" ", text))


def scorable(text: str, language: str) -> Scorable:
    """`yes`, `language` (not covered yet) or `short` (under two words)."""
    if not languages.covered(language):
        return "language"
    return "yes" if languages.word_count(PLACEHOLDER.sub(" ", text)) >= FEWEST_SCORED_WORDS else "short"
