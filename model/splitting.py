"""Texts longer than the network reads at once: cut where sentences end, and one answer from the pieces' answers."""

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.labels import LABELS, SENTIMENT

SENTENCE_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。!?؟।]|\n")
EARLIEST = 0.6
"""A piece ends no earlier than at this share of the tokens it may have, so that none is a scrap."""
FEW_SPACES = 8
"""As many spaces after a sentence are looked over."""

Offsets = Sequence[tuple[int, int]]


def pieces(text: str, offsets: Offsets, limit: int) -> list[slice]:
    """Which tokens of the text are read together: pieces of at most `limit`, about equally long.

    `offsets` are the tokens' places in the text. A piece ends with a sentence where one ends in reach, else between
    two words, else anywhere.
    """
    sentence_ends = {found.end() for found in SENTENCE_END.finditer(text)}
    cuts = [0]
    while len(offsets) - cuts[-1] > limit:
        goal = _even(len(offsets) - cuts[-1], limit)
        cuts.append(_cut(text, offsets, cuts[-1], goal, limit, sentence_ends))
    return [slice(start, end) for start, end in pairwise([*cuts, len(offsets)])]


def combined(logits: NDArray[np.float32], tokens: Sequence[int]) -> NDArray[np.float32]:
    """One answer (10,) from the pieces' logits (p, 10) and their numbers of tokens (p).

    The sentiment is the text's attitude as a whole, a mean by length; a label is there when a piece has it, the
    largest.
    """
    result = np.empty(len(LABELS), dtype=np.float32)
    group = len(SENTIMENT)
    result[:group] = np.average(logits[:, :group], axis=0, weights=np.maximum(tokens, 1))
    result[group:] = logits[:, group:].max(axis=0)
    return result


def _even(tokens: int, limit: int) -> int:
    """How many tokens the next piece should have for all of them to be about equally long."""
    return -(-tokens // -(-tokens // limit))


def _cut(text: str, offsets: Offsets, begin: int, goal: int, limit: int, ends: set[int]) -> int:
    """The token with which the next piece begins: the best place near `begin + goal`, never past the limit."""
    reach = range(begin + max(1, int(EARLIEST * goal)), begin + limit + 1)
    by_nearness = sorted(reach, key=lambda token: abs(token - begin - goal))
    between = (token for token in by_nearness if _parted(text, offsets, token))
    ended = (token for token in by_nearness if _after_sentence(text, offsets, token, ends))
    return next(ended, None) or next(between, None) or begin + goal


def _parted(text: str, offsets: Offsets, token: int) -> bool:
    """Whether a space lies before the token, or within its beginning."""
    start = offsets[token][0]
    return text[start : start + 1].isspace() or text[max(0, start - 1) : start].isspace()


def _after_sentence(text: str, offsets: Offsets, token: int, ends: set[int]) -> bool:
    start = offsets[token][0]
    before = text[max(0, start - FEW_SPACES) : start]
    return start > 0 and start - len(before) + len(before.rstrip(" \t")) in ends
