"""How much faster batches of like length are than one text at a time, in the same run.

Prints a ratio, for machines differ and are shared; the only claim that is checked is that both give the same logits.
"""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from model import starter
from model.scoring import Scorer

TEXTS = 256
SAME = 1e-3


def test_batches_of_like_length_against_one_text_at_a_time() -> None:
    scorer = Scorer.load()
    texts = [row["text"] for row in starter.load("heldout")][:TEXTS]
    scorer.score(texts[:8])
    together, seconds_together = _timed(lambda: scorer.score(texts))
    alone, seconds_alone = _timed(lambda: np.concatenate([scorer.score([text]) for text in texts]))
    print(
        f"\nscoring {len(texts)} texts: {len(texts) / seconds_together:.0f} a second in batches, "
        f"{len(texts) / seconds_alone:.0f} one at a time, ratio {seconds_alone / seconds_together:.1f}"
    )
    assert np.abs(together - alone).max() < SAME


def _timed(score: Callable[[], NDArray[np.float32]]) -> tuple[NDArray[np.float32], float]:
    start = time.perf_counter()
    return score(), time.perf_counter() - start
