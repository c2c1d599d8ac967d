"""How many tokens of text a second training learns from, against a default Trainer with fixed padding, in one run."""

import time
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import Trainer, TrainingArguments

from model import backbones, network, starter
from model.encoding import Collator, encode
from model.losses import positive_weights
from model.rows import Row, targets
from model.trainer import MaskedTrainer
from model.training import TrainingOptions, arguments

TEXTS = 320
PADDED_TO = 128
SHIPPED_FROZEN = 4


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


def test_tokens_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped recipe (like lengths together, lowest layers at rest) against fixed padding; both in fp32."""
    base = backbones.resolve()
    tokenizer = network.base_tokenizer(base)
    rows = starter.load("train")[:TEXTS]
    data = encode(rows, tokenizer, PADDED_TO)
    tokens = sum(len(own) for own in data["input_ids"])
    options = TrainingOptions(epochs=1, frozen_layers=SHIPPED_FROZEN)
    net = network.trainable(network.bare(base.source), False, SHIPPED_FROZEN)
    ours = _seconds(
        MaskedTrainer, net, arguments(options, str(tmp_path)), data, Collator(tokenizer.pad_token_id), rows
    )
    plain = TrainingArguments(
        output_dir=str(tmp_path),
        num_train_epochs=1,
        per_device_train_batch_size=options.batch_size,
        use_cpu=True,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
    whole = network.trainable(network.bare(base.source), True)
    theirs = _seconds(Plain, whole, plain, data, FixedPadding(tokenizer.pad_token_id), rows)
    with capsys.disabled():
        print(
            f"\ntraining: {tokens / ours:.0f} tokens a second, {theirs / ours:.2f} times a default Trainer that pads "
            f"to {PADDED_TO} ({tokens / theirs:.0f}); {TEXTS} texts of {tokens / TEXTS:.0f} tokens"
        )
    assert tokens > 0


def _seconds(
    kind: Any, net: Any, args: TrainingArguments, data: Any, collator: Collator, rows: list[Row]
) -> float:
    trainer = kind(
        model=net,
        args=args,
        train_dataset=data,
        data_collator=collator,
        pos_weight=positive_weights(torch.from_numpy(targets(rows)), 3.0),
    )
    start = time.perf_counter()
    trainer.train()
    return time.perf_counter() - start
