"""Which words of a text drove a label: integrated gradients over the embeddings (Sundararajan et al. 2017), by captum.

The network is followed from an empty text, all padding, to the text itself; each token gets the share of the label's
rise that its embedding caused. Tokens are added up to words, and the strongest words that stand together are passages.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.labels import LABELS, SENTIMENT
from model.languages import unparted
from model.reading import Placed
from model.rows import encodable
from model.scoring import Scorer
from model.splitting import SENTENCE_END

STEPS = 10
"""Points on the way from the empty text; the passages found with 32 lower a label no further when they are removed."""
TOGETHER = 8
"""Points computed at once: what a long text's memory allows."""
MOST_PARTS = 2
"""Of a long text so many parts are followed, those that count most: each takes as long as a text of 256 tokens."""
MOST_PASSAGES = 3
MOST_WORDS = 12
ENOUGH = 0.6
"""Words are taken, the strongest first, until they carry this share of what pushed towards the label."""


@dataclass(frozen=True)
class Passage:
    """Characters `start` to `end` of the text, and their share of all that pushed the same way, 0 to 1."""

    start: int
    end: int
    share: float


@dataclass(frozen=True)
class Explanation:
    """What pushed towards a label and what away from it, the strongest first; both may be empty."""

    towards: tuple[Passage, ...]
    away: tuple[Passage, ...]


@dataclass(frozen=True)
class Word:
    """A word, or a piece of a script without spaces, and how far it raised the label's logit."""

    start: int
    end: int
    value: float


def explain(scorer: Scorer, text: str, labels: Sequence[str]) -> dict[str, Explanation]:
    """For each of `labels` the passages of `text` that drove it; of a text without words nothing.

    Raises KeyError for an unknown label. One label of a text of 256 tokens takes about a second on two processors.
    """
    if not text.strip():
        return dict.fromkeys(labels, Explanation((), ()))
    own = encodable(text)
    parts = scorer.reader.placed(own)
    values = _margins(torch.stack([_logits(scorer, part) for part in parts]))
    found = {}
    for label in labels:
        column = LABELS.index(label)
        words = []
        for number, weight in _counting(values[:, column].tolist(), parts, label):
            scores = weight * _attributed(scorer, parts[number], column)
            words += _words(own, parts[number].offsets, scores)
        found[label] = Explanation(_passages(own, words), _passages(own, [_turned(word) for word in words]))
    return found


def _logits(scorer: Scorer, part: Placed) -> Tensor:
    return scorer.forward([part.ids])[0].float().cpu()


def _margins(logits: Tensor) -> Tensor:
    """Logits (n, 10) with each sentiment's lead over the two others in place of its own."""
    group = logits[:, : len(SENTIMENT)]
    leads = []
    for column in range(len(SENTIMENT)):
        others = [other for other in range(len(SENTIMENT)) if other != column]
        leads.append(group[:, column] - torch.logsumexp(group[:, others], dim=1))
    return torch.cat([torch.stack(leads, dim=1), logits[:, len(SENTIMENT) :]], dim=1)


def _counting(values: Sequence[float], parts: Sequence[Placed], label: str) -> list[tuple[int, float]]:
    """Which parts decide the label of a long text, and how much each counts, as `splitting.combined` has it."""
    if label not in SENTIMENT:
        return [(int(np.argmax(values)), 1.0)]
    total = sum(len(part.ids) for part in parts)
    weights = [len(part.ids) / total for part in parts]
    order = sorted(range(len(parts)), key=lambda number: -values[number] * weights[number])
    return [(number, weights[number]) for number in sorted(order[:MOST_PARTS])]


def _attributed(scorer: Scorer, part: Placed, column: int) -> NDArray[np.float64]:
    """How far each token of a part, special ones left out, raised the label's margin."""
    from captum.attr import LayerIntegratedGradients  # takes two seconds, and only this needs it

    network = scorer.network
    ids = torch.tensor([part.ids], device=scorer.device)
    empty, own = ids.clone(), slice(part.head, part.head + len(part.offsets))
    empty[:, own] = scorer.tokenizer.pad_token_id or 0
    method = LayerIntegratedGradients(_forward(network), network.get_input_embeddings())
    shares = method.attribute(ids, empty, target=column, n_steps=STEPS, internal_batch_size=TOGETHER)
    values: NDArray[np.float64] = shares.sum(dim=-1)[0, own].detach().double().cpu().numpy()
    return values


def _forward(network: Any) -> Callable[[Tensor], Tensor]:
    def margins(ids: Tensor) -> Tensor:
        return _margins(network(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.float())

    return margins


def _words(
    text: str, offsets: Sequence[tuple[int, int]], values: NDArray[np.float64] | Sequence[float]
) -> list[Word]:
    """Tokens added up to words: what no space parts is one word, but in scripts that do not part words."""
    found: list[Word] = []
    for (first, end), value in zip(offsets, values, strict=True):
        start = end - len(text[first:end].lstrip())
        if start == end:
            continue
        if found and found[-1].end >= start and not _begins_word(text, start):
            found[-1] = Word(found[-1].start, end, found[-1].value + float(value))
        else:
            found.append(Word(start, end, float(value)))
    return found


def _begins_word(text: str, start: int) -> bool:
    return unparted(text[start]) or (unparted(text[start - 1]) and text[start].isalnum())


def _turned(word: Word) -> Word:
    return Word(word.start, word.end, -word.value)


def _passages(text: str, words: Sequence[Word]) -> tuple[Passage, ...]:
    """The words that pushed most, those that stand together in one sentence as one passage."""
    pushing = sorted((n for n, word in enumerate(words) if word.value > 0), key=lambda n: -words[n].value)
    total = sum(words[number].value for number in pushing)
    chosen: list[int] = []
    carried = 0.0
    for number in pushing[:MOST_WORDS]:
        if carried >= ENOUGH * total:
            break
        chosen.append(number)
        carried += words[number].value
    passages = [
        Passage(words[run[0]].start, words[run[-1]].end, sum(words[n].value for n in run) / total)
        for run in _runs(text, words, sorted(chosen))
    ]
    return tuple(sorted(passages, key=lambda passage: -passage.share)[:MOST_PASSAGES])


def _runs(text: str, words: Sequence[Word], chosen: Sequence[int]) -> list[list[int]]:
    """Neighbours of one sentence together; one weak word between two strong ones does not part them."""
    runs: list[list[int]] = []
    for number in chosen:
        last = runs[-1][-1] if runs else None
        if last is not None and number - last <= 2 and not _sentence_ends(text, words[last], words[number]):
            runs[-1] += range(last + 1, number + 1)
        else:
            runs.append([number])
    return runs


def _sentence_ends(text: str, first: Word, second: Word) -> bool:
    return SENTENCE_END.search(text[first.start : second.start + 1]) is not None
