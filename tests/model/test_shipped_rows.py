"""The rows that made the shipped model are those that the same commands gather today."""

import json
import os
import shlex
from pathlib import Path

import pytest

from model import corpora, recipe
from model.checkpoint import verify
from model.scoring import SHIPPED
from model.training import describe

pytestmark = [pytest.mark.corpora, pytest.mark.long]
TRAININGS = Path(__file__).parents[2] / "docs" / "model" / "trainings"


@pytest.mark.parametrize("file", sorted(TRAININGS.glob("*.json")), ids=lambda file: file.stem)
def test_a_training_is_given_the_rows_that_its_manifest_names(file: Path) -> None:
    told = json.loads(file.read_text())
    folder, spoken = Path(os.environ["UNDERTONE_CORPORA"]), told["options"]["languages"]
    rows = recipe.gather(True, corpora.TRAINING, folder, None, told["seed"], spoken)
    assert [*describe(rows.train, "train"), *describe(rows.dev, "development")] == told["data"]
    assert "--corpora" not in shlex.split(told["command"])


def test_the_mean_of_them_is_calibrated_on_the_rows_that_its_manifest_names() -> None:
    told = verify(SHIPPED)
    folder, spoken = Path(os.environ["UNDERTONE_CORPORA"]), told.options["languages"]
    rows = recipe.gather(True, corpora.TRAINING, folder, None, 7, spoken)
    assert describe(rows.dev, "development") == [own for own in told.data if own["use"] == "development"]
