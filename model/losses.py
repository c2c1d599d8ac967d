"""The masked loss, cross-entropy over the sentiment group plus seven binary cross-entropies, and distillation.

A row's target is eight numbers: the sentiment's index and seven 0/1 values, `MASK` where not annotated.
Every annotated value counts once and the sum is divided by the batch size, so a label that few rows
carry is not blown up in the batches where it happens to occur once.

A row's teacher is what another model makes of its text, ten logits, not a number where nothing is asked of the
student. Staying near it keeps labels and languages of which the rows say nothing (Li and Hoiem 2016).
"""

import torch
from torch import Tensor
from torch.nn import functional

from model.labels import EMOTIONS, SENTIMENT

MASK = -100.0
TARGETS = 1 + len(EMOTIONS)


def masked_loss(logits: Tensor, targets: Tensor, pos_weight: Tensor, weights: Tensor) -> Tensor:
    """Mean loss per row: `logits` (n, 10), `targets` and `weights` (n, 8), `pos_weight` (7,)."""
    sentiment = _sentiment(logits, targets) * weights[:, 0]
    emotions = _emotions(logits, targets, pos_weight) * weights[:, 1:]
    return (sentiment + emotions.sum(dim=1)).mean()


def _sentiment(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy (n,), zero where sentiment is not annotated."""
    return functional.cross_entropy(
        logits[:, : len(SENTIMENT)], targets[:, 0].long(), ignore_index=int(MASK), reduction="none"
    )


def _emotions(logits: Tensor, targets: Tensor, pos_weight: Tensor) -> Tensor:
    """Binary cross-entropy (n, 7), zero where a label is not annotated."""
    known = targets[:, 1:] != MASK
    wanted = torch.where(known, targets[:, 1:], 0.0)
    losses = functional.binary_cross_entropy_with_logits(
        logits[:, len(SENTIMENT) :], wanted, pos_weight=pos_weight, reduction="none"
    )
    return losses * known


def distillation(logits: Tensor, teacher: Tensor, temperature: float = 1.0) -> Tensor:
    """Mean Kullback-Leibler divergence per row of student from teacher, both (n, 10) logits; nothing where they agree.

    The sentiment group counts where the teacher has all three of its logits, each other label where it has that one.
    Divided by a higher temperature, logits tell more of what is unlikely; the square keeps the gradients' size
    (Hinton et al. 2015).
    """
    known = ~teacher.isnan()
    goal = torch.where(known, teacher, 0.0).detach() / temperature
    own, group = logits / temperature, len(SENTIMENT)
    sentiment = _softmax_gap(own[:, :group], goal[:, :group]) * known[:, :group].all(dim=1)
    emotions = _sigmoid_gap(own[:, group:], goal[:, group:]) * known[:, group:]
    return temperature**2 * (sentiment + emotions.sum(dim=1)).mean()


def _softmax_gap(own: Tensor, goal: Tensor) -> Tensor:
    """Divergence (n,) of the softmax of `own` (n, k) from that of `goal`."""
    logs = functional.log_softmax(own, dim=1), functional.log_softmax(goal, dim=1)
    return functional.kl_div(*logs, reduction="none", log_target=True).sum(dim=1)


def _sigmoid_gap(own: Tensor, goal: Tensor) -> Tensor:
    """Divergence (n, k) of each sigmoid: the cross-entropy less what it is when both are the same."""
    shares = goal.sigmoid()
    cross = functional.binary_cross_entropy_with_logits(own, shares, reduction="none")
    return cross - functional.binary_cross_entropy_with_logits(goal, shares, reduction="none")


def positive_weights(targets: Tensor, cap: float) -> Tensor:
    """Square root of negatives per positive for each of the seven labels, within 1 and `cap` (7,).

    The root keeps rare labels learnable without drowning precision; calibration restores the base rate.
    """
    known = targets[:, 1:]
    positives = (known == 1).sum(dim=0).clamp(min=1)
    negatives = (known == 0).sum(dim=0)
    return (negatives / positives).sqrt().clamp(1.0, cap)
