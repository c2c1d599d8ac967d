"""Which figures may be shown and how roughly they are told (P15, P49, P50)."""

from collections.abc import Iterable
from typing import Literal

from lti_tool.disclosure.words import share_word

STEP = 5
"""Counts and percentages are told in steps of five (P50)."""

Share = Literal[
    "few", "about_a_tenth", "about_a_sixth", "about_a_fifth", "about_a_quarter", "about_a_third",
    "about_two_fifths", "about_half", "about_three_fifths", "about_two_thirds", "about_three_quarters",
    "about_four_fifths", "most", "nearly_all",
]  # fmt: skip
Band = Literal["under_half", "half_to_three_quarters", "over_three_quarters"]

_UP_TO: tuple[tuple[int, Share], ...] = (
    (5, "few"),
    (10, "about_a_tenth"),
    (15, "about_a_sixth"),
    (20, "about_a_fifth"),
    (25, "about_a_quarter"),
    (35, "about_a_third"),
    (40, "about_two_fifths"),
    (55, "about_half"),
    (60, "about_three_fifths"),
    (70, "about_two_thirds"),
    (75, "about_three_quarters"),
    (80, "about_four_fifths"),
    (90, "most"),
    (100, "nearly_all"),
)
"""The highest percentage, as `percent` gives it, for which a share has this word."""


def dominated(authors: Iterable[str]) -> bool:
    """True when one author gives over half of the texts; `authors` holds one entry per text (P50)."""
    counts: dict[str, int] = {}
    for author in authors:
        counts[author] = counts.get(author, 0) + 1
    return bool(counts) and max(counts.values()) * 2 > sum(counts.values())


def rounded(n: float) -> int:
    """A count to the nearest multiple of five."""
    return STEP * int(n / STEP + 0.5)


def rounded_down(n: int) -> int:
    """A count to the multiple of five below it: "at least so many"."""
    return STEP * (n // STEP)


def percent(part: float, whole: float) -> int:
    """A share in percent in steps of five; 0 stands for "<5 %" and 100 for ">95 %" (see `percent_text`)."""
    return rounded(round(100 * part / whole)) if whole else 0


def percent_text(value: int) -> str:
    """A percentage of `percent` as it is printed: the ends are open (P50)."""
    if value < STEP:
        return "<5 %"
    return ">95 %" if value > 100 - STEP else f"{value} %"


def share(part: float, whole: float) -> Share:
    """The key of a share in words, from the same steps as `percent`: word and number never contradict each other.

    Raises ValueError when `whole` is not positive or `part` lies outside it.
    """
    if whole <= 0 or not 0 <= part <= whole:
        raise ValueError("a share of nothing")
    told = percent(part, whole)
    return next(word for highest, word in _UP_TO if told <= highest)


def band(part: float, whole: float) -> Band:
    """How much of the class is included, as a band and never a number (P15)."""
    value = part / whole if whole else 0.0
    if value < 0.5:
        return "under_half"
    return "half_to_three_quarters" if value <= 0.75 else "over_three_quarters"


def share_in_words(part: float, whole: float) -> str:
    """A share in the reader's language, "about a third"; errors as `share`."""
    return share_word(share(part, whole))
