"""Figures on the frozen texts: a card's, and those of the model that came with the project."""

import numpy as np
import pytest

from lti_tool.retraining import frozen_figures, measuring
from model import evaluation
from model.decision import UNCALIBRATED
from model.rows import targets
from tests.retraining.test_measuring import logits, row

FROZEN = [row("negative", confusion=1)] * 8 + [row("positive", satisfaction=1)] * 8 + [row()] * 8


def heard() -> np.ndarray:
    """Logits that miss two of eight confused texts and hear one that is none."""
    found = logits(FROZEN)
    found[:2, 3] = -9.0
    found[20, 3] = 9.0
    return found


def test_p57_a_card_has_precision_recall_and_intervals() -> None:
    found = frozen_figures.of_card(UNCALIBRATED, heard(), FROZEN)
    own = found["confusion"]
    assert (own["precision"], own["recall"]) == (pytest.approx(6 / 7), 0.75)
    low, high = own["intervals"]["f1"]
    assert low < own["f1"] < high
    assert found["sentiment"]["intervals"]["macro_f1"] == [1.0, 1.0]
    assert "precision" not in found["sentiment"]
    assert (found["boredom"]["precision"], found["boredom"]["recall"]) == (None, None)
    assert "intervals" not in found["boredom"], "too few to say"
    plain = evaluation.report(UNCALIBRATED, heard(), targets(FROZEN))
    assert {name: {key: found[name][key] for key in own} for name, own in plain.items()} == plain


def test_the_shipped_model_is_read_once_and_not_at_all_where_it_has_been() -> None:
    asked = {"path": "shipped", "calibration": UNCALIBRATED}
    found = frozen_figures.of_shipped(asked, FROZEN, {"shipped": heard()}, lambda *_: None)
    assert found is not None
    assert found["recall"]["confusion"] == 0.75
    assert (found["frozen"], found["recall"]["positive"]) == (24, 1.0)
    assert 0.9 < found["macro_f1"] < 1.0
    assert frozen_figures.of_shipped(None, FROZEN, {}, lambda *_: None) is None


def test_another_network_reads_the_frozen_texts_alone(monkeypatch) -> None:
    exams = []

    def read(path, exam, tell):
        exams.append((str(path), exam))
        return measuring.Read(None, heard(), heard()[:0], heard()[:0])

    monkeypatch.setattr(measuring, "read", read)
    asked = {"path": "shipped", "calibration": UNCALIBRATED}
    assert frozen_figures.of_shipped(asked, FROZEN, {"serving": logits(FROZEN)}, lambda *_: None)
    assert exams == [("shipped", measuring.Exam(FROZEN, [], []))]
