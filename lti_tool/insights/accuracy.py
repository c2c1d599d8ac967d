"""How often a label is right, from the figures that were measured of a version, in words a teacher can use (U24)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from model.labels import EMOTIONS


@dataclass(frozen=True)
class Accuracy:
    """One percentage per label and what it stands for."""

    words: str
    column: str
    rows: tuple[tuple[str, str], ...]


def accuracy(figures: Mapping[str, Any]) -> Accuracy | None:
    """A shipped version carries F1 per label, a retrained one the recall; None when neither is there."""
    f1 = {name: figures[name]["f1"] for name in EMOTIONS if name in figures}
    if f1:
        told = _(
            "Measured on held-out texts that the model never learned from. F1 joins how many labels are found and "
            "how many are right; 100 % would be always right."
        )
        return Accuracy(told, "F1", _rows(f1))
    recall = figures.get("recall")
    if recall:
        told = _("Measured on texts set aside: of those that carry a label, so many are found.")
        return Accuracy(told, _("Found"), _rows(recall))
    return None


def _rows(shares: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    return tuple((name, f"{round(100 * share)} %") for name, share in shares.items() if name in EMOTIONS)
