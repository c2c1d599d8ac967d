from pathlib import Path
from typing import Any

import pytest
from transformers import pipeline

from model import export
from model.errors import AlteredCheckpoint, BadInput
from model.labels import LABELS
from model.scoring import Scorer


@pytest.fixture(scope="module")
def exported(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export.export(tiny, tmp_path_factory.mktemp("export") / "plain")


def test_a_stock_pipeline_gives_ten_labels_per_text(exported: Path) -> None:
    classify: Any = pipeline("text-classification", model=str(exported), top_k=None)
    answers = classify(["Is the quiz on Friday?", "So cool!!"])
    assert [{entry["label"] for entry in answer} for answer in answers] == [set(LABELS)] * 2
    assert sum(entry["score"] for entry in answers[0]) != pytest.approx(1)


def test_the_pipeline_agrees_with_the_scorer(exported: Path, scorer: Scorer) -> None:
    assert export.disagreement(scorer, exported) < export.AGREEMENT


def test_an_export_needs_nothing_of_ours(exported: Path) -> None:
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= {
        file.name for file in exported.iterdir()
    }
    assert not list(exported.glob("adapter*"))
    assert "Purpose" in (exported / "README.md").read_text()
    assert "site-packages" not in (exported / "config.json").read_text()


def test_an_export_that_disagrees_is_not_kept(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "AGREEMENT", -1.0)
    with pytest.raises(AlteredCheckpoint, match="does not agree"):
        export.export(tiny, tmp_path / "plain")
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_never_written_over_another(tiny: Path, exported: Path) -> None:
    with pytest.raises(BadInput, match="exists already"):
        export.export(tiny, exported)
