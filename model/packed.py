"""A BERT classifier read without padding, for processors: every token of a batch is in one long matrix.

The same arithmetic as the network's own forward, in float32 or with the layers in bfloat16: only attention is done text
by text, and in the last layer nothing is computed but the first token, which is all that the classifier looks at.
Several batches are read beside each other, one on each processor, since processors that share a product wait for one
another; a batch alone is shared out.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any, Self, TypeVar

import torch
from torch import Tensor

from model.packed_layer import Layer, Run

Ids = Sequence[Sequence[int]]
Answer = TypeVar("Answer")


class Packed:
    """The weights of a `BertForSequenceClassification`, its projections joined, its layers in these digits.

    Embeddings and classifier stay in float32: they cost little, and the answer keeps its digits.
    """

    def __init__(self, network: Any, digits: torch.dtype = torch.float32) -> None:
        self.network, self.digits = network, digits
        self.embeddings = network.bert.embeddings
        self.threads = torch.get_num_threads()
        config = network.config
        parts = math.gcd(config.num_attention_heads, config.intermediate_size, self.threads)
        own = network.bert.encoder.layer
        self.whole = [Layer(layer, config, 1, digits) for layer in own]
        self.shared = [Layer(layer, config, parts, digits) for layer in own] if parts > 1 else self.whole

    @classmethod
    def of(cls, network: Any, digits: torch.dtype = torch.float32) -> Self | None:
        """None for what is not a plain BERT on a processor; such a network reads padded batches itself."""
        config = network.config
        plain = config.model_type == "bert" and config.hidden_act == "gelu" and not network.training
        return cls(network, digits) if plain and next(network.parameters()).device.type == "cpu" else None

    def each(self, batches: Sequence[Ids]) -> Iterator[Tensor]:
        """Logits (n, labels) of each batch's token ids, in order; texts of one length should stand together."""
        if len(batches) == 1 or self.threads == 1:
            return map(self, batches)
        return side_by_side(lambda ids: self._read(ids, self.whole), batches, self.threads)

    def __call__(self, ids: Ids) -> Tensor:
        """Logits (n, labels) of one batch, which all processors share."""
        return self._read(ids, self.shared)

    def _read(self, ids: Ids, layers: Sequence[Layer]) -> Tensor:
        runs = list(_runs([len(own) for own in ids]))
        with torch.inference_mode():
            hidden = self._embedded(ids)
            for layer in layers[:-1]:
                hidden = layer(hidden, runs)
            first = layers[-1].first_tokens(hidden, runs).float()
            return Tensor(self.network.classifier(self.network.bert.pooler(first[:, None])))

    def _embedded(self, ids: Ids) -> Tensor:
        """Embeddings (tokens, hidden) of all texts, one after the other."""
        tokens = torch.tensor([token for own in ids for token in own])
        places = torch.cat([torch.arange(len(own)) for own in ids])
        own = self.embeddings
        words = (
            own.word_embeddings(tokens)
            + own.token_type_embeddings.weight[0]
            + own.position_embeddings(places)
        )
        return Tensor(own.LayerNorm(words)).to(self.digits)


def side_by_side(read: Callable[[Ids], Answer], batches: Sequence[Ids], threads: int) -> Iterator[Answer]:
    """What is read of each batch, in order, by so many threads that each compute without others."""
    with ThreadPoolExecutor(threads, "reading", _compute_alone, (torch.get_num_threads(),)) as pool:
        yield from pool.map(read, batches)


def _compute_alone(usual: int) -> None:
    """Let this thread compute without others. Torch takes that for later threads too, until one says otherwise."""
    torch.set_num_threads(1)
    other = Thread(target=torch.set_num_threads, args=(usual,))
    other.start()
    other.join()


def _runs(lengths: Sequence[int]) -> Iterator[Run]:
    """Neighbours of equal length, in order."""
    start = row = 0
    for number in range(1, len(lengths) + 1):
        if number == len(lengths) or lengths[number] != lengths[start]:
            yield Run(row, number - start, lengths[start])
            row += (number - start) * lengths[start]
            start = number
