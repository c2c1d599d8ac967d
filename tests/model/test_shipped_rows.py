"""The rows that made the shipped model are those that the same commands gather today."""

import json
import os
import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from model import corpora, recipe, starter
from model.checkpoint import verify
from model.scoring import SHIPPED
from model.training import describe

pytestmark = [pytest.mark.corpora, pytest.mark.long]
TRAININGS = Path(__file__).parents[2] / "docs" / "model" / "trainings"
TOLD = {file.stem: json.loads(file.read_text("utf-8")) for file in TRAININGS.glob("*.json")}
MEANS = {number: own for number, own in TOLD.items() if "average_of" in own["options"]}
WRITTEN = {9: 2, 12: 5}
"""How many parts of the starter corpus had been written up to the training of this number; it grew one by one."""
MEAN_SEED = 7


def gathered(told: dict[str, Any], seed: int, parts: tuple[str, ...]) -> recipe.Rows:
    folder, spoken = Path(os.environ["UNDERTONE_CORPORA"]), told["options"]["languages"]
    words = shlex.split(told["command"])
    named = words[words.index("--corpora") + 1].split(",") if "--corpora" in words else corpora.TRAINING
    return recipe.gather("--no-starter" not in words, named, folder, None, seed, spoken, parts)


@pytest.mark.parametrize("number", sorted(TOLD.keys() - MEANS.keys(), key=int))
def test_a_training_is_given_the_rows_that_its_manifest_names(number: str) -> None:
    told = TOLD[number]
    rows = gathered(told, told["seed"], parts(number))
    assert [*describe(rows.train, "train"), *describe(rows.dev, "development")] == told["data"]


@pytest.mark.parametrize("number", MEANS)
def test_a_mean_among_them_is_calibrated_on_the_rows_that_its_manifest_names(number: str) -> None:
    assert describe(gathered(TOLD[number], MEAN_SEED, parts(number)).dev, "development") == calibrated_on(
        TOLD[number]
    )


def test_the_shipped_mean_is_calibrated_on_the_rows_that_its_manifest_names() -> None:
    told = asdict(verify(SHIPPED))
    assert describe(gathered(told, MEAN_SEED, starter.LEARNT).dev, "development") == calibrated_on(told)


def parts(number: str) -> tuple[str, ...]:
    return starter.LEARNT[: next(count for last, count in WRITTEN.items() if int(number) <= last)]


def calibrated_on(told: dict[str, Any]) -> list[dict[str, Any]]:
    return [own for own in told["data"] if own["use"] == "development"]
