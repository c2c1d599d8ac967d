"""Texts of given lengths in tokens, made of starter texts one after the other."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from model import starter

MEAN_TOKENS, MOST_TOKENS = 70, 500
SPREAD = 0.9


def like_forum_posts(tokenizer: Any, count: int) -> list[str]:
    """Texts as long as forum posts are: lengths of a log-normal with a mean of 70 tokens, always the same ones."""
    chance = np.random.default_rng(5)
    wanted = chance.lognormal(np.log(MEAN_TOKENS) - SPREAD**2 / 2, SPREAD, count).clip(6, MOST_TOKENS)
    return of_lengths(tokenizer, [int(tokens) for tokens in wanted])


def of_lengths(tokenizer: Any, lengths: Sequence[int]) -> list[str]:
    """A text for each number of tokens, special ones not counted."""
    own = [row["text"] for row in starter.load("train")]
    words = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in own]
    stream = [token for ids in words for token in ids]
    while len(stream) < sum(lengths):
        stream += stream
    ends = np.cumsum(lengths)
    return [
        str(tokenizer.decode(stream[end - length : end])) for end, length in zip(ends, lengths, strict=True)
    ]
