"""Building, saving and loading the network: `AutoModelForSequenceClassification` with ten outputs.

An adapter is LoRA on the encoder's linear layers (but the keys) plus the trained pooler and classifier; it
is stored in half precision. The network's maths is float32 throughout.
"""

import json
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging

from model import checkpoint
from model.backbones import Backbone
from model.errors import MissingBackbone
from model.labels import LABELS, id2label, label2id

logging.set_verbosity_error()  # type: ignore[no-untyped-call]
logging.disable_progress_bar()  # type: ignore[no-untyped-call]

# BERT's names; another architecture needs its own line here.
LINEAR = r".*encoder\..*(query|value|dense)"
HEADS = ["pooler", "classifier"]


def tokenizer_of(source: str) -> PreTrainedTokenizerBase:
    """The tokenizer of a base or of a full checkpoint."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    return tokenizer


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


def with_adapter(network: Any, rank: int, name: str) -> PeftModel:
    """LoRA of the given rank on the encoder's linear layers, heads trained in full."""
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=rank,
        lora_alpha=2 * rank,
        use_rslora=False,
        lora_dropout=0.0,
        target_modules=LINEAR,
        modules_to_save=HEADS,
        base_model_name_or_path=name,
    )
    adapted: PeftModel = get_peft_model(network, config)
    return adapted


def resume_adapter(network: Any, path: Path) -> PeftModel:
    """An existing adapter on the base, trainable."""
    return PeftModel.from_pretrained(network, str(path), is_trainable=True)


def save(network: Any, path: Path, base: Backbone, tokenizer: PreTrainedTokenizerBase) -> str:
    """Write weights and settings into an existing directory; returns the checkpoint's kind."""
    network.config._name_or_path = base.name
    if isinstance(network, PeftModel):
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
    if kind == checkpoint.FULL:
        network = AutoModelForSequenceClassification.from_pretrained(
            str(path), trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        )
    elif base is not None:
        network = PeftModel.from_pretrained(bare(base.source), str(path)).merge_and_unload()
    else:
        raise MissingBackbone("An adapter cannot be loaded without its base.")
    return network.eval()


def settings(path: Path) -> dict[str, Any]:
    """The checkpoint's `config.json`."""
    found: dict[str, Any] = json.loads((path / "config.json").read_text(encoding="utf-8"))
    return found
