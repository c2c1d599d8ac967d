"""From texts to token ids: in parallel, nothing cut off, and the next texts while the present ones are scored."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any

from model.network import MAX_LENGTH
from model.rows import encodable
from model.splitting import pieces

SHARE = 256
"""Texts that one thread tokenises at a time; fewer would cost more than they save."""
MOST_THREADS = 16

Ids = list[int]


@dataclass(frozen=True)
class Parts:
    """Token ids of what is read at once, and for each of which text (0 …) it is a part."""

    ids: list[Ids]
    owners: list[int]
    texts: int


@dataclass(frozen=True)
class Placed:
    """A part of a text: its token ids, how many special ones stand before, and where each other one comes from."""

    ids: Ids
    head: int
    offsets: Sequence[tuple[int, int]]


class TextReader:
    """Reads texts with one tokenizer. It holds no state between calls."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.threads = min(MOST_THREADS, os.cpu_count() or 1)

    def parts(self, texts: Sequence[str]) -> Parts:
        """The parts of these texts; one of more than 256 tokens has several, cut where sentences end."""
        own = [encodable(text) for text in texts]
        found = [
            [ids] if len(ids) <= MAX_LENGTH else self._cut(own[number])
            for number, ids in enumerate(self._ids(own))
        ]
        owners = [number for number, some in enumerate(found) for _ in some]
        return Parts(list(chain.from_iterable(found)), owners, len(own))

    def ahead(self, groups: Iterable[Sequence[str]]) -> Iterator[Parts]:
        """The parts of each group of texts; the next group is read while the caller works on the present one."""
        yield from _one_ahead(self.parts, groups)

    def _ids(self, texts: list[str]) -> Iterator[Ids]:
        """Token ids of each text, whole. The library lets other threads run while it works."""
        backend = self.tokenizer.backend_tokenizer
        backend.no_truncation()
        backend.no_padding()
        shares = [texts[start : start + SHARE] for start in range(0, len(texts), SHARE)]

        def read(share: list[str]) -> list[Ids]:
            return [encoded.ids for encoded in backend.encode_batch_fast(share)]

        if len(shares) < 2:
            return chain.from_iterable(map(read, shares))
        with ThreadPoolExecutor(self.threads) as pool:
            return chain.from_iterable(list(pool.map(read, shares)))

    def placed(self, text: str) -> list[Placed]:
        """The parts of one text of at least one token, each token with its place in `encodable(text)`."""
        read = self.tokenizer(
            encodable(text), return_offsets_mapping=True, return_special_tokens_mask=True, verbose=False
        )
        ids, special, offsets = read["input_ids"], read["special_tokens_mask"], read["offset_mapping"]
        start, end = special.index(0), len(special) - special[::-1].index(0)
        head, own, tail = ids[:start], ids[start:end], ids[end:]
        room = MAX_LENGTH - len(head) - len(tail)
        return [
            Placed(head + own[piece] + tail, len(head), offsets[start:end][piece])
            for piece in pieces(encodable(text), offsets[start:end], room)
        ]

    def _cut(self, text: str) -> list[Ids]:
        """A long text's pieces, each between the special tokens that stand around a text."""
        return [part.ids for part in self.placed(text)]


def _one_ahead(read: Callable[[Sequence[str]], Parts], groups: Iterable[Sequence[str]]) -> Iterator[Parts]:
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for group in groups:
            coming = pool.submit(read, group)
            if waiting is not None:
                yield waiting.result()
            waiting = coming
        if waiting is not None:
            yield waiting.result()
