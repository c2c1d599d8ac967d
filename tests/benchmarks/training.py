"""A pass of our training and one of a default Trainer with fixed padding, over the same texts."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate.state import AcceleratorState
from transformers import Trainer, TrainingArguments

from model import backbones, network, starter
from model.encoding import Collator, encode
from model.losses import positive_weights
from model.rows import targets
from model.trainer import MaskedTrainer
from model.training import TrainingOptions, arguments

PADDED_TO = 128
SHIPPED_FROZEN = 4


@dataclass(frozen=True)
class Passes:
    """Tokens of text, without padding, and the seconds of both passes."""

    tokens: int
    ours: float
    theirs: float


class FixedPadding(Collator):
    """Every text to the same width, as a first script does."""

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        batch = super().__call__(features)
        missing = PADDED_TO - batch["input_ids"].shape[1]
        for name, filling in (("input_ids", self.pad_id), ("attention_mask", 0)):
            batch[name] = torch.nn.functional.pad(batch[name], (0, missing), value=filling)
        return batch


class Plain(MaskedTrainer):
    """Our loss with the Trainer's own optimiser and order of texts, all weights learning."""

    create_optimizer = Trainer.create_optimizer
    create_scheduler = Trainer.create_scheduler


def compare(count: int, scratch: Path, batch_size: int, on_card: bool = False) -> Passes:
    """The shipped recipe (like lengths together, lowest layers at rest, no dropout; bfloat16 on a card) against fixed
    padding in float32."""
    base = backbones.resolve()
    tokenizer = network.base_tokenizer(base)
    rows = starter.load("train")[:count]
    data = encode(rows, tokenizer, PADDED_TO)
    weights = positive_weights(torch.from_numpy(targets(rows)), 3.0)
    options = TrainingOptions(
        epochs=1, frozen_layers=SHIPPED_FROZEN, batch_size=batch_size, dropout=0.0, bf16=on_card
    )
    net = network.trainable(network.bare(base.source), False, SHIPPED_FROZEN)
    network.set_dropout(net, options.dropout)
    whole = network.trainable(network.bare(base.source), True)
    pad = tokenizer.pad_token_id
    ours = (MaskedTrainer, net, arguments(options, str(scratch)), Collator(pad))
    theirs = (Plain, whole, _plain(scratch, batch_size, on_card), FixedPadding(pad))
    return Passes(
        tokens=sum(len(own) for own in data["input_ids"]),
        ours=_seconds(*ours, data, weights),
        theirs=_seconds(*theirs, data, weights),
    )


def _plain(scratch: Path, batch_size: int, on_card: bool) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(scratch),
        num_train_epochs=1,
        per_device_train_batch_size=batch_size,
        use_cpu=not on_card,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )


def _seconds(
    kind: Any, net: Any, args: TrainingArguments, collator: Collator, data: Any, weights: torch.Tensor
) -> float:
    AcceleratorState._reset_state(reset_partial_state=True)  # the precision of the pass before would stay
    trainer = kind(model=net, args=args, train_dataset=data, data_collator=collator, pos_weight=weights)
    start = time.perf_counter()
    trainer.train()
    return time.perf_counter() - start
