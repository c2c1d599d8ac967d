"""Of which texts the model is unsure, by its version's own probabilities and thresholds."""

from collections.abc import Mapping

import numpy as np

from lti_tool.scoring.readings import Reading
from lti_tool.scoring.tables import ModelVersion
from model import choosing
from model.labels import LABELS


def doubts(version: ModelVersion, read: Mapping[str, Reading]) -> dict[str, float]:
    """Post id → how undecided the version is, in bits; texts on which every decision is clear are left out."""
    if not read:
        return {}
    chances = np.array([[one.probabilities[name] for name in LABELS] for one in read.values()])
    unsure = choosing.is_open(version.calibration, chances)
    bits = choosing.doubt_of(version.calibration, chances)
    return {post_id: float(bits[n]) for n, post_id in enumerate(read) if unsure[n]}
