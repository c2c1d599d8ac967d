"""A BERT classifier read without padding, for processors: every token of a batch is in one long matrix.

The same arithmetic as the network's own forward, in float32: the three projections of attention are one product, only
attention itself is done text by text, and in the last layer nothing is computed but the first token, which is all that
the classifier looks at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Run:
    """Neighbouring texts of one length: their first token's row, how many they are, how long each is."""

    start: int
    count: int
    length: int

    @property
    def rows(self) -> slice:
        return slice(self.start, self.start + self.count * self.length)


class Packed:
    """The weights of a `BertForSequenceClassification`, its projections joined."""

    def __init__(self, network: Any) -> None:
        self.network = network
        self.embeddings = network.bert.embeddings
        self.layers = [_Layer(layer, network.config) for layer in network.bert.encoder.layer]

    @classmethod
    def of(cls, network: Any) -> Self | None:
        """None for what is not a plain BERT on a processor; such a network reads padded batches itself."""
        config = network.config
        plain = config.model_type == "bert" and config.hidden_act == "gelu" and not network.training
        return cls(network) if plain and next(network.parameters()).device.type == "cpu" else None

    def __call__(self, ids: Sequence[Sequence[int]]) -> Tensor:
        """Logits (n, labels) of n texts' token ids; texts of one length should stand together."""
        runs = list(_runs([len(own) for own in ids]))
        with torch.inference_mode():
            hidden = self._embedded(ids)
            for layer in self.layers[:-1]:
                hidden = layer(hidden, runs)
            first = self.layers[-1].first_tokens(hidden, runs)
            return Tensor(self.network.classifier(self.network.bert.pooler(first[:, None])))

    def _embedded(self, ids: Sequence[Sequence[int]]) -> Tensor:
        """Embeddings (tokens, hidden) of all texts, one after the other."""
        tokens = torch.tensor([token for own in ids for token in own])
        places = torch.cat([torch.arange(len(own)) for own in ids])
        own = self.embeddings
        words = (
            own.word_embeddings(tokens)
            + own.token_type_embeddings.weight[0]
            + own.position_embeddings(places)
        )
        return Tensor(own.LayerNorm(words))


class _Layer:
    def __init__(self, layer: Any, config: Any) -> None:
        attention = layer.attention.self
        self.heads = config.num_attention_heads
        self.size = config.hidden_size
        projections = (attention.query, attention.key, attention.value)
        with torch.no_grad():
            self.weight = torch.cat([own.weight for own in projections]).detach()
            self.bias = torch.cat([own.bias for own in projections]).detach()
        self.joined = layer.attention.output
        self.wide = layer.intermediate.dense
        self.narrow = layer.output

    def __call__(self, hidden: Tensor, runs: Sequence[Run]) -> Tensor:
        """The layer's output (tokens, hidden)."""
        projected = functional.linear(hidden, self.weight, self.bias)
        context = torch.empty_like(hidden)
        for run in runs:
            query, key, value = self._by_head(projected[run.rows], run, 3)
            context[run.rows] = self._attended(query, key, value)
        return self._after_attention(hidden, context)

    def first_tokens(self, hidden: Tensor, runs: Sequence[Run]) -> Tensor:
        """The layer's output (n, hidden) for the first token of each text."""
        projected = functional.linear(hidden, self.weight[self.size :], self.bias[self.size :])
        starts = torch.cat([torch.arange(run.start, run.rows.stop, run.length) for run in runs])
        first = hidden[starts]
        queries = functional.linear(first, self.weight[: self.size], self.bias[: self.size])
        context, done = torch.empty_like(first), 0
        for run in runs:
            own = slice(done, done + run.count)
            query = queries[own].view(run.count, 1, self.heads, -1).transpose(1, 2)
            context[own] = self._attended(query, *self._by_head(projected[run.rows], run, 2))
            done += run.count
        return self._after_attention(first, context)

    def _by_head(self, projected: Tensor, run: Run, parts: int) -> Tensor:
        """Projections as (parts, texts, heads, length, size of a head)."""
        return projected.view(run.count, run.length, parts, self.heads, -1).permute(2, 0, 3, 1, 4)

    def _attended(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """What each query finds, as rows (queries, hidden)."""
        found = functional.scaled_dot_product_attention(query, key, value)
        return found.transpose(1, 2).reshape(-1, self.size)

    def _after_attention(self, hidden: Tensor, context: Tensor) -> Tensor:
        hidden = self.joined.LayerNorm(self.joined.dense(context).add_(hidden))
        wide = functional.gelu(self.wide(hidden))
        return Tensor(self.narrow.LayerNorm(self.narrow.dense(wide).add_(hidden)))


def _runs(lengths: Sequence[int]) -> Iterator[Run]:
    """Neighbours of equal length, in order."""
    start = row = 0
    for number in range(1, len(lengths) + 1):
        if number == len(lengths) or lengths[number] != lengths[start]:
            yield Run(row, number - start, lengths[start])
            row += (number - start) * lengths[start]
            start = number
