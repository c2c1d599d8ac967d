"""One layer of a BERT over texts that stand one after the other without padding, for processors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

Matrix = tuple[Tensor, Tensor]
"""Weights and biases."""


@dataclass(frozen=True)
class Run:
    """Neighbouring texts of one length: their first token's row, how many they are, how long each is."""

    start: int
    count: int
    length: int

    @property
    def rows(self) -> slice:
        return slice(self.start, self.start + self.count * self.length)


class Layer:
    """One layer, its matrices in as many parts as processors work on them at once.

    A part has some of the heads and some of the wide layer (Shoeybi et al. 2019, section 3), so that each processor
    multiplies by matrices of its own: the products of a single text are too small to be shared otherwise. One part is
    the network's own weights, several are a copy, and so is what has other digits than they have.
    """

    def __init__(self, layer: Any, config: Any, parts: int, digits: torch.dtype) -> None:
        attention = layer.attention.self
        self.parts, self.heads = parts, config.num_attention_heads
        self.size_of_head = config.hidden_size // self.heads
        projections = (attention.query, attention.key, attention.value)
        with torch.no_grad():
            self.weights = torch.cat([own.weight for own in projections]).to(digits)
            self.biases = torch.cat([own.bias for own in projections]).to(digits)
            self.all = _columns(self.weights, self.biases, 3 * parts, copied=parts > 1)
            wide = layer.intermediate.dense
            self.wide = _columns(wide.weight.to(digits), wide.bias.to(digits), parts, copied=parts > 1)
            self.joined = _rows(layer.attention.output.dense, parts, digits)
            self.narrow = _rows(layer.output.dense, parts, digits)
        self.norms = layer.attention.output.LayerNorm, layer.output.LayerNorm

    def __call__(self, hidden: Tensor, runs: Sequence[Run]) -> Tensor:
        """The layer's output (tokens, hidden)."""
        projected = _apart(hidden, self.all)
        context = hidden.new_empty(self.parts, len(hidden), projected.shape[2])
        for run in runs:
            context[:, run.rows] = self._attended(projected[:, run.rows], run.length)
        return self._after_attention(hidden, context)

    def first_tokens(self, hidden: Tensor, runs: Sequence[Run]) -> Tensor:
        """The layer's output (n, hidden) for the first token of each text.

        A text has one query for each head. It meets the keys' weights first, and what it finds the values'; so the
        other tokens need no projection. A bias of the keys moves all that a query sees alike: it says nothing.
        """
        first = hidden[torch.cat([torch.arange(run.start, run.rows.stop, run.length) for run in runs])]
        query, key, value = self.weights.view(3, self.heads, self.size_of_head, -1)
        query_bias, _, value_bias = self.biases.view(3, self.heads, 1, self.size_of_head)
        own = torch.baddbmm(query_bias, first.expand(self.heads, *first.shape), query.transpose(1, 2))
        asked = torch.bmm(own.mul_(self.size_of_head**-0.5), key).transpose(0, 1)
        counts = [run.count for run in runs]
        by_run = zip(torch.split(asked, counts), runs, strict=True)
        found = torch.cat([_found(some, hidden, run) for some, run in by_run])
        by_head = torch.baddbmm(value_bias, found.transpose(0, 1), value.transpose(1, 2))
        context = by_head.view(self.parts, -1, len(first), self.size_of_head).transpose(1, 2)
        return self._after_attention(first, context.reshape(self.parts, len(first), -1))

    def _attended(self, projected: Tensor, length: int) -> Tensor:
        """What texts of one length find (parts, rows, width), from their projections (3 · parts, rows, width)."""
        rows, width = projected.shape[1:]
        by_text = projected.reshape(3, self.parts * rows // length, length, -1, self.size_of_head)
        found = functional.scaled_dot_product_attention(*by_text.transpose(2, 3))
        return found.transpose(1, 2).reshape(self.parts, rows, width)

    def _after_attention(self, hidden: Tensor, context: Tensor) -> Tensor:
        hidden = self.norms[0](_together(context, self.joined).add_(hidden))
        wide = functional.gelu(_apart(hidden, self.wide))
        return Tensor(self.norms[1](_together(wide, self.narrow).add_(hidden)))


def _found(asked: Tensor, hidden: Tensor, run: Run) -> Tensor:
    """What each text's queries (n, heads, hidden) find among its tokens (n, heads, hidden)."""
    texts = hidden[run.rows].view(run.count, run.length, -1)
    return torch.bmm(torch.softmax(torch.bmm(asked, texts.transpose(1, 2)), dim=2), texts)


def _columns(weight: Tensor, bias: Tensor, parts: int, copied: bool) -> Matrix:
    """Weights (parts, in, out / parts) and biases (parts, 1, out / parts)."""
    weights = weight.view(parts, -1, weight.shape[1]).transpose(1, 2)
    return weights.contiguous() if copied else weights, bias.view(parts, 1, -1)


def _rows(dense: Any, parts: int, digits: torch.dtype) -> Matrix:
    """Weights (parts, in / parts, out) and bias (out) of a layer of which each part reads its share."""
    weights = dense.weight.to(digits).view(dense.out_features, parts, -1).permute(1, 2, 0)
    return weights.contiguous() if parts > 1 else weights, dense.bias.to(digits)


def _apart(hidden: Tensor, matrix: Matrix) -> Tensor:
    """What each part makes (parts, rows, out / parts) of the same rows (rows, in)."""
    weights, biases = matrix
    return torch.baddbmm(biases, hidden.expand(len(weights), *hidden.shape), weights)


def _together(apart: Tensor, matrix: Matrix) -> Tensor:
    """The sum (rows, out) of what each part makes of its own (parts, rows, in / parts)."""
    total, *others = torch.bmm(apart, matrix[0])
    for other in others:
        total.add_(other)
    return Tensor(total.add_(matrix[1]))
