from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model.backbones import resolve
from model.encoding import Collator, encode
from model.errors import BadInput
from model.labels import LABELS
from model.losses import masked_loss
from model.network import tokenizer_of
from model.rows import MASK, Row, texts
from model.scoring import Scorer
from model.teaching import taught, teachers
from model.trainer import MaskedTrainer
from model.training import fine_tune
from tests.model.conftest import TINY

pytestmark = pytest.mark.long

PLAIN: Row = {"text": "I am lost", "lang": "en", "labels": {"sentiment": "negative", "confusion": 1}}
OTHER: Row = {"text": "The room is B12", "lang": "en", "labels": {}}
LOGITS = np.arange(20, dtype=np.float32).reshape(2, 10)


def test_a_teacher_stands_with_its_row_in_plain_numbers() -> None:
    rows = taught([PLAIN, OTHER], LOGITS)
    assert rows[1] == {**OTHER, "teacher": [float(one) for one in range(10, 20)]}
    assert np.array_equal(teachers(rows), LOGITS)
    assert "teacher" not in PLAIN


def test_beside_a_corrected_label_the_teacher_can_be_silent() -> None:
    found = teachers(taught([PLAIN, OTHER], LOGITS, beside_labels=False))
    silent = [*range(3), LABELS.index("confusion")]
    assert np.isnan(found[0, silent]).all()
    assert np.isfinite(found[0]).sum() == 6
    assert np.isfinite(found[1]).all()


def test_a_row_without_a_teacher_has_none() -> None:
    assert np.isnan(teachers([PLAIN])).all()


@pytest.mark.parametrize(
    "wrong", [[1.0] * 9, "none", [["a"] * 10], [float("inf")] * 10, 3.0, [{}] * 10], ids=str
)
def test_a_teacher_that_is_no_ten_numbers_is_refused(wrong: object) -> None:
    with pytest.raises(BadInput, match="teacher"):
        teachers([{**PLAIN, "teacher": wrong}])


def batch(rows: list[Row]) -> dict[str, torch.Tensor]:
    data = encode(rows, tokenizer_of(resolve(TINY.base or "").source), 16)
    return Collator(0)([data[number] for number in range(len(rows))])


def test_teachers_reach_the_batch_only_where_there_are_any() -> None:
    assert "teacher" not in batch([PLAIN, OTHER])
    mixed = batch([taught([PLAIN], LOGITS[:1])[0], OTHER])
    assert mixed["teacher"].shape == (2, 10)
    assert mixed["teacher"][1].isnan().all()
    assert (mixed["labels"][1] == MASK).all()


class Fixed(torch.nn.Module):
    """A network that always says the same."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, **inputs: torch.Tensor) -> "Fixed":
        return self


def trainer(distil: float) -> MaskedTrainer:
    made = MaskedTrainer.__new__(MaskedTrainer)
    made.pos_weight, made.watch = torch.ones(7), None
    made.distil, made.temperature = distil, 1.0
    return made


def test_without_a_teacher_the_loss_is_the_masked_loss() -> None:
    inputs, logits = batch([PLAIN, OTHER]), torch.randn(2, 10)
    plain = masked_loss(logits, inputs["labels"], torch.ones(7), inputs["weights"])
    assert trainer(5.0).compute_loss(Fixed(logits), inputs) == plain
    with_teacher = batch(taught([PLAIN, OTHER], LOGITS))
    assert trainer(0.0).compute_loss(Fixed(logits), with_teacher) == plain
    assert trainer(1.0).compute_loss(Fixed(logits), with_teacher) > plain


@pytest.fixture(scope="module")
def drifts(
    tiny: Path, scorer: Scorer, rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> list[float]:
    """How far a model moves from its parent on texts that no one corrected, with more and more of a teacher."""
    wrong = [{**row, "labels": {"boredom": 1}} for row in rows[:16]]
    kept = rows[64:96]
    before = scorer.score(texts(kept))
    old = [{**row, "labels": {}} for row in taught(kept, before)]
    found = []
    for distil in (0.0, 3.0):
        out = tmp_path_factory.mktemp("drifts") / str(distil)
        options = replace(TINY, epochs=4, learning_rate=3e-4, distil=distil, recalibrate=False)
        fine_tune(wrong + old, rows[96:104], tiny, out, options)
        found.append(float(np.abs(Scorer.load(out).score(texts(kept)) - before).mean()))
    return found


def test_rows_with_a_teacher_and_no_label_keep_what_nobody_corrected(drifts: list[float]) -> None:
    without, held = drifts
    assert held < 0.7 * without
