from pathlib import Path

import numpy as np
import pytest

from model import checkpoint
from model.checkpoint import Manifest
from model.decision import read_all
from model.errors import WrongBase
from model.rows import Row, texts
from model.scoring import SHIPPED, Scorer, by_length


def test_logits_are_float32_ten_per_text(scorer: Scorer, rows: list[Row]) -> None:
    logits = scorer.score(texts(rows[:5]))
    assert logits.shape == (5, 10)
    assert logits.dtype == np.float32


def test_order_and_batches_do_not_change_a_texts_logits(scorer: Scorer, rows: list[Row]) -> None:
    some = texts(rows[:20])
    together = scorer.score(some, batch_size=7)
    alone = np.concatenate([scorer.score([text]) for text in some])
    assert np.allclose(together, alone, atol=1e-4)
    assert np.allclose(together[::-1], scorer.score(some[::-1]), atol=1e-4)


def test_odd_texts_are_scored(scorer: Scorer) -> None:
    odd = ["", " ", "\n\n", "🙃", "a" * 5000, "word " * 5000, "\u202eabc", "\ud800", "नमस्ते 你好 مرحبا"]
    assert np.isfinite(scorer.score(odd)).all()


def test_no_texts_give_no_logits(scorer: Scorer) -> None:
    assert scorer.score([]).shape == (0, 10)


def test_progress_ends_at_the_number_of_texts(scorer: Scorer, rows: list[Row]) -> None:
    told: list[tuple[int, int]] = []
    scorer.score(texts(rows[:10]), batch_size=4, progress=lambda done, total: told.append((done, total)))
    assert told == [(4, 10), (8, 10), (10, 10)]


def test_batches_hold_texts_of_like_length() -> None:
    encoded = [[0] * length for length in (3, 9, 1, 7)]
    assert list(by_length(encoded, 2)) == [[1, 3], [0, 2]]


def test_the_version_is_a_hash_and_a_calibration(scorer: Scorer, manifest: Manifest) -> None:
    assert scorer.weights_hash == manifest.weights_hash
    assert len(read_all(scorer.calibration, scorer.score(["hm"]))) == 1


def test_an_adapter_refuses_another_base(tiny: Path, other_base: Path) -> None:
    with pytest.raises(WrongBase, match="not trained on"):
        Scorer.load(tiny, base=str(other_base))


def test_the_shipped_adapter_is_small_and_loads_by_default() -> None:
    size = sum(file.stat().st_size for file in SHIPPED.iterdir())
    assert size <= 8_000_000
    scorer = Scorer.load()
    assert scorer.weights_hash == checkpoint.verify(SHIPPED).weights_hash


@pytest.mark.parametrize(
    ("text", "sentiment", "label"),
    [
        (
            "Still stuck on part b, third evening now, I'm losing my mind",
            "negative",
            "confusion",
        ),
        ("I don't understand why the sum starts at one, what is the index for?", None, "confusion"),
        (
            "can't wait for the next lab!! stayed until midnight, I loved this",
            "positive",
            "enthusiasm",
        ),
        (
            "Thank you so much, great explanation, I finally passed. So happy.",
            "positive",
            "satisfaction",
        ),
        ("The lecture was so boring and dull I nearly fell asleep twice.", "negative", "boredom"),
        ("The autograder rejected it nine times and nobody answers. I give up.", "negative", "frustration"),
        ("No entiendo nada de la segunda parte del tema.", "negative", "confusion"),
    ],
)
def test_the_shipped_adapter_reads_plain_cases(text: str, sentiment: str | None, label: str) -> None:
    scorer = Scorer.load()
    reading = read_all(scorer.calibration, scorer.score([text]))[0]
    assert label in reading.labels
    assert sentiment in (None, reading.sentiment)


def test_the_shipped_adapter_finds_no_toxicity_in_civil_texts() -> None:
    scorer = Scorer.load()
    civil = ["Is the quiz on Friday?", "I thought about my lesson on the way home.", "worst textbook ever"]
    assert not any(
        "toxicity" in reading.labels for reading in read_all(scorer.calibration, scorer.score(civil))
    )
