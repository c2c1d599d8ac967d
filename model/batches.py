"""Which texts are read together: batches of like length, as many tokens each as the processor digests best."""

from collections.abc import Iterator, Sequence


def by_length(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions in batches of at most `budget` tokens with padding, longest first, so that memory peaks at once.

    A text that alone has more tokens than the budget is a batch of its own.
    """
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
