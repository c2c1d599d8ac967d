"""A place that cannot be written is told before the work whose result would go there."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from model import checkpoint, network, scoring, training
from model.__main__ import main
from model.errors import BadInput
from model.integrity.placing import require_free, require_writable
from model.rows import Row
from tests.model.powerless import without_rights

Check = Callable[[Path], None]


def impossible(*_: Any, **__: Any) -> Any:
    raise AssertionError("work was begun")


def refused(place: Path, *arguments: str | Path) -> None:
    before = sorted(place.rglob("*"))
    answer = CliRunner().invoke(main, [str(own) for own in arguments])
    assert answer.exit_code == 2, answer.stderr
    assert "could not be written" in answer.stderr
    assert sorted(place.rglob("*")) == before


@pytest.mark.parametrize("check", [require_free, require_writable])
def test_a_place_that_can_be_written_passes_and_is_left_as_it_was(tmp_path: Path, check: Check) -> None:
    check(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("check", [require_free, require_writable])
@pytest.mark.parametrize("name", ["file/new", "x" * 300])
def test_a_place_below_a_file_or_with_too_long_a_name_is_refused(
    tmp_path: Path, check: Check, name: str
) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(BadInput, match="could not be written: "):
        check(tmp_path / name)
    assert [own.name for own in tmp_path.iterdir()] == ["file"]


def test_missing_folders_are_made_for_a_directory_but_not_for_a_file(tmp_path: Path) -> None:
    require_free(tmp_path / "one" / "two" / "new")
    with pytest.raises(BadInput, match="No such file or directory"):
        require_writable(tmp_path / "one" / "new.csv")
    assert list(tmp_path.iterdir()) == []


def test_what_lies_there_may_be_a_file_to_be_replaced_but_no_directory(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("kept")
    (tmp_path / "lost").symlink_to(tmp_path / "nowhere")
    require_writable(tmp_path / "old.csv")
    assert (tmp_path / "old.csv").read_text() == "kept"
    with pytest.raises(BadInput, match="no file that could be replaced"):
        require_writable(tmp_path)
    with pytest.raises(BadInput, match="no file that could be replaced"):
        require_writable(Path(os.devnull))
    for name in ("old.csv", "lost"):
        with pytest.raises(BadInput, match="exists already"):
            require_free(tmp_path / name)
    with pytest.raises(BadInput, match="could not be written"):
        require_free(tmp_path / "lost" / "new")


@pytest.mark.parametrize("check", [require_free, require_writable])
@pytest.mark.parametrize("mode", [0o500, 0o000])
def test_a_folder_that_may_not_be_written_is_refused(check: Check, mode: int) -> None:
    with without_rights(), tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(mode)
        try:
            with pytest.raises(BadInput, match="Permission denied"):
                check(Path(folder) / "new")
        finally:
            Path(folder).chmod(0o700)
        assert list(Path(folder).iterdir()) == []


def test_nothing_is_trained_for_a_place_that_cannot_be_written(
    rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_train", impossible)
    monkeypatch.setattr(network, "base_tokenizer", impossible)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="could not be written: Not a directory"):
        training.fine_tune(rows[:8], rows[8:16], None, tmp_path / "file" / "new")
    source = tmp_path / "own.csv"
    source.write_text("text,label\n" + "".join(f"Room {n} is free,neutral\n" for n in range(16)))
    given = ["--csv", source, "--fresh", "--no-starter", "--corpora", "none"]
    refused(tmp_path, "train", *given, "--out", tmp_path / "file" / "new")


def test_nothing_is_averaged_or_scored_for_a_place_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "verify", impossible)
    monkeypatch.setattr(scoring.Scorer, "load", impossible)
    source = tmp_path / "in.csv"
    source.write_text("text\nI am lost\n")
    refused(tmp_path, "average", "one", "two", "--out", source / "new")
    refused(tmp_path, "score", "--in", source, "--out", source / "new.csv")
    refused(tmp_path, "score", "--in", source, "--out", tmp_path / "missing" / "new.csv")
    refused(tmp_path, "evaluate", "--data", source, "--report", source)
    refused(tmp_path, "evaluate", "--data", source, "--report", source / "report")
