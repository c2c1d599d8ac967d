"""Whether a safetensors file holds the tensors that its settings promise: each of them, none else, plain numbers.

Names and shapes are BERT's, which `model.network` names too; another architecture needs its own lines here.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from model.errors import AlteredCheckpoint
from model.integrity.fields import ADAPTER, WEIGHTS

DTYPES = ("F16", "F32")
TABLES = {"word": "vocab_size", "position": "max_position_embeddings", "token_type": "type_vocab_size"}

Settings = dict[str, Any]
Shapes = dict[str, tuple[int, ...]]


def check_weights(path: Path, kind: str, config: Settings, adapter: Settings, outputs: int) -> None:
    """AlteredCheckpoint when the weights at `path` are not whole, or not those of these (checked) settings."""
    file = path / WEIGHTS[kind]
    wanted = adapter_shapes(config, adapter, outputs) if kind == ADAPTER else full_shapes(config, outputs)
    try:
        with safe_open(file, "numpy") as tensors:
            wrong = _wrong(tensors, wanted)
    except (SafetensorError, ValueError, TypeError, KeyError, OSError) as error:
        raise AlteredCheckpoint(f"{file} is not a whole safetensors file; it is never loaded.") from error
    if wrong:
        raise AlteredCheckpoint(f"The weights in {file} cannot be loaded: {wrong}.")


def _wrong(tensors: Any, wanted: Shapes) -> str:
    """What is wrong first, in words, or nothing."""
    names = set(tensors.keys())
    for name in sorted(names ^ wanted.keys()):
        return f"{name!r} is {'missing' if name in wanted else 'unknown'}"
    for name in sorted(names):
        entry = tensors.get_slice(name)
        if entry.get_dtype() not in DTYPES:
            return f"{name} holds {entry.get_dtype()}, not {' or '.join(DTYPES)}"
        if tuple(entry.get_shape()) != wanted[name]:
            return f"{name} has the shape {tuple(entry.get_shape())}, not {wanted[name]}"
        if not np.isfinite(tensors.get_tensor(name)).all():
            return f"{name} holds numbers that are not finite"
    return ""


def full_shapes(config: Settings, outputs: int) -> Shapes:
    """Name to shape of all weights of a classifier with that many outputs."""
    hidden = config["hidden_size"]
    shapes = _norm("embeddings.LayerNorm", hidden)
    for name, rows in TABLES.items():
        shapes[f"embeddings.{name}_embeddings.weight"] = (config[rows], hidden)
    for number in range(config["num_hidden_layers"]):
        layer = f"encoder.layer.{number}"
        for name, size in _linear(config).items():
            shapes |= _dense(f"{layer}.{name}", size)
        for name in ("attention.output", "output"):
            shapes |= _norm(f"{layer}.{name}.LayerNorm", hidden)
    shapes |= _dense("pooler.dense", (hidden, hidden))
    return {f"bert.{name}": size for name, size in shapes.items()} | _dense("classifier", (outputs, hidden))


def adapter_shapes(config: Settings, adapter: Settings, outputs: int) -> Shapes:
    """Name to shape of an adapter: two small matrices per linear layer that learns, some layers in whole."""
    hidden, rank, last = config["hidden_size"], adapter["r"], config["num_hidden_layers"] - 1
    shapes = _dense("classifier", (outputs, hidden)) | _dense("bert.pooler.dense", (hidden, hidden))
    shapes |= _dense(f"bert.encoder.layer.{last}.attention.self.query", (hidden, hidden))
    learns = re.compile(adapter["target_modules"])
    for number in range(last + 1):
        for name, (rows, columns) in _linear(config).items():
            module = f"bert.encoder.layer.{number}.{name}"
            if learns.fullmatch(module):
                shapes[f"{module}.lora_A.weight"] = (rank, columns)
                shapes[f"{module}.lora_B.weight"] = (rows, rank)
    return {f"base_model.model.{name}": size for name, size in shapes.items()}


def _linear(config: Settings) -> dict[str, tuple[int, int]]:
    """A layer's matrices: rows are outputs."""
    hidden, middle = config["hidden_size"], config["intermediate_size"]
    square = (hidden, hidden)
    attention = {f"attention.self.{name}": square for name in ("query", "key", "value")}
    return {
        **attention,
        "attention.output.dense": square,
        "intermediate.dense": (middle, hidden),
        "output.dense": (hidden, middle),
    }


def _dense(name: str, size: tuple[int, int]) -> Shapes:
    return {f"{name}.weight": size, f"{name}.bias": size[:1]}


def _norm(name: str, size: int) -> Shapes:
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}
