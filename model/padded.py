"""Any network on any device, in batches padded to their longest text; on a card nothing waits for an answer."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor


class Padded:
    """A network that reads padded batches, on the device where its weights are."""

    def __init__(self, network: Any, pad_id: int) -> None:
        self.network, self.pad_id = network, pad_id
        self.device = next(network.parameters()).device
        self.threads = 1

    def each(self, batches: Sequence[Sequence[Sequence[int]]]) -> Iterator[Tensor]:
        """Logits (n, labels) of each batch, in order."""
        return map(self, batches)

    def __call__(self, ids: Sequence[Sequence[int]]) -> Tensor:
        """Logits (n, labels) of n texts' token ids, on the device, perhaps not yet computed."""
        width = max(len(own) for own in ids)
        tokens = np.full((len(ids), width), self.pad_id, dtype=np.int64)
        for number, own in enumerate(ids):
            tokens[number, : len(own)] = own
        lengths = torch.tensor([len(own) for own in ids])
        read, mask = self._moved(torch.from_numpy(tokens)), torch.arange(width) < lengths[:, None]
        with torch.inference_mode():
            return Tensor(self.network(input_ids=read, attention_mask=self._moved(mask.long())).logits)

    def _moved(self, values: Tensor) -> Tensor:
        if self.device.type == "cpu":
            return values
        return values.pin_memory().to(self.device, non_blocking=True)
