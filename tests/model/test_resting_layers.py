"""Trainings of a very small random encoder: what rests now keeps what it learnt, and measuring changes nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel

from model import checkpoint, network, scoring, training
from model.backbones import ENGLISH, resolve
from model.labels import LABELS
from model.rows import Row, texts
from model.scoring import Scorer
from model.training import TrainingOptions, fine_tune

SMALL = BertConfig(
    hidden_size=24,
    num_hidden_layers=3,
    num_attention_heads=3,
    intermediate_size=40,
    initializer_range=0.2,
    num_labels=len(LABELS),
)
TEXTS = ["I am lost in this chapter", "Is the quiz on Friday?", "It finally clicked"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bases") / "small"
    torch.manual_seed(5)
    BertModel(SMALL).save_pretrained(folder)
    network.tokenizer_of(resolve(ENGLISH).source).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def quick(base: Path) -> TrainingOptions:
    return TrainingOptions(
        epochs=1, rank=24, batch_size=8, max_length=16, threads=1, base=str(base), learning_rate=3e-2
    )


@pytest.fixture(scope="module", params=[False, True], ids=["adapter", "all weights"])
def parent(
    request: pytest.FixtureRequest,
    rows: list[Row],
    quick: TrainingOptions,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    out = tmp_path_factory.mktemp("parents") / "parent"
    fine_tune(rows[:32], rows[64:], None, out, replace(quick, full=request.param))
    return out


def test_layers_that_rest_now_keep_what_they_learnt_before(
    base: Path, parent: Path, quick: TrainingOptions, rows: list[Row], tmp_path: Path
) -> None:
    still = replace(quick, frozen_layers=2, learning_rate=1e-9, recalibrate=False)
    child = fine_tune(rows[:8], rows[64:], parent, tmp_path / "child", still)
    grandchild = fine_tune(rows[:8], rows[64:], tmp_path / "child", tmp_path / "grandchild", still)
    assert grandchild.kind == child.kind == checkpoint.verify(parent).kind
    first, second, third = (
        Scorer.load(own, str(base)).score(texts(rows[:8]))
        for own in (parent, tmp_path / "child", tmp_path / "grandchild")
    )
    assert np.abs(first).max() > 0.1
    assert np.allclose(first, second, atol=0.03)
    assert np.allclose(first, third, atol=0.05)
    assert network.untouched_layers(tmp_path / "grandchild") == 0


def test_from_the_encoder_the_layers_at_rest_are_not_in_the_adapter(
    quick: TrainingOptions, rows: list[Row], tmp_path: Path
) -> None:
    fine_tune(rows[:8], rows[64:], None, tmp_path / "out", replace(quick, frozen_layers=2))
    assert network.untouched_layers(tmp_path / "out") == 2


def test_measuring_a_network_that_learns_leaves_its_weights_as_they_are(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a card a network that only scores goes to bfloat16, in which no optimizer goes on."""
    monkeypatch.setattr(scoring, "_held", lambda device: torch.bfloat16)
    learning = BertForSequenceClassification(SMALL)
    before = {name: own.detach().clone() for name, own in learning.named_parameters()}
    logits = training._scoring(network.tokenizer_of(str(base)))(learning, TEXTS)
    assert logits.shape == (len(TEXTS), len(LABELS))
    for name, own in learning.named_parameters():
        assert own.dtype == torch.float32
        assert torch.equal(own, before[name])
        assert own.requires_grad
