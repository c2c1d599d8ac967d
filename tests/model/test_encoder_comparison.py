"""The comparison of encoders that the documentation shows is the one that its script makes."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from model.backbones import ENGLISH, MULTILINGUAL
from model.languages import COVERED
from model.rows import Row

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "encoder_comparison.py"), run_name="encoder_comparison")
TOLD = (
    (ROOT / "docs" / "model" / "results.md")
    .read_text("utf-8")
    .partition("## Which encoder")[2]
    .partition("\n## ")[0]
)
FIGURES = {
    "heldout_sentiment": 0.5,
    "heldout_average_precision": dict.fromkeys(SCRIPT["PRECISION_OF"], 0.25),
    "sentiment": dict.fromkeys(SCRIPT["PUBLIC"], 0.75),
}


def test_the_plan_is_what_the_documentation_says() -> None:
    assert SCRIPT["BASES"] == (ENGLISH, MULTILINGUAL)
    assert f"{SCRIPT['ROWS']:,} rows each".replace(",", " ") in TOLD
    first, second = map(SCRIPT["options"], SCRIPT["BASES"])
    assert (first.epochs, first.seed, first.learning_rate) == (
        second.epochs,
        second.seed,
        second.learning_rate,
    )
    assert first.epochs == 1
    assert (first.languages, set(second.languages)) == (("en",), set(COVERED))
    assert "scripts/encoder_comparison.py" in TOLD


def test_its_table_has_the_rows_of_the_documentation() -> None:
    made = SCRIPT["table"]([{"base": base, **FIGURES} for base in SCRIPT["BASES"]]).splitlines()
    told = [line for line in TOLD.splitlines() if line.startswith("|")]
    assert [line.split("|")[1].strip() for line in made[2:]] == [
        line.split("|")[1].strip() for line in told[2:]
    ]
    assert made[2].endswith("| 0.500 | 0.500 |")


def test_an_encoder_that_was_measured_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, asked = tmp_path / "results.jsonl", []

    def measured(base: str, folder: Path, count: int) -> dict[str, Any]:
        asked.append(base)
        return FIGURES

    monkeypatch.setitem(SCRIPT["main"].__globals__, "measured", measured)
    results.write_text(json.dumps({"base": ENGLISH, "rows": 50, **FIGURES}) + "\n")
    SCRIPT["main"](results, tmp_path, 50)
    SCRIPT["main"](results, tmp_path, 50)
    assert asked == [MULTILINGUAL]
    assert len(results.read_text().splitlines()) == 2
    SCRIPT["main"](results, tmp_path, 60)
    assert asked == [MULTILINGUAL, ENGLISH, MULTILINGUAL]


def test_rows_are_students_first_and_public_ones_where_these_are_too_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(name: str, folder: Path, part: str = "train", languages: object = None) -> list[Row]:
        return [
            {"text": f"{name} {n}", "lang": "en", "labels": {"toxicity": 0}, "corpus": name} for n in range(9)
        ]

    monkeypatch.setattr("model.corpora.load", load)
    few, dev = SCRIPT["chosen"](("en",), tmp_path, 40)
    assert {row["corpus"] for row in few} == {"starter"}
    assert not {row["text"] for row in few} & {row["text"] for row in dev}
    students = len(
        [row for row in SCRIPT["chosen"](("en",), tmp_path, 100_000)[0] if row["corpus"] == "starter"]
    )
    many, _ = SCRIPT["chosen"](("en",), tmp_path, students + 5)
    assert [row["corpus"] == "starter" for row in many] == [True] * students + [False] * 5
    assert many[:40] == few
    assert SCRIPT["chosen"](("en",), tmp_path, students + 5)[0] == many
