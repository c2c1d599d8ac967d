from collections import UserList
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model import checkpoint, scoring
from model.checkpoint import Manifest
from model.decision import read_all
from model.errors import BadInput, WrongBase
from model.rows import Row, texts
from model.scoring import SHIPPED, Scorer


def test_logits_are_float32_ten_per_text(scorer: Scorer, rows: list[Row]) -> None:
    logits = scorer.score(texts(rows[:5]))
    assert logits.shape == (5, 10)
    assert logits.dtype == np.float32


def test_order_and_batches_do_not_change_a_texts_logits(scorer: Scorer, rows: list[Row]) -> None:
    some = texts(rows[:20])
    together = scorer.score(some)
    alone = np.concatenate([scorer.score([text]) for text in some])
    assert np.allclose(together, alone, atol=1e-4)
    assert np.allclose(together[::-1], scorer.score(some[::-1]), atol=1e-4)


def test_odd_texts_are_scored(scorer: Scorer) -> None:
    odd = ["", " ", "\n\n", "🙃", "a" * 5000, "word " * 5000, "\u202eabc", "\ud800", "नमस्ते 你好 مرحبا"]
    assert np.isfinite(scorer.score(odd)).all()


def test_no_texts_give_no_logits(scorer: Scorer) -> None:
    assert scorer.score([]).shape == (0, 10)


def test_progress_ends_at_the_number_of_texts(
    scorer: Scorer, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(scorer, "budget", 100)
    scorer.score(texts(rows[:10]), progress=lambda done, total: told.append((done, total)))
    assert len(told) > 1
    assert told == sorted(told)
    assert told[-1] == (10, 10)


def test_more_texts_than_are_read_together_keep_their_order(
    scorer: Scorer, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = scorer.score(texts(rows[:10]))
    monkeypatch.setattr(scorer, "together", 4)
    assert np.allclose(scorer.score(texts(rows[:10])), whole, atol=1e-4)


def test_what_a_long_text_says_at_its_end_is_read(scorer: Scorer) -> None:
    filling = "We looked at the map of the harbour and noted the depth. " * 30
    plain, telling = scorer.score(
        [filling + "We left at noon.", filling + "I am lost, I understand nothing!!"]
    )
    assert np.abs(plain - telling).max() > 1e-3


def test_a_label_that_only_the_end_of_a_long_text_carries_is_said(shipped: Scorer) -> None:
    filling = (
        "We looked at the map of the harbour and noted the depth. Then we compared it with the older chart and wrote "
        "both numbers in the table. After that each group took one buoy and one hour of the day. "
    ) * 9
    endings = ("We left at noon.", "I am completely lost, I do not understand any of this and cannot go on.")
    plain, telling = read_all(shipped.calibration, shipped.score([filling + end for end in endings]))
    assert "confusion" not in plain.labels
    assert "confusion" in telling.labels


def test_a_long_text_is_answered_with_one_row_among_short_ones(scorer: Scorer) -> None:
    short = ["Is the quiz on Friday?", "no questions, all clear"]
    among = scorer.score([short[0], "Step one was easy. " * 400, short[1]])
    assert np.allclose(among[[0, 2]], scorer.score(short), atol=1e-4)


def test_a_device_that_is_not_there_is_not_chosen() -> None:
    assert scoring._device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert scoring._device("cpu").type == "cpu"


def test_the_version_is_a_hash_and_a_calibration(scorer: Scorer, manifest: Manifest) -> None:
    assert scorer.weights_hash == manifest.weights_hash
    assert len(read_all(scorer.calibration, scorer.score(["hm"]))) == 1


def test_an_adapter_refuses_another_base(tiny: Path, other_base: Path) -> None:
    with pytest.raises(WrongBase, match="not trained on"):
        Scorer.load(tiny, base=str(other_base))


@pytest.fixture(scope="module")
def shipped() -> Scorer:
    return Scorer.load()


def test_the_shipped_adapter_is_small_and_loads_by_default(shipped: Scorer) -> None:
    size = sum(file.stat().st_size for file in SHIPPED.iterdir())
    assert size <= 10_500_000
    assert shipped.weights_hash == checkpoint.verify(SHIPPED).weights_hash


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
def test_the_shipped_adapter_reads_plain_cases(
    shipped: Scorer, text: str, sentiment: str | None, label: str
) -> None:
    reading = read_all(shipped.calibration, shipped.score([text]))[0]
    assert label in reading.labels
    assert sentiment in (None, reading.sentiment)


def test_the_shipped_adapter_finds_no_toxicity_in_civil_texts(shipped: Scorer) -> None:
    civil = ["Is the quiz on Friday?", "I thought about my lesson on the way home.", "worst textbook ever"]
    assert not any(
        "toxicity" in reading.labels for reading in read_all(shipped.calibration, shipped.score(civil))
    )


def no_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cuda", "no card for the device cuda"),
        ("cuda:1", "no card for the device cuda:1"),
        ("gpu", "'gpu' is no device"),
        ("", "'' is no device"),
        (None, "None is no device"),
        ("meta", "'meta' is no device that can be used"),
    ],
)
def test_a_device_that_is_not_there_or_not_known_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: Any, words: str
) -> None:
    no_card(monkeypatch)
    with pytest.raises(BadInput, match=words):
        scoring._device(name)


def test_a_checkpoint_is_not_loaded_onto_a_device_that_is_not_known(tiny: Path) -> None:
    with pytest.raises(BadInput, match="'gpu' is no device"):
        Scorer.load(tiny, device="gpu")


@pytest.mark.parametrize("kind", [tuple, np.array, lambda own: np.array(own, dtype=object), UserList])
def test_a_tuple_and_an_array_are_as_good_as_a_list(scorer: Scorer, kind: Callable[[list[str]], Any]) -> None:
    some = ["Is the quiz on Friday?", "no questions, all clear", "I am lost"]
    assert np.array_equal(scorer.score(kind(some)), scorer.score(some))


@pytest.mark.parametrize(
    "wrong",
    [
        *("hello", [None], [1.5], [["a"]], [b"a"], b"", None, 5, iter(["a"]), {"a"}, {"a": 1}),
        *(np.array("a"), np.array([["a"]]), np.array([1.0]), ("a", None)),
    ],
)
def test_what_is_no_list_of_strings_is_refused(scorer: Scorer, wrong: Any) -> None:
    with pytest.raises(BadInput, match="list of strings"):
        scorer.score(wrong)
