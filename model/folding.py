"""A calibration folded into the classifier, so that a stock pipeline's numbers are our calibrated probabilities.

Each output is calibrated by a scale and a shift (a Platt scaling, or the sentiment's temperature and bias), and a
linear layer can carry both: scale * (W x + b) + shift = (scale * W) x + (scale * b + shift).
"""

from typing import Any

import torch
from torch import Tensor, nn

from model.decision import UNCALIBRATED, Calibration
from model.labels import EMOTIONS, LABELS, SENTIMENT


def fold(network: Any, calibration: Calibration, sentiment: bool = False) -> Any:
    """Fold the calibration into the classifier in place; with `sentiment` only its three outputs are kept."""
    names = SENTIMENT if sentiment else LABELS
    scales, shifts = (own[: len(names)] for own in _scales_and_shifts(calibration))
    old = network.classifier
    with torch.no_grad():
        new = nn.Linear(old.in_features, len(names))
        new.weight.copy_(old.weight[: len(names)] * scales[:, None])
        new.bias.copy_(old.bias[: len(names)] * scales + shifts)
    network.classifier, network.num_labels = new, len(names)
    network.config.id2label = dict(enumerate(names))
    network.config.label2id = {name: number for number, name in enumerate(names)}
    network.config.problem_type = "single_label_classification" if sentiment else "multi_label_classification"
    return network.eval()


def remaining(calibration: Calibration, sentiment: bool = False) -> dict[str, Any]:
    """What is left to say once scales and shifts are folded in: the seven thresholds, and the identity."""
    kept = {} if sentiment else calibration["labels"]
    labels = {name: {"scale": 1.0, "shift": 0.0, "threshold": own["threshold"]} for name, own in kept.items()}
    return {"sentiment": dict(UNCALIBRATED["sentiment"]), "labels": labels}


def _scales_and_shifts(calibration: Calibration) -> tuple[Tensor, Tensor]:
    """One of each for the ten outputs (10,)."""
    group, labels = calibration["sentiment"], calibration["labels"]
    scales = [1 / group["temperature"]] * len(SENTIMENT) + [labels[name]["scale"] for name in EMOTIONS]
    shifts = [*group["bias"], *(labels[name]["shift"] for name in EMOTIONS)]
    return torch.tensor(scales), torch.tensor(shifts)
