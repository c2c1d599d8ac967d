"""How fast texts are scored against a stock pipeline over the same weights, in the same run.

Prints ratios, for machines differ; what is checked is that the answers are the same.
"""

import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, pipeline

from model.decision import UNCALIBRATED, present, probabilities
from model.digits import VARIABLE, digits
from model.export import export
from model.labels import LABELS
from model.scoring import Logits, Scorer
from tests.benchmarks.posts import like_forum_posts, of_lengths

TEXTS = 120
BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64)
ROUNDS = 2
SHORT_TOKENS = 40
AROUND = 5
"""Tokens that stand around a text."""
AGREEING = 0.97


@pytest.fixture(scope="module")
def scorer() -> Iterator[Scorer]:
    """In the digits that this processor is quickest at, as it serves."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(VARIABLE)
        yield Scorer.load()


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The pipeline that a reader of the documentation would write, over our export."""
    folder = str(export(None, tmp_path_factory.mktemp("plain") / "model"))
    network: Any = AutoModelForSequenceClassification.from_pretrained(folder)
    made: Any = pipeline("text-classification", model=network, tokenizer=folder, top_k=None)
    made.tokenizer.model_max_length = 512
    return made


@pytest.fixture(scope="module")
def posts(scorer: Scorer) -> list[str]:
    return like_forum_posts(scorer.tokenizer, TEXTS)


@pytest.mark.timeout(1800)
def test_many_texts(scorer: Scorer, stock: Any, posts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Against the pipeline with batches of 32, and with its best batch size; decisions are the same."""
    ours = _best(lambda: scorer.score(posts))
    theirs = {size: _best(lambda size=size: _stock_logits(stock, posts, size)) for size in BATCH_SIZES}
    best = min(theirs, key=lambda size: theirs[size][0])
    tokens = sum(len(own) for own in scorer.tokenizer(posts, verbose=False)["input_ids"])
    calibrated = probabilities(scorer.calibration, ours[1])
    reference = probabilities(UNCALIBRATED, theirs[1][1])
    same = (present(scorer.calibration, calibrated) == present(scorer.calibration, reference)).all(axis=1)
    same &= calibrated[:, :3].argmax(1) == reference[:, :3].argmax(1)
    with capsys.disabled():
        print(
            f"\nmany texts: {len(posts)} of {tokens / len(posts):.0f} tokens, {torch.get_num_threads()} threads, "
            f"{digits(scorer.device)}: {tokens / ours[0]:.0f} tokens a second; "
            f"{theirs[32][0] / ours[0]:.2f} times a pipeline with batches of 32, "
            f"{theirs[best][0] / ours[0]:.2f} times the best one (batches of {best}); "
            f"all decisions the same in {same.mean():.1%}; memory {_memory_mb():.0f} MB at most"
        )
    assert same.mean() >= AGREEING


def test_one_text(scorer: Scorer, capsys: pytest.CaptureFixture[str]) -> None:
    """Milliseconds for a text of 40 tokens that comes alone."""
    texts = of_lengths(scorer.tokenizer, [SHORT_TOKENS - AROUND] * 150)
    scorer.score(texts[:8])
    seconds = [_timed(lambda text=text: scorer.score([text]))[0] for text in texts]
    half, most = np.percentile(np.array(seconds) * 1000, [50, 95])
    with capsys.disabled():
        print(f"\none text of {SHORT_TOKENS} tokens: median {half:.1f} ms, 95th percentile {most:.1f} ms")


def _stock_logits(stock: Any, texts: list[str], batch_size: int) -> Logits:
    """The pipeline's answers; the export's logits are calibrated already."""
    answers = stock(texts, batch_size=batch_size, truncation=True, function_to_apply="none")
    scores = [{entry["label"]: entry["score"] for entry in answer} for answer in answers]
    return np.array([[own[name] for name in LABELS] for own in scores], dtype=np.float32)


def _best(score: Callable[[], Logits]) -> tuple[float, Logits]:
    return min((_timed(score) for _ in range(ROUNDS)), key=lambda timed: timed[0])


def _timed(score: Callable[[], Logits]) -> tuple[float, Logits]:
    start = time.perf_counter()
    found = score()
    return time.perf_counter() - start, found


def _memory_mb() -> float:
    """Most memory that this process has held, in megabytes; the pipeline's copy of the weights is in it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
