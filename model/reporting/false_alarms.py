"""How often each label is said of texts that should carry none, such as plain diary sentences."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from model.decision import LIKELY, Calibration, present, probabilities
from model.labels import EMOTIONS, SENTIMENT

STRONG = LIKELY
"""The probability from which a label is said strongly, in words "likely"."""


def false_positive_rates(
    calibration: Calibration, logits: NDArray[np.float32], strong: float = STRONG
) -> dict[str, dict[str, Any]]:
    """Of texts assumed to carry no label, logits (n, 10): for each label the share it is wrongly said of.

    `said` is at the label's own threshold, `strong` where its probability reaches `strong` too. Each is
    `{"count", "rate", "interval"}` with Wilson's 95 % interval. ValueError where there is no text.
    """
    if not len(logits):
        raise ValueError("There is no text to say a label of.")
    chances = probabilities(calibration, logits)
    flags = present(calibration, chances)
    firm = flags & (chances[:, len(SENTIMENT) :] >= strong)
    return {
        name: {"said": _share(flags[:, number]), "strong": _share(firm[:, number])}
        for number, name in enumerate(EMOTIONS)
    }


def _share(flags: NDArray[np.bool_]) -> dict[str, Any]:
    count = int(flags.sum())
    interval = binomtest(count, len(flags)).proportion_ci(method="wilson")
    return {
        "count": count,
        "rate": count / len(flags),
        "interval": [float(interval.low), float(interval.high)],
    }
