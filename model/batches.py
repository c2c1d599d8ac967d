"""Which texts are read together: batches of like length, as many tokens each as the processor digests best."""

import math
from collections.abc import Iterator, Sequence


def by_length(lengths: Sequence[int], budget: int, readers: int = 1) -> Iterator[list[int]]:
    """Positions in batches of at most `budget` tokens with padding, longest first, so that memory peaks at once.

    A text that alone has more tokens than the budget is a batch of its own. Where `readers` work beside each other,
    the batches are as many and as small as keeps each of them at work until the end.
    """
    if readers > 1:
        budget = _fair(lengths, budget, readers)
    batch: list[int] = []
    width = 0
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        width = width or lengths[number]
        if batch and width * (len(batch) + 1) > budget:
            yield batch
            batch, width = [], lengths[number]
        batch.append(number)
    if batch:
        yield batch


def _fair(lengths: Sequence[int], budget: int, readers: int) -> int:
    """The budget with which all have the same number of batches; as it was where one text exceeds a fair share."""
    rounds = math.ceil(sum(lengths) / (budget * readers))
    share = math.ceil(sum(lengths) / max(1, rounds * readers))
    return share if max(lengths, default=0) <= share else budget
