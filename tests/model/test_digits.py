"""Reading in narrower digits where the hardware is quick at them, and what that changes: next to nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model import starter
from model.decision import present, probabilities
from model.digits import VARIABLE, digits
from model.errors import BadInput
from model.export import export
from model.rows import texts
from model.scoring import Scorer

PROCESSOR, CARD = torch.device("cpu"), torch.device("cuda")
AGREEING = 0.97


def with_capabilities(monkeypatch: pytest.MonkeyPatch, **told: Any) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: told, raising=False)


@pytest.mark.parametrize(("amx", "read_in"), [(True, torch.bfloat16), (False, torch.float32)])
def test_a_processor_reads_in_what_it_multiplies_quickly(
    monkeypatch: pytest.MonkeyPatch, amx: bool, read_in: torch.dtype
) -> None:
    with_capabilities(monkeypatch, amx_bf16=amx)
    assert digits(PROCESSOR) == read_in


def test_a_processor_of_which_nothing_is_known_reads_in_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert digits(PROCESSOR) == torch.float32
    assert digits(CARD) == torch.bfloat16


def test_whoever_runs_it_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    with_capabilities(monkeypatch, amx_bf16=True)
    monkeypatch.setenv(VARIABLE, "float32")
    assert digits(PROCESSOR) == digits(CARD) == torch.float32


def test_digits_that_nothing_reads_in_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "int8")
    with pytest.raises(BadInput, match="float32 or bfloat16"):
        Scorer.load()


def test_the_shipped_model_says_the_same_in_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = texts([*starter.load("heldout")[:30], *starter.load("multilingual_heldout")[::12]])
    exact = Scorer.load()
    monkeypatch.setenv(VARIABLE, "bfloat16")
    narrow = Scorer.load()
    chances = [probabilities(own.calibration, own.score(rows)) for own in (exact, narrow)]
    assert 0 < np.abs(chances[0] - chances[1]).max() < 0.2
    said = [np.column_stack([present(exact.calibration, own), own[:, :3].argmax(1)]) for own in chances]
    assert (said[0] == said[1]).mean() >= AGREEING
    assert narrow.network.dtype == torch.float32


def test_what_is_measured_and_published_is_the_same_on_every_processor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rows = texts(starter.load("heldout")[:8])
    usual = Scorer.load().score(rows)
    monkeypatch.setenv(VARIABLE, "bfloat16")
    assert np.abs(Scorer.load(exact=True).score(rows) - usual).max() < 1e-5
    assert export(None, tmp_path / "plain").is_dir()


def test_a_text_alone_and_among_others_is_read_alike_in_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "bfloat16")
    scorer, rows = Scorer.load(), texts(starter.load("heldout")[:6])
    together = scorer.score(rows)
    alone = np.concatenate([scorer.score([text]) for text in rows])
    assert np.abs(together - alone).max() < 0.15
