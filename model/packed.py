"""A BERT classifier read without padding, for processors: every token of a batch is in one long matrix.

The same arithmetic as the network's own forward, in float32: the three projections of attention are one product, only
attention itself is done text by text, in the last layer nothing is computed but the first token, which is all that
the classifier looks at, and every processor has its share of each matrix.
"""

import math
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
        config = network.config
        parts = math.gcd(config.num_attention_heads, config.intermediate_size, torch.get_num_threads())
        self.layers = [_Layer(layer, config, parts) for layer in network.bert.encoder.layer]

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
    """One layer, its matrices in as many parts as processors work on them.

    A part has some of the heads and some of the wide layer (Shoeybi et al. 2019, section 3), so that each processor
    multiplies by matrices of its own: the products of a single text are too small to be shared otherwise.
    """

    def __init__(self, layer: Any, config: Any, parts: int) -> None:
        attention = layer.attention.self
        self.parts, self.heads = parts, config.num_attention_heads // parts
        self.size_of_head = config.hidden_size // config.num_attention_heads
        projections = (attention.query, attention.key, attention.value)
        with torch.no_grad():
            self.query = self._columns(projections[:1])
            self.others = self._columns(projections[1:])
            self.all = self._columns(projections)
            self.wide = self._columns([layer.intermediate.dense])
            self.joined = self._rows(layer.attention.output.dense)
            self.narrow = self._rows(layer.output.dense)
        self.norms = layer.attention.output.LayerNorm, layer.output.LayerNorm

    def _columns(self, layers: Sequence[Any]) -> tuple[Tensor, Tensor]:
        """Weights (parts, in, out / parts) and biases (parts, 1, out / parts) of layers beside each other."""
        weights = torch.cat([own.weight.view(self.parts, -1, own.in_features) for own in layers], dim=1)
        biases = torch.cat([own.bias.view(self.parts, 1, -1) for own in layers], dim=2)
        return weights.transpose(1, 2).contiguous(), biases

    def _rows(self, own: Any) -> tuple[Tensor, Tensor]:
        """Weights (parts, in / parts, out) and bias (out) of a layer of which each part reads its share."""
        weights = own.weight.view(own.out_features, self.parts, -1).permute(1, 2, 0).contiguous()
        return weights, own.bias

    def __call__(self, hidden: Tensor, runs: Sequence[Run]) -> Tensor:
        """The layer's output (tokens, hidden)."""
        projected = _apart(hidden, self.all)
        context = hidden.new_empty(self.parts, len(hidden), projected.shape[2] // 3)
        for run in runs:
            context[:, run.rows] = self._attended(*self._by_head(projected[:, run.rows], run.count, 3))
        return self._after_attention(hidden, context)

    def first_tokens(self, hidden: Tensor, runs: Sequence[Run]) -> Tensor:
        """The layer's output (n, hidden) for the first token of each text."""
        projected = _apart(hidden, self.others)
        starts = torch.cat([torch.arange(run.start, run.rows.stop, run.length) for run in runs])
        first = hidden[starts]
        queries, done = _apart(first, self.query), 0
        context = torch.empty_like(queries)
        for run in runs:
            own = slice(done, done + run.count)
            query = self._by_head(queries[:, own], run.count, 1)
            context[:, own] = self._attended(*query, *self._by_head(projected[:, run.rows], run.count, 2))
            done += run.count
        return self._after_attention(first, context)

    def _by_head(self, projected: Tensor, texts: int, kinds: int) -> Tensor:
        """Projections (parts, rows, width) as (kinds, parts · texts, heads of a part, length, size of a head)."""
        apart = projected.reshape(self.parts * texts, -1, kinds, self.heads, self.size_of_head)
        return apart.permute(2, 0, 3, 1, 4)

    def _attended(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """What each query finds (parts, queries, width of a part)."""
        found = functional.scaled_dot_product_attention(query, key, value)
        return found.transpose(1, 2).reshape(self.parts, -1, self.heads * self.size_of_head)

    def _after_attention(self, hidden: Tensor, context: Tensor) -> Tensor:
        hidden = self.norms[0](_together(context, self.joined).add_(hidden))
        wide = functional.gelu(_apart(hidden, self.wide))
        return Tensor(self.norms[1](_together(wide, self.narrow).add_(hidden)))


def _apart(hidden: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
    """What each part makes (parts, rows, out / parts) of the same rows (rows, in)."""
    parts = len(weights[0])
    return torch.baddbmm(weights[1], hidden.expand(parts, *hidden.shape), weights[0])


def _together(apart: Tensor, weights: tuple[Tensor, Tensor]) -> Tensor:
    """The sum (rows, out) of what each part makes of its own (parts, rows, in / parts)."""
    return torch.bmm(apart, weights[0]).sum(dim=0).add_(weights[1])


def _runs(lengths: Sequence[int]) -> Iterator[Run]:
    """Neighbours of equal length, in order."""
    start = row = 0
    for number in range(1, len(lengths) + 1):
        if number == len(lengths) or lengths[number] != lengths[start]:
            yield Run(row, number - start, lengths[start])
            row += (number - start) * lengths[start]
            start = number
