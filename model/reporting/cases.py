"""A label's decisions over the rows that carry it, in one form for all labels, for the figures of a report."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.decision import Calibration, Floats, probabilities
from model.evaluation import Gold, said
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.rows import MASK

Ints = NDArray[np.int_]
FEWEST = 5
YES_NO = ("absent", "present")


@dataclass(frozen=True)
class Cases:
    """n rows that carry a label of k classes: sentiment's three, or absent and present.

    `rows` are the positions (n) in the data, `chances` the calibrated probabilities (n, k), `said` and `truth`
    class numbers (n).
    """

    name: str
    classes: tuple[str, ...]
    rows: Ints
    chances: Floats
    said: Ints
    truth: Ints

    @cached_property
    def confidence(self) -> Floats:
        """The probability (n) of what was said; under a half where a threshold is not a half."""
        return self.chances[np.arange(len(self.rows)), self.said]

    @cached_property
    def counts(self) -> Ints:
        """Rows of each class (k)."""
        return np.bincount(self.truth, minlength=len(self.classes))

    @property
    def binary(self) -> bool:
        """Whether this is one of the seven labels, which are there or not."""
        return self.classes == YES_NO

    @property
    def few(self) -> bool:
        """Whether fewer than five positives, or rows of one of the sentiments, make any figure a matter of luck."""
        return bool((self.counts[1] if self.binary else self.counts.min()) < FEWEST)

    @property
    def headline(self) -> str:
        """The name of the figure that stands for the label."""
        return "f1" if self.binary else "macro_f1"

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        """The chosen ones (n) of these."""
        rows, said, truth = (own[chosen] for own in (self.rows, self.said, self.truth))
        return type(self)(self.name, self.classes, rows, self.chances[chosen], said, truth)


def by_label(calibration: Calibration, logits: NDArray[np.float32], gold: Gold) -> dict[str, Cases]:
    """The cases of each label that a row carries, from logits (n, 10) and gold (n, 8)."""
    chances, decided = probabilities(calibration, logits), said(calibration, logits)
    found: dict[str, Cases] = {}
    for number, name in enumerate(("sentiment", *EMOTIONS)):
        rows = np.flatnonzero(gold[:, number] != MASK)
        if len(rows):
            own = _classes(chances[rows], name)
            truth = gold[rows, number].astype(int)
            classes = YES_NO if name in EMOTIONS else SENTIMENT
            found[name] = Cases(name, classes, rows, own, decided[rows, number], truth)
    return found


def _classes(chances: Floats, name: str) -> Floats:
    """Probabilities (n, 3) of sentiment, (n, 2) of another label."""
    if name == "sentiment":
        return chances[:, : len(SENTIMENT)]
    present = chances[:, LABELS.index(name)]
    return np.column_stack([1 - present, present])
