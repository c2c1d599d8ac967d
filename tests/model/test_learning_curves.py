"""The tables and the picture of docs/model/learning.md are what the script makes of the lines beside them."""

import json
import runpy
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "model"
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "learning_curves.py"), run_name="learning_curves")


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("learning")
    shutil.copy(DOCS / "learning.md", out)
    SCRIPT["main"](DOCS / "learning.jsonl", out)
    return out


def test_the_page_is_up_to_date(again: Path) -> None:
    assert (again / "learning.md").read_text("utf-8") == (DOCS / "learning.md").read_text("utf-8")


def test_the_picture_names_what_it_shows_and_both_corpora(again: Path) -> None:
    drawn = (again / "learning.svg").read_text("utf-8")
    assert drawn.startswith("<svg ")
    assert "aria-label=" in drawn
    assert all(f">{name}<" in drawn for name in ("Senti4SD", "GoEmotions"))


def test_every_course_of_the_campaign_is_measured_and_no_line_holds_a_text() -> None:
    lines = [json.loads(line) for line in (DOCS / "learning.jsonl").read_text("utf-8").splitlines()]
    campaign = [line for line in lines if not line["tuning"]]
    told = {(line["corpus"], line["seed"], line["strategy"], line["asked"]) for line in campaign}
    assert len(told) == len(campaign) == 2 * 3 * 2 * 3
    assert not any("text" in line for line in lines)
    assert {line["seed"] for line in lines if line["tuning"]} == {101}


def test_a_change_is_told_with_its_deviation() -> None:
    lines = [
        {"before": {"own": {"mean": 0.5}}, "after": {"kept": {"own": {"mean": value}}}}
        for value in (0.52, 0.56)
    ]
    assert SCRIPT["change"](lines, "after", "own") == "+4.0 ± 2.0"
    assert SCRIPT["change"](lines[:1], "after", "own") == "+2.0"
