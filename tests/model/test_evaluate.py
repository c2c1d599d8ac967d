import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from model.__main__ import main

CLEAN = [
    {"text": "The group met on Monday and read the plan.", "lang": "en"},
    {"text": "We wrote the second diary at home.", "lang": "en-GB"},
    {"text": "Skupina se sešla v pondělí a četla plán.", "lang": "cs"},
    {"text": "The list lay on the desk of the teacher."},
    {"text": "Ik begrijp niets van deze opgave over de rivieren"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With some labelled rows and some that carry no label, in several languages."""
    gold = [
        {"text": "Is it on Friday?", "lang": "en", "labels": {"sentiment": "neutral", "confusion": 0}},
        {"text": "I am lost here", "lang": "en", "labels": {"sentiment": "negative", "confusion": 1}},
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, gold)))
    (tmp_path / "clean.jsonl").write_text("\n".join(map(json.dumps, CLEAN)))
    return tmp_path


def evaluated(folder: Path, model: Path) -> Result:
    files = [
        "--data",
        folder / "gold.jsonl",
        "--clean",
        folder / "clean.jsonl",
        "--report",
        folder / "report",
    ]
    return CliRunner().invoke(main, [str(own) for own in ("evaluate", *files, "--model", model)])


def test_false_alarms_are_counted_in_the_languages_that_the_model_covers(folder: Path, tiny: Path) -> None:
    """The small model learnt English alone."""
    answer = evaluated(folder, tiny)
    assert answer.exit_code == 0, answer.stderr
    told = [line for line in answer.stderr.splitlines() if "clean.jsonl" in line]
    assert [line.partition("clean.jsonl")[2] for line in told] == [
        ": 5 rows read, 2 left out in languages that the model does not cover."
    ]
    report = json.loads((folder / "report" / "report.json").read_text())
    assert report["clean"]["rows"] == 3
