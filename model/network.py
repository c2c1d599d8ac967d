"""Building, saving and loading the network: `AutoModelForSequenceClassification` with ten outputs.

An adapter is LoRA on the encoder's linear layers (but the keys) plus pooler, classifier and the last
layer's query in whole; it is stored in half precision. The network's maths is float32 throughout.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging

from model import checkpoint
from model.backbones import Backbone
from model.errors import AlteredCheckpoint, MissingBackbone, ModelError
from model.labels import LABELS, SENTIMENT, id2label, label2id

logging.set_verbosity_error()  # type: ignore[no-untyped-call]
logging.disable_progress_bar()  # type: ignore[no-untyped-call]

MAX_LENGTH = 256
"""Tokens read at once; of these one text may need several."""

ADAPTER_SETTINGS = "adapter_config.json"

# BERT's names; another architecture needs its own lines here.
LINEAR = r".*encoder\.(?!layer\.{last}\.attention\.self\.query)layer\.({layers})\..*(query|value|dense)"
WHOLE = ("pooler", "classifier", "layer.{last}.attention.self.query")


def tokenizer_of(source: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a base or of a full checkpoint; AlteredCheckpoint when it cannot be built."""
    with _telling(source):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        return tokenizer


def base_tokenizer(base: Backbone) -> PreTrainedTokenizerBase:
    """The tokenizer of a verified base; reading a large vocabulary takes seconds, so it is kept in the process."""
    return _kept_tokenizer(base.source, base.sha256)


@lru_cache(maxsize=2)
def _kept_tokenizer(source: str, sha256: str) -> PreTrainedTokenizerBase:
    return tokenizer_of(source)


@contextmanager
def _telling(source: Path | str) -> Iterator[None]:
    """Settings that the libraries cannot build end in many kinds of errors, none of their own."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        raise AlteredCheckpoint(f"What lies at {source} cannot be loaded.") from error


def bare(source: str, dropout: float = 0.1) -> Any:
    """The base with a fresh classifier of ten outputs."""
    return AutoModelForSequenceClassification.from_pretrained(
        source,
        num_labels=len(LABELS),
        id2label=id2label(),
        label2id=label2id(),
        problem_type="multi_label_classification",
        classifier_dropout=dropout,
        trust_remote_code=False,
        use_safetensors=True,
        dtype=torch.float32,
    )


def with_adapter(network: Any, rank: int, name: str, frozen_layers: int = 0) -> PeftModel:
    """LoRA of the given rank on the encoder's linear layers above the frozen ones, heads in full."""
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=rank,
        lora_alpha=rank,
        target_modules=_named(LINEAR, network, frozen_layers),
        modules_to_save=[_named(name, network) for name in WHOLE],
        base_model_name_or_path=name,
    )
    adapted: PeftModel = get_peft_model(network, config)
    return adapted


def trainable(network: Any, everything: bool, frozen_layers: int = 0) -> Any:
    """Let heads and the weights above the frozen layers that an adapter can hold learn, or everything."""
    whole = [_named(name, network) for name in WHOLE]
    linear = re.compile(_named(LINEAR, network, frozen_layers) + r"\.weight")
    for name, own in network.named_parameters():
        own.requires_grad_(everything or bool(linear.fullmatch(name)) or any(part in name for part in whole))
    return network


def set_dropout(network: Any, share: float) -> None:
    """Let that share of values fall out in training; none makes a step on a processor a sixth faster."""
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = share


def untouched_layers(path: Path) -> int:
    """How many of the lowest layers the checkpoint at `path` leaves as its base has them; of all weights none."""
    if not (path / ADAPTER_SETTINGS).is_file():
        return 0
    pattern = checkpoint.read_json(path / ADAPTER_SETTINGS)["target_modules"]
    held = re.search(r"layer\\\.\(([0-9|]+)\)", pattern)
    return min(map(int, held[1].split("|"))) if held else 0


def _named(pattern: str, network: Any, frozen_layers: int = 0) -> str:
    """A pattern with the numbers of the last layer and of those that learn in it."""
    count = network.config.num_hidden_layers
    learning = "|".join(str(number) for number in range(frozen_layers, count))
    return pattern.replace("{last}", str(count - 1)).replace("{layers}", learning)


def factored(trained: Any, base: Backbone, rank: int, frozen_layers: int = 0) -> PeftModel:
    """The trained network as an adapter over its base: each weight's change, cut to its largest `rank` parts.

    Training the weights themselves and cutting the change afterwards learns in far fewer steps than training
    the two small matrices of LoRA, and a checkpoint is as small.
    """
    adapted = with_adapter(bare(base.source), rank, base.name, frozen_layers)
    goal = trained.state_dict()
    with torch.no_grad():
        for name, own in adapted.named_parameters():
            plain = name.removeprefix("base_model.model.")
            if ".modules_to_save.default." in plain:
                own.copy_(goal[plain.replace(".modules_to_save.default.", ".")])
            elif plain.endswith(".base_layer.weight"):
                layer = adapted.get_submodule(name.removesuffix(".base_layer.weight"))
                _factor(layer, goal[plain.replace(".base_layer.", ".")] - own, rank)
    return adapted


def _factor(layer: Any, change: torch.Tensor, rank: int) -> None:
    """Set a layer's two small matrices so that their product is the change's best part of that rank."""
    left, size, right = torch.linalg.svd(change, full_matrices=False)
    root = (size[:rank] / layer.scaling["default"]).sqrt()
    layer.lora_A["default"].weight.copy_(root[:, None] * right[:rank])
    layer.lora_B["default"].weight.copy_(left[:, :rank] * root)


def save(
    network: Any,
    path: Path,
    base: Backbone,
    tokenizer: PreTrainedTokenizerBase,
    languages: Sequence[str] = (),
) -> str:
    """Write weights and settings into an existing directory; returns the checkpoint's kind.

    `config.json` says, under `undertone`, which outputs are a softmax group, the languages learnt, how many tokens
    of a text are read at once, and what stands before each text: its tokenizer puts that `prefix` there, no reader.
    """
    network.config._name_or_path = base.name
    network.config.undertone = {
        "softmax_group": list(SENTIMENT),
        "languages": sorted(languages),
        "max_length": MAX_LENGTH,
        "prefix": base.prefix,
    }
    if isinstance(network, PeftModel):
        # The base's own configuration names the bare encoder, which has no outputs.
        network.config.architectures = [type(network.get_base_model()).__name__]
        network.peft_config["default"].base_model_name_or_path = base.name
        network.save_pretrained(str(path), safe_serialization=True, save_embedding_layers=False)
        _halve(path / checkpoint.WEIGHTS[checkpoint.ADAPTER])
        network.config.save_pretrained(str(path))
        kind = checkpoint.ADAPTER
    else:
        network.save_pretrained(str(path))
        tokenizer.save_pretrained(str(path))
        kind = checkpoint.FULL
    for extra in path.iterdir():
        if extra.suffix not in checkpoint.ALLOWED:
            extra.unlink()
    return kind


def _halve(path: Path) -> None:
    """Rewrite a safetensors file in half precision."""
    save_file({name: tensor.half().contiguous() for name, tensor in load_file(path).items()}, path)


def load(path: Path, kind: str, base: Backbone | None) -> Any:
    """The network of a checkpoint, adapter merged into its base, ready for inference on the CPU."""
    if kind != checkpoint.FULL and base is None:
        raise MissingBackbone("An adapter cannot be loaded without its base.")
    with _telling(path):
        if base is not None and kind != checkpoint.FULL:
            network = PeftModel.from_pretrained(bare(base.source), str(path)).merge_and_unload()
        else:
            network = AutoModelForSequenceClassification.from_pretrained(
                str(path), trust_remote_code=False, use_safetensors=True, dtype=torch.float32
            )
        return network.eval()


def languages(path: Path) -> tuple[str, ...]:
    """The languages that a checkpoint has learnt; English for one that does not say."""
    return tuple(settings(path).get("undertone", {}).get("languages") or ("en",))


def settings(path: Path) -> dict[str, Any]:
    """The checkpoint's `config.json`."""
    found: dict[str, Any] = json.loads((path / "config.json").read_text(encoding="utf-8"))
    return found
