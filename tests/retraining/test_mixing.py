"""What a candidate learns from: weights, replay and its teacher."""

import numpy as np
import pytest

from lti_tool.retraining import mixing
from model.rows import MASK, targets, weights

STARTER = [{"text": f"starter {number}", "labels": {"confusion": 0}, "lang": "en"} for number in range(50)]


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
