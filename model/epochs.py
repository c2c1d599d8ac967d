"""Watching a training epoch by epoch: measure, keep the best weights, stop when nothing improves."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from model import calibration, evaluation
from model.errors import ModelError
from model.losses import masked_loss
from model.rows import Row, targets, texts, weights

Score = Callable[[Any, Sequence[str]], Any]
"""From a network and texts to logits (n, 10)."""

DIVERGED = (
    "The training diverged: its loss or weights are no longer finite; nothing was written. "
    "Try a smaller --learning-rate."
)


def require_finite(values: Tensor) -> None:
    """ModelError with the code "diverged" when some weight, loss or logit of a training is infinite or no number."""
    if not torch.isfinite(values).all():
        raise ModelError(DIVERGED, "diverged")


@dataclass(frozen=True)
class Epoch:
    """What one epoch ended with: mean training loss, and loss and F1 per label on the development rows."""

    number: int
    train_loss: float
    loss: float
    macro_f1: float
    per_label_f1: dict[str, float]


class Watch(TrainerCallback):
    """Measures after every epoch; `history` has an entry each, and `restore` brings the best weights back.

    The thresholds are fitted anew for each measurement, so that an epoch is not judged by another one's. Training
    ends once more than `patience` epochs in a row were no better. With `slack`, an epoch whose macro-F1 is less than so
    much under the best one's counts as better: the latest of these is kept.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        score: Score,
        pos_weight: Tensor,
        patience: int,
        tell: Callable[[Epoch], None],
        slack: float = 0.0,
    ) -> None:
        self.rows, self.score, self.pos_weight = rows, score, pos_weight
        self.patience, self.tell, self.slack = patience, tell, slack
        self.best_epoch = 0
        """The number, from 1, of the epoch whose weights are kept."""
        self.history: list[Epoch] = []
        self.losses: list[float] = []
        self.best: dict[str, Tensor] = {}

    def saw(self, loss: Tensor) -> None:
        """Note one training step's loss; a training that diverged ends here."""
        require_finite(loss.detach())
        self.losses.append(float(loss.detach()))

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Measure, remember, perhaps stop."""
        network = kwargs["model"]
        epoch = self._measured(network)
        self.tell(epoch)
        if not self.history or epoch.macro_f1 > max(one.macro_f1 for one in self.history) - self.slack:
            self.best_epoch = epoch.number
            self.best = {
                name: own.detach().clone() for name, own in network.named_parameters() if own.requires_grad
            }
        self.history.append(epoch)
        control.should_training_stop |= len(self.history) - self.best_epoch > self.patience

    def restore(self, network: Any) -> None:
        """Put the best epoch's weights back into the network."""
        with torch.no_grad():
            for name, own in network.named_parameters():
                if name in self.best:
                    own.copy_(self.best[name])

    def as_json(self) -> list[dict[str, Any]]:
        """The history for a manifest."""
        return [asdict(one) for one in self.history]

    def _measured(self, network: Any) -> Epoch:
        logits, gold = self.score(network, texts(self.rows)), targets(self.rows)
        own = torch.from_numpy(logits), torch.from_numpy(gold)
        require_finite(own[0])
        loss = masked_loss(*own, self.pos_weight.cpu(), torch.from_numpy(weights(self.rows)))
        scores = evaluation.per_label_f1(evaluation.said(calibration.fit(logits, gold), logits), gold)
        seen, self.losses = self.losses, []
        return Epoch(
            number=len(self.history) + 1,
            train_loss=sum(seen) / max(1, len(seen)),
            loss=float(loss),
            macro_f1=sum(scores.values()) / max(1, len(scores)),
            per_label_f1=scores,
        )
