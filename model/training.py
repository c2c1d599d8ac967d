"""Fine-tuning with the Trainer: LoRA and heads over a pinned base, or all weights.

Runs as it is under `accelerate launch` and `torch.distributed.run`. Nothing is written but the finished
checkpoint, which appears at its place in one rename.
"""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import PartialState
from numpy.typing import NDArray
from transformers import PrinterCallback, TrainingArguments, set_seed

from model import backbones, bounds, calibration, checkpoint, corpora, heads, network
from model.backbones import Backbone
from model.checkpoint import Manifest
from model.decision import UNCALIBRATED, Calibration
from model.encoding import Collator, encode
from model.epochs import Epoch, Watch, require_finite
from model.errors import BadInput, WrongBase
from model.evaluation import report
from model.hashing import rows_sha256
from model.integrity.placing import placed, require_free
from model.losses import positive_weights
from model.rows import Row, targets, texts, weights
from model.scoring import Scorer, open_network
from model.trainer import MaskedTrainer, ProgressCallback, TimeBox

Progress = Callable[[int, int], None]

HEAD_START_ROWS = 3000
"""As many different texts, students' first, give the heads their start."""


@dataclass(frozen=True)
class TrainingOptions:
    """How to train.

    `max_seconds` bounds the training steps; the learning rate then falls to zero in time. `head_rate` is the
    multiple of the learning rate that pooler and classifier get. Unless `full`, only what an adapter of `rank`
    can hold is trained, above the lowest `frozen_layers`. `languages` are those that the rows are written in. With
    `patience`, every epoch is measured on the development rows, the best one's weights are kept, and training
    ends after more than so many epochs without a better one; `slack` is how far below the best macro-F1 a later epoch
    still counts as better. Without `recalibrate` the checkpoint keeps the calibration that it
    started from, as a small step on from a model needs no other and its development rows may be too few for one.
    `distil` weighs what rows with a teacher learn from it, at `temperature`, against what labels teach.
    """

    epochs: float = 3.0
    learning_rate: float = 8e-5
    head_rate: float = 1.0
    batch_size: int = 16
    rank: int = 64
    max_length: int = 128
    warmup: float = 0.06
    weight_decay: float = 0.01
    positive_weight_cap: float = 3.0
    dropout: float = 0.1
    seed: int = 7
    max_seconds: float | None = None
    full: bool = False
    bf16: bool = False
    base: str | None = None
    frozen_layers: int = 0
    languages: tuple[str, ...] = ("en",)
    patience: int | None = None
    slack: float = 0.0
    recalibrate: bool = True
    distil: float = 1.0
    temperature: float = 1.0
    threads: int | None = None
    command: str = ""


def fine_tune(
    rows_train: Sequence[Row],
    rows_dev: Sequence[Row],
    start_from: Path | None,
    out: Path,
    options: TrainingOptions = TrainingOptions(),
    progress: Progress | None = None,
    tell_epoch: Callable[[Epoch], None] = lambda epoch: None,
) -> Manifest:
    """Train on `rows_train`, calibrate on `rows_dev`, write a checkpoint directory at `out`.

    `start_from` is a checkpoint to go on from, whose base and languages then hold; else training starts at the
    base of the options, or the default one. `progress` is called with (step, steps). Raises BadInput when there
    are no rows, `out` exists or cannot be written or an option is out of the encoder's bounds, WrongBase when
    `start_from` belongs to another base, UnfitBackbone for an encoder that cannot be trained, ModelError with the
    code "diverged" when loss or weights are no longer finite.
    """
    if not rows_train or not rows_dev:
        raise BadInput("There are no rows to train on or none to calibrate on.")
    require_free(out)
    if options.max_seconds is not None and PartialState().num_processes > 1:
        raise BadInput("A time box is for one process: others would wait for the one that stops first.")
    if options.threads:
        torch.set_num_threads(options.threads)
    set_seed(options.seed)
    parent = checkpoint.verify(start_from) if start_from is not None else None
    if parent is not None and start_from is not None:
        options = _as_before(options, parent, start_from)
    base = backbones.resolve(options.base or backbones.DEFAULT)
    bounds.check(base, options.max_length, options.frozen_layers, None if options.full else options.rank)
    net, watch, steps = _train(rows_train, rows_dev, base, parent, start_from, options, progress, tell_epoch)
    whole = options.full or (parent is not None and parent.kind == checkpoint.FULL)
    trained = net if whole else network.factored(net, base, options.rank, _untouched(options, start_from))
    facts = {
        "data": [*describe(rows_train, "train"), *describe(rows_dev, "development")],
        "options": {name: value for name, value in asdict(options).items() if name != "command"},
        "seed": options.seed,
        "steps": steps,
        "epochs": watch.as_json() if watch else [],
        "command": options.command,
        "parent": parent.weights_hash if parent else None,
        "versions": versions(),
    }
    processes = PartialState()
    if processes.is_main_process:
        before = checkpoint.read_json(start_from / checkpoint.CALIBRATION) if start_from else UNCALIBRATED
        write(trained, out, base, rows_dev, options, before, facts)
    processes.wait_for_everyone()
    return checkpoint.verify(out)


def write(
    trained: Any,
    out: Path,
    base: Backbone,
    rows_dev: Sequence[Row],
    options: TrainingOptions,
    before: Calibration,
    facts: dict[str, Any],
) -> None:
    """Save, calibrate on `rows_dev` and seal a checkpoint beside its place, then rename it."""
    with placed(out) as workshop:
        _finish(trained, workshop, base, rows_dev, options, before, facts)


def _train(
    rows: Sequence[Row],
    rows_dev: Sequence[Row],
    base: Backbone,
    parent: Manifest | None,
    start_from: Path | None,
    options: TrainingOptions,
    progress: Progress | None,
    tell_epoch: Callable[[Epoch], None],
) -> tuple[Any, Watch | None, int]:
    """The trained network, what its epochs were like if they were watched, and the number of steps."""
    tokenizer = network.base_tokenizer(base)
    pos_weight = positive_weights(torch.from_numpy(targets(rows)), options.positive_weight_cap)
    net = _network(base, parent, start_from, options)
    if parent is None:
        unlike = list({row["text"]: row for row in rows}.values())[:HEAD_START_ROWS]
        net.to("cuda" if torch.cuda.is_available() else "cpu")
        heads.prepare(net, unlike, tokenizer, pos_weight, options.max_length)
    data = encode(rows, tokenizer, options.max_length)
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        trainer = MaskedTrainer(
            model=net,
            args=arguments(options, scratch),
            train_dataset=data,
            data_collator=Collator(tokenizer.pad_token_id or 0),
            pos_weight=pos_weight,
            max_seconds=options.max_seconds,
            head_rate=options.head_rate,
            distil=options.distil,
            temperature=options.temperature,
        )
        trainer.remove_callback(PrinterCallback)
        if progress is not None:
            trainer.add_callback(ProgressCallback(progress))
        if options.max_seconds is not None:
            trainer.add_callback(TimeBox(options.max_seconds))
        watch = None
        if options.patience is not None:
            watch = Watch(
                rows_dev, _scoring(tokenizer), pos_weight, options.patience, tell_epoch, options.slack
            )
            trainer.watch = watch
            trainer.add_callback(watch)
        trainer.train()
    trained = trainer.accelerator.unwrap_model(trainer.model).cpu()
    if watch is not None:
        watch.restore(trained)
    for own in trained.parameters():
        require_finite(own)
    return trained, watch, trainer.state.global_step


def _scoring(tokenizer: Any) -> Callable[[Any, Sequence[str]], Any]:
    """How a network that is being trained is measured: by the scorer, which leaves its weights as they are."""
    draft = Manifest(kind=checkpoint.FULL, base={}, weights_hash="", files={})
    return lambda net, own: Scorer(net.eval(), tokenizer, draft, {}, learning=True).score(own)


def _as_before(options: TrainingOptions, parent: Manifest, start_from: Path) -> TrainingOptions:
    """The options with the parent's base, unless one is named, its languages, and a rank that holds what it knows."""
    languages = tuple(sorted({*network.languages(start_from), *options.languages}))
    rank = max(options.rank, int(parent.options.get("rank", 0)))
    return replace(options, base=options.base or parent.base["name"], languages=languages, rank=rank)


def _untouched(options: TrainingOptions, start_from: Path | None) -> int:
    """How many layers are the base's own: lower ones that rest now may have learnt before, and keep that."""
    before = options.frozen_layers if start_from is None else network.untouched_layers(start_from)
    return min(options.frozen_layers, before)


def _network(
    base: Backbone, parent: Manifest | None, start_from: Path | None, options: TrainingOptions
) -> Any:
    if parent is None or start_from is None:
        net = network.bare(base.source)
    elif parent.kind == checkpoint.FULL or parent.base["sha256"] == base.sha256:
        net = network.load(start_from, parent.kind, base)
    else:
        raise WrongBase(f"The adapter at {start_from} does not belong to the base {base.name}.")
    network.set_dropout(net, options.dropout)
    return network.trainable(net, options.full, options.frozen_layers)


def arguments(options: TrainingOptions, scratch: str) -> TrainingArguments:
    """The Trainer's arguments: no checkpoints, no reports, batches of like length."""
    return TrainingArguments(
        output_dir=scratch,
        num_train_epochs=options.epochs,
        per_device_train_batch_size=options.batch_size,
        learning_rate=options.learning_rate,
        weight_decay=options.weight_decay,
        warmup_steps=options.warmup,
        lr_scheduler_type="linear",
        train_sampling_strategy="group_by_length",
        max_grad_norm=1.0,
        seed=options.seed,
        use_cpu=not torch.cuda.is_available(),
        bf16=options.bf16,
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=torch.cuda.is_available(),
    )


def _finish(
    trained: Any,
    folder: Path,
    base: Backbone,
    rows_dev: Sequence[Row],
    options: TrainingOptions,
    before: Calibration,
    facts: dict[str, Any],
) -> Manifest:
    """Save, calibrate on what was saved (half precision and all), seal."""
    kind = network.save(trained, folder, base, network.base_tokenizer(base), options.languages)
    origin = {"name": base.name, "sha256": base.sha256}
    draft = Manifest(kind=kind, base=origin, weights_hash="", files={})
    scorer = Scorer(*open_network(folder, kind, origin, base.source), draft, {}, exact=True)
    logits, gold = scorer.score(texts(rows_dev)), targets(rows_dev)
    require_finite(torch.from_numpy(logits))  # half precision has less room than what was trained
    fitted = dict(before)
    if options.recalibrate:
        fitted = calibration.fit(logits, gold, of_students(rows_dev), before, weights(rows_dev))
    checkpoint.write_json(folder / checkpoint.CALIBRATION, fitted)
    return checkpoint.seal(folder, kind, origin, figures=report(fitted, logits, gold), **facts)


def of_students(rows: Sequence[Row]) -> NDArray[np.bool_]:
    """Which rows (n) are students' own, not of a public corpus."""
    return np.array([row.get("corpus") not in corpora.CORPORA for row in rows], dtype=bool)


def describe(rows: Sequence[Row], use: str) -> list[dict[str, Any]]:
    """One entry per source of rows: name, use, different texts, rows with repeats, SHA-256 of texts and labels."""
    names = sorted({str(row.get("corpus", "rows")) for row in rows})
    own = {name: [row for row in rows if str(row.get("corpus", "rows")) == name] for name in names}
    return [
        {
            "name": name,
            "use": use,
            "texts": len({row["text"] for row in own[name]}),
            "rows": len(own[name]),
            "sha256": rows_sha256(own[name]),
        }
        for name in names
    ]


def versions() -> dict[str, str]:
    """Versions of the libraries that decide the weights."""
    return {name: version(name) for name in ("torch", "transformers", "peft", "accelerate", "safetensors")}
