"""What a candidate learns from: weights, replay and its teacher."""

import json
from collections import Counter

import numpy as np
import pytest

from lti_tool.retraining import candidates, mixing, recipes, rules
from lti_tool.retraining.pool import Pool
from lti_tool.retraining.training import _without_secrets
from model.rows import MASK, targets, weights
from model.training import TrainingOptions, describe

STARTER = [{"text": f"starter {number}", "labels": {"confusion": 0}, "lang": "en"} for number in range(50)]


CONTENT = {"goemotions": {"emotions": ["joy"]}, "davidson": {"class": "neither"}, "edurabsa": {}}


@pytest.fixture
def corpora_folder(tmp_path):
    """Two corpora that may train, in English and another language, and one that may not."""
    for name, original in CONTENT.items():
        rows = [
            {
                "text": f"{name} {n}",
                "lang": ("en", "xx")[n % 2],
                "labels": {"sentiment": "neutral"},
                "original": original,
            }
            for n in range(200)
        ]
        folder = tmp_path / name
        folder.mkdir()
        (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_public_corpora_that_are_there_and_may_train_give_a_part_each(corpora_folder) -> None:
    rows = mixing.public(corpora_folder, ("en", "de"), 41, 3)
    assert Counter(row["corpus"] for row in rows) == {"goemotions": 20, "davidson": 20}
    assert {row["lang"] for row in rows} == {"en"}
    assert (
        rows
        == mixing.public(corpora_folder, ("en", "de"), 41, 3)
        != mixing.public(corpora_folder, ("en",), 41, 4)
    )


def test_without_a_folder_or_a_share_nothing_public_is_read(corpora_folder, tmp_path) -> None:
    assert mixing.public(None, ("en",), 40, 3) == []
    assert mixing.public(corpora_folder, ("en",), 0, 3) == []
    assert mixing.public(tmp_path / "elsewhere", ("en",), 40, 3) == []


def test_public_rows_take_the_place_of_starter_rows_and_are_told(
    corpora_folder, tmp_path, monkeypatch
) -> None:
    """What the child trains on; the sources of the manifest are described from these rows."""
    asked, seen = {"base": "b", "out": "o", "replay": 40, "public": 0.25, "replay_share": 0.5}, []
    asked |= {"repeat": 2, "development": 4, "options": {}, "train": [corrected(0)]}
    monkeypatch.setattr(candidates.network, "languages", lambda path: ("en",))
    monkeypatch.setattr(candidates.mixing, "taught", lambda replayed, own, base: (replayed, own))
    monkeypatch.setattr(candidates.training, "fine_tune", lambda rows, *_: seen.append(rows))
    monkeypatch.setenv("UNDERTONE_CORPORA", str(corpora_folder))
    told = candidates._train(asked, lambda *_: None)
    assert told == {"replayed": 30, "public": ["davidson", "goemotions"]}
    assert Counter(row.get("corpus") for row in seen[0]) == {
        "starter": 30, "davidson": 5, "goemotions": 5, None: 2,
    }  # fmt: skip
    assert {one["name"] for one in describe(seen[0], "train")} >= {"davidson", "goemotions", "starter"}
    monkeypatch.delenv("UNDERTONE_CORPORA")
    assert candidates._train(asked, lambda *_: None) == {"replayed": 40, "public": []}


def test_the_child_finds_the_corpora_and_no_secret() -> None:
    given = {
        "UNDERTONE_CORPORA": "c",
        "UNDERTONE_BASES": "b",
        "UNDERTONE_KEYS": "k",
        "DATABASE_URL": "d",
        "HOME": "h",
    }
    assert set(_without_secrets(given)) == {"UNDERTONE_CORPORA", "UNDERTONE_BASES", "HOME"}


def test_a_nightly_run_may_end_early_and_takes_a_quarter_from_public_corpora() -> None:
    asked = recipes.request(recipes.NIGHTLY, "training", Pool((), (), (), (), 0, ""))
    assert (asked["options"]["patience"], asked["options"]["slack"]) == (0, rules.MOST_LOST)
    assert asked["public"] == 0.25
    assert TrainingOptions(**asked["options"]).epochs > 1
    for short in (recipes.DEMO, recipes.HANDFUL):
        assert "patience" not in short.options, "one epoch cannot end early"


def corrected(number: int, weight: float = 1.0):
    return {"text": f"own {number}", "labels": {"confusion": 1}, "lang": "en", "weight": weight}


def test_replay_is_always_the_same_sample_and_never_more_than_there_is() -> None:
    assert mixing.replay(STARTER, 10, 3) == mixing.replay(STARTER, 10, 3) != mixing.replay(STARTER, 10, 4)
    assert len(mixing.replay(STARTER, 500, 3)) == 50


@pytest.mark.parametrize(
    ("count", "replayed", "share", "each"),
    [
        (10, 100, 0.5, 1.0),
        (100, 100, 0.5, 1.0),
        (200, 100, 0.5, 0.5),
        (200, 100, 0.2, 1.0),
        (800, 100, 0.2, 0.5),
    ],
)
def test_s41_replay_keeps_its_share_of_the_weight(count, replayed, share, each) -> None:
    rows = mixing.weighed([corrected(number) for number in range(count)], replayed, share)
    assert {row["weight"] for row in rows} == {each}
    assert replayed >= share * (replayed + sum(row["weight"] for row in rows)) - 1e-9


def test_what_a_cap_took_stays_taken() -> None:
    rows = mixing.weighed([corrected(0, 0.25), corrected(1)], 100, 0.5)
    assert weights(rows)[:, 1].tolist() == [0.25, 1.0]
    assert mixing.weighed([], 100, 0.5) == []


def test_the_teacher_speaks_of_replay_and_of_what_nobody_corrected(monkeypatch, tmp_path) -> None:
    class Teacher:
        def score(self, texts):
            return np.arange(len(texts) * 10, dtype=np.float32).reshape(-1, 10)

    monkeypatch.setattr(mixing.Scorer, "load", lambda path: Teacher())
    replayed, own = mixing.taught(STARTER[:2], [corrected(0)], tmp_path)
    assert replayed[1]["teacher"] == list(range(10, 20))
    assert own[0]["teacher"] == [0, 1, 2, None, *range(4, 10)], "silent on confusion, which a person has said"
    assert (targets(own)[0] != MASK).sum() == 1
