"""A model version's figures as rows of a table for people."""

from dataclasses import dataclass

from lti_tool.scoring.tables import ModelVersion
from model.labels import EMOTIONS


@dataclass(frozen=True)
class Figure:
    """How well one label is found, from 0 to 100, and on how many texts that was measured."""

    label: str
    score: int
    texts: int


def measured(version: ModelVersion | None) -> list[Figure]:
    """Sentiment by macro-F1, each other label by F1; labels that were not measured are left out."""
    figures = version.figures if version else {}
    rows = []
    for label in ("sentiment", *EMOTIONS):
        own = figures.get(label)
        if isinstance(own, dict) and "support" in own:
            score = own["macro_f1" if label == "sentiment" else "f1"]
            rows.append(Figure(label, round(100 * score), own["support"]))
    return rows
