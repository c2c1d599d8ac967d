"""The mean of several trainings over one base: halfway between them, sealed, and telling what it is made of."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from model import averaging, recipe, starter
from model.__main__ import main
from model.averaging import average, largest_rank
from model.checkpoint import Manifest, verify
from model.errors import BadInput, WrongBase
from model.rows import Row, texts
from model.scoring import SHIPPED, Scorer
from model.training import fine_tune
from tests.model.conftest import TINY


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> Path:
    """Another short training over the same base."""
    out = tmp_path_factory.mktemp("other") / "other"
    fine_tune(rows[40:100], rows[100:], None, out, replace(TINY, seed=5, learning_rate=1e-3))
    return out


@pytest.fixture(scope="module")
def mean(tiny: Path, other: Path, rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("mean") / "mean"
    average([tiny, other], rows[64:], out, 2 * TINY.rank, "python -m model average tiny other --out mean")
    return out


def test_its_weights_lie_halfway_between(tiny: Path, other: Path, mean: Path) -> None:
    one, two, between = (Scorer.load(own).network.state_dict() for own in (tiny, other, mean))
    moved = [name for name in one if (one[name] - two[name]).abs().max() > 1e-3]
    assert moved
    for name in moved:
        torch.testing.assert_close(between[name], (one[name] + two[name]) / 2, atol=2e-3, rtol=2e-3)


def test_it_scores_unlike_each_of_them(tiny: Path, other: Path, mean: Path, rows: list[Row]) -> None:
    found = [Scorer.load(own).score(texts(rows[:6])) for own in (tiny, other, mean)]
    assert np.isfinite(found[2]).all()
    assert not np.allclose(found[2], found[0], atol=1e-3)
    assert not np.allclose(found[2], found[1], atol=1e-3)


def test_its_manifest_names_what_it_is_made_of(tiny: Path, other: Path, mean: Path) -> None:
    parts, whole = [verify(own) for own in (tiny, other)], verify(mean)
    assert whole.options["average_of"] == [own.weights_hash for own in parts]
    assert whole.steps == sum(own.steps for own in parts)
    learnt = {entry["sha256"] for entry in whole.data if entry["use"] == "train"}
    assert learnt == {entry["sha256"] for own in parts for entry in own.data if entry["use"] == "train"}
    assert whole.parent is None


def test_a_training_that_is_given_twice_was_run_once() -> None:
    one, other = (
        Manifest(kind="adapter", base={}, weights_hash=name, files={}, steps=steps)
        for name, steps in (("a", 3), ("b", 4))
    )
    assert averaging._steps([one, one, other]) == 7


def test_one_alone_or_a_place_that_is_taken_is_refused(tiny: Path, rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="at least two"):
        average([tiny], rows, tmp_path / "out", 2, "")
    with pytest.raises(BadInput, match="new directory"):
        average([tiny, tiny], rows, tmp_path, 2, "")


def test_adapters_over_another_base_are_refused(tiny: Path, rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(WrongBase):
        average([tiny, SHIPPED], rows, tmp_path / "out", 2, "")


def test_without_a_rank_it_has_the_largest_of_theirs(
    tiny: Path, other: Path, mean: Path, rows: list[Row], tmp_path: Path
) -> None:
    assert largest_rank([tiny, mean]) == 2 * TINY.rank
    whole = average([tiny, mean], rows[64:], tmp_path / "out", None, "")
    assert whole.options["rank"] == largest_rank([tmp_path / "out"]) == 2 * TINY.rank


def test_a_rank_that_the_base_cannot_hold_is_refused(tiny: Path, rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="rank of 400 is too large: at most 384"):
        average([tiny, tiny], rows, tmp_path / "out", 400, "")


def test_a_file_is_calibrated_on_as_the_trainings_kept_it_apart(
    tiny: Path, other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    lines = [f"Room {number} is free,none\n" for number in range(40)]
    path.write_text("".join(["text,label\n", "So dull,boredom\n", *lines]))
    asked: list[object] = []
    monkeypatch.setattr(averaging, "average", lambda *others: asked.extend(others) or verify(tiny))
    given = [str(tiny), str(other), "--out", str(tmp_path / "mean"), "--csv", str(path)]
    done = CliRunner().invoke(main, ["average", *given])
    assert done.exit_code == 0, done.output
    assert asked[1] == recipe.with_replay(path, ("en",), 7).dev
    assert {row["corpus"] for row in asked[1]} == {"csv:own.csv", starter.NAME}
    assert asked[3] is None


def test_parts_of_the_starter_corpus_are_not_for_trainings_with_a_csv(
    tiny: Path, other: Path, tmp_path: Path
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\nNo,none\n")
    given = [str(tiny), str(other), "--out", str(tmp_path / "mean"), "--csv", str(path), "--parts", "train"]
    done = CliRunner().invoke(main, ["average", *given])
    assert (done.exit_code, (tmp_path / "mean").exists()) == (2, False)
    assert "without a CSV" in done.output


def test_the_command_says_what_it_wrote(
    tiny: Path, other: Path, rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It calibrates on what `gather` keeps apart, here a few rows of it."""
    gathered = recipe.gather
    monkeypatch.setattr(recipe, "gather", lambda *asked: replace(gathered(*asked), dev=rows[64:]))
    out = tmp_path / "mean"
    done = CliRunner().invoke(
        main, ["average", str(tiny), str(other), "--out", str(out), "--corpora", "none"]
    )
    assert done.exit_code == 0, done.output
    assert verify(out).weights_hash in done.output
