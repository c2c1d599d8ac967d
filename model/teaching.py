"""What a serving model makes of rows, as their teacher: so a next model keeps what no label tells it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import BadInput
from model.labels import LABELS, SENTIMENT
from model.rows import MASK, Row, targets


def teachers(rows: Sequence[Row]) -> NDArray[np.float32]:
    """The teacher's logits (n, 10), not a number where a row has none or null; BadInput for what are no ten numbers."""
    found = np.full((len(rows), len(LABELS)), np.nan, dtype=np.float32)
    for number, row in enumerate(rows):
        logits = row.get("teacher")
        if logits is not None:
            found[number] = _checked_teacher(logits)
    return found


def _checked_teacher(logits: Any) -> NDArray[np.float32]:
    try:
        found = np.array(logits, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise BadInput("A row's teacher is a list of ten numbers, null where there is none.") from error
    if found.shape != (len(LABELS),) or np.isinf(found).any():
        raise BadInput("A row's teacher is a list of ten finite numbers, null where there is none.")
    return found


def taught(rows: Sequence[Row], logits: NDArray[np.floating[Any]], beside_labels: bool = True) -> list[Row]:
    """The rows with these logits (n, 10) as their teacher.

    Without `beside_labels` the teacher is silent about what a row itself is labelled with: a corrected label must
    not be held back by what it corrects.
    """
    own = np.array(logits, dtype=np.float64)
    if not beside_labels:
        answered = targets(rows) != MASK
        own[:, : len(SENTIMENT)][answered[:, 0]] = np.nan
        own[:, len(SENTIMENT) :][answered[:, 1:]] = np.nan
    return [
        {**row, "teacher": [None if np.isnan(one) else float(one) for one in line]}
        for row, line in zip(rows, own, strict=True)
    ]
