"""When nothing is said of a text (P60).

The rule on length is that of `lti_tool/ingest/language.py`, which this package may not import. A test holds the two
together.
"""

import re
from typing import Literal

from model.decision import MIXED, Reading
from model.languages import word_count

Reason = Literal["", "no text", "too short", "language not covered yet", "unsure"]

FEWEST_WORDS = 2
SENTIMENT_FLOOR = MIXED
"""Under it the sentiment is "unsure" in words; with no label reaching its threshold nothing is left to say."""

PLACEHOLDER = re.compile(r"\[[A-Z]+\]")


def decide(text: str, language_covered: bool, reading: Reading | None = None) -> Reason:
    """Why nothing is said of a text, or "" when something is.

    Without a reading, before a text is scored, confidence is not asked for.
    """
    if not text.strip():
        return "no text"
    if not language_covered:
        return "language not covered yet"
    if words(text) < FEWEST_WORDS:
        return "too short"
    return "unsure" if reading is not None and _unsure(reading) else ""


def words(text: str) -> int:
    """About how many words a text has; a placeholder that stands for a name is none."""
    return word_count(PLACEHOLDER.sub(" ", text))


def _unsure(reading: Reading) -> bool:
    return not reading.labels and reading.probabilities[reading.sentiment] < SENTIMENT_FLOOR
