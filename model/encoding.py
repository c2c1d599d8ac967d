"""Rows to `datasets.Dataset`, from memory only and with caching off: no text reaches the disk."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np
import torch
from transformers import PreTrainedTokenizerBase

from model.rows import Row, encodable, targets, texts, weights
from model.teaching import teachers

datasets.disable_caching()


def encode(rows: Sequence[Row], tokenizer: PreTrainedTokenizerBase, max_length: int) -> datasets.Dataset:
    """Token ids, targets (8), their weights (8), and the teacher's logits (10) if any row has a teacher."""
    own = [encodable(text) for text in texts(rows)]
    encoded = tokenizer(own, truncation=True, max_length=max_length, return_token_type_ids=False)
    columns = {
        "input_ids": encoded["input_ids"],
        "labels": targets(rows).tolist(),
        "weights": weights(rows).tolist(),
    }
    if any(row.get("teacher") is not None for row in rows):
        columns["teacher"] = teachers(rows).tolist()
    return datasets.Dataset.from_dict(columns)


class Collator:
    """Pads a batch to its longest text."""

    def __init__(self, pad_id: int) -> None:
        self.pad_id = pad_id

    def __call__(self, features: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        width = max(len(feature["input_ids"]) for feature in features)
        ids = np.full((len(features), width), self.pad_id, dtype=np.int64)
        mask = np.zeros((len(features), width), dtype=np.int64)
        for number, feature in enumerate(features):
            ids[number, : len(feature["input_ids"])] = feature["input_ids"]
            mask[number, : len(feature["input_ids"])] = 1
        numbers = ("labels", "weights", "teacher") if "teacher" in features[0] else ("labels", "weights")
        return {
            "input_ids": torch.from_numpy(ids),
            "attention_mask": torch.from_numpy(mask),
            **{name: torch.tensor([feature[name] for feature in features]) for name in numbers},
        }
