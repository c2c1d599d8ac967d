"""What each purpose means for a record (P24): kinds of data, processing, recipients, how long.

A set holds for the published wordings from its number on. A set that records were rendered from never changes; new
facts get a set of their own, so that old records render as they were.

A model that learnt from an institution's texts reads for that institution alone, unless it shares (P61).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

ARTICLES = "explicit consent: GDPR Art. 6(1)(a) and Art. 9(2)(a)"
RETENTION = (
    "until withdrawal, the end of the course or twelve months, and then the institution's time for deletion"
)


@dataclass(frozen=True)
class Facts:
    """One purpose. Special categories are assumed, since a text can touch on health or belief."""

    purpose: str
    type: str
    data: tuple[str, ...]
    processing: tuple[str, ...]
    recipients: tuple[str, ...]
    basis: str = ARTICLES
    collection: str = "read from the learning platform, or written in the tool"
    retention: str = RETENTION
    special: bool = True


TEXTS = "own texts in reflections and forums of the course, with names and addresses replaced"
ESTIMATES = (
    "estimates of sentiment, confusion, frustration, boredom, engagement, satisfaction and toxicity of a text"
)
LABELS = "own and corrected labels"

FIRST_SET: dict[str, Facts] = {
    "A": Facts(
        "read texts for the student's own view and for class patterns",
        "service to the student and course improvement",
        (TEXTS, ESTIMATES),
        ("collection", "pseudonymisation", "scoring", "profiling", "aggregation"),
        ("the student", "instructors of the course, in groups only"),
    ),
    "A-earlier": Facts(
        "read also texts written in the course before consent",
        "service to the student and course improvement",
        (TEXTS, ESTIMATES),
        ("collection", "pseudonymisation", "scoring", "profiling", "aggregation"),
        ("the student", "instructors of the course, in groups only"),
    ),
    "B": Facts(
        "show the student's texts and results to the course's instructors",
        "teaching support",
        (TEXTS, ESTIMATES),
        ("disclosure to instructors",),
        ("instructors of the course",),
    ),
    "C": Facts(
        "improve the model with texts and labels whose names were removed",
        "service improvement",
        (TEXTS, LABELS),
        ("pseudonymisation", "training of a model"),
        ("the institution's model",),
        retention="until it is withdrawn, and 24 months at most",
    ),
    "D": Facts(
        "include results in institutional research",
        "research and statistics",
        (ESTIMATES,),
        ("aggregation", "statistics"),
        ("researchers of the institution, in groups only",),
    ),
}

KNOWN_NAMES = (
    "own texts in reflections and forums of the course, with the names and addresses that were found replaced"
)
BACKUPS = "; copies in backups for 35 days more at most"
OWN = "the model of this institution, which reads for another one only where both have agreed to share their models"


def _second_set() -> dict[str, Facts]:
    """Of wording 4: some names are missed, backups last longer, and models can be shared."""
    read = {
        name: replace(one, data=(KNOWN_NAMES, *one.data[1:]), retention=one.retention + BACKUPS)
        for name, one in FIRST_SET.items()
        if name != "D"
    }
    read["C"] = replace(
        read["C"],
        purpose="improve the model with texts and labels, less the names that were found",
        recipients=(OWN,),
    )
    return {**FIRST_SET, **read}


SECOND_SET = _second_set()

SETS: dict[int, dict[str, Facts]] = {0: FIRST_SET, 4: SECOND_SET}
"""By the first number of the wording for which a set holds."""


def of_version(version: int) -> Mapping[str, Facts]:
    """The facts of the purposes under a published wording, by the ledger's names."""
    return SETS[max(since for since in SETS if since <= version)]


def of_purpose(version: int, purpose: str) -> dict[str, Facts]:
    """Those of one purpose, or for `all` of every purpose. Raises KeyError for an unknown one."""
    known = of_version(version)
    return dict(known) if purpose == "all" else {purpose: known[purpose]}
