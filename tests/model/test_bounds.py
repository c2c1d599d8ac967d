"""Options that an encoder cannot honour are refused before anything starts, in words."""

from pathlib import Path

import pytest
from transformers import BertConfig

from model import bounds, training
from model.backbones import ENGLISH, Backbone
from model.errors import BadInput, ModelError, UnfitBackbone

SIZES = {"hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3, "num_attention_heads": 3}


def small(folder: Path, **sizes: int) -> Backbone:
    BertConfig(**{**SIZES, **sizes}).save_pretrained(folder)
    return Backbone("small", str(folder), "0" * 64)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((512, 2, 25), r"rank of 25 is too large: at most 24"),
        ((513, 2, 24), r"maximum length of 513 is too large: at most 512"),
        ((512, 3, 24), r"number of frozen layers of 3 is too large: at most 2"),
    ],
)
def test_the_bounds_are_those_of_the_encoder(tmp_path: Path, asked: tuple[int, int, int], words: str) -> None:
    base = small(tmp_path)
    bounds.check(base, 512, 2, 24)
    with pytest.raises(BadInput, match=words):
        bounds.check(base, *asked)


def test_where_all_weights_are_kept_no_rank_is_asked_for(tmp_path: Path) -> None:
    bounds.check(small(tmp_path), 128, 0, None)


def test_an_encoder_that_reads_too_little_at_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnfitBackbone, match="128 tokens at once; 256 are needed"):
        bounds.check(small(tmp_path, max_position_embeddings=128), 64, 0, 4)


@pytest.mark.parametrize("wrong", [{"rank": 400}, {"max_length": 600}, {"frozen_layers": 6}])
def test_a_training_does_not_begin_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, int]
) -> None:
    monkeypatch.setattr(training, "_train", lambda *others: pytest.fail("it began"))
    rows = [{"text": "hm", "lang": "en", "labels": {"confusion": 0}}]
    options = training.TrainingOptions(base=ENGLISH, **wrong)
    with pytest.raises(ModelError, match="too large: at most"):
        training.fine_tune(rows, rows, None, tmp_path / "out", options)
    assert list(tmp_path.iterdir()) == []
