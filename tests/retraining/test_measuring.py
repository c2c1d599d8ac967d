"""What the gate is told of a model, on logits whose figures are known."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from lti_tool.retraining import measuring
from lti_tool.retraining.measuring import Exam, Read
from model import fairness
from model.decision import UNCALIBRATED
from model.labels import EMOTIONS, LABELS, SENTIMENT


def row(sentiment="neutral", **labels):
    return {"text": "x", "labels": {"sentiment": sentiment, **dict.fromkeys(EMOTIONS, 0), **labels}}


def logits(rows):
    """Logits that say exactly what the rows are labelled with."""
    found = np.full((len(rows), len(LABELS)), -9.0, dtype=np.float32)
    for number, one in enumerate(rows):
        found[number, SENTIMENT.index(one["labels"]["sentiment"])] = 9.0
        for name in EMOTIONS:
            if one["labels"][name]:
                found[number, LABELS.index(name)] = 9.0
    return found


FROZEN = [row("negative", confusion=1), row("negative"), row("positive", satisfaction=1), row()]


def own(frozen, templates):
    heard = np.full((len(templates), len(LABELS)), -9.0, dtype=np.float32)
    return Read(SimpleNamespace(weights_hash="h"), frozen, np.zeros((0, 10), dtype=np.float32), heard)


def test_a_model_that_is_always_right_has_full_marks_and_deaf_ears() -> None:
    tests = Exam(FROZEN, [], measuring.templates(1))
    found = measuring.figures(own(logits(FROZEN), tests.templates), UNCALIBRATED, tests)
    assert found["macro_f1"] == 1.0
    assert found["recall"] == {
        "negative": 1.0, "neutral": 1.0, "positive": 1.0, "confusion": 1.0, "satisfaction": 1.0,
    }  # fmt: skip
    assert max(found["calibration"].values()) < 0.01
    assert found["insults"] == 0.0
    assert found["gaps"]["toxicity"]["identity"] == {"size": 0.0, "low": 0.0}
    json.dumps(found)


def test_recall_is_of_each_sentiment_and_label_that_occurs() -> None:
    said = np.zeros((4, 8), dtype=int)
    said[:, 0] = SENTIMENT.index("negative")
    found = measuring.recalls(said, measuring.targets(FROZEN))
    assert found == {"negative": 1.0, "neutral": 0.0, "positive": 0.0, "confusion": 0.0, "satisfaction": 0.0}
    assert measuring.positives(FROZEN) == {
        **dict.fromkeys(LABELS, 0), "negative": 2, "neutral": 1, "positive": 1, "confusion": 1, "satisfaction": 1,
    }  # fmt: skip


def test_some_templates_are_whole_frames_of_every_set() -> None:
    few, all_ = measuring.templates(2), measuring.templates(None)
    assert all_ == fairness.load()
    assert {one["set"] for one in few} == {one["set"] for one in all_}
    assert {one["frame"] for one in few} < {one["frame"] for one in all_}
    frames = {(one["set"], one["frame"]) for one in few}
    whole = [one for one in all_ if (one["set"], one["frame"]) in frames]
    assert len(few) == len(whole) < 200


def test_agreement_is_told_of_all_of_the_newest_and_of_each_label() -> None:
    check = [
        {**row("negative", confusion=1), "group": "a", "newest": True},
        {**row("positive"), "group": "b"},
    ]
    right, wrong = measuring.targets(check).astype(int), measuring.targets(check).astype(int)
    wrong[0, 1] = 0
    found = measuring.agreements(right, wrong, check)
    assert found["agreement"]["candidate"] == 1.0
    assert found["agreement"]["serving"] == pytest.approx(1 - 1 / 16)
    assert (found["agreement"]["texts"], found["agreement"]["groups"], found["newest"]["texts"]) == (2, 2, 1)
    assert found["changes"]["confusion"] == [1.0, 0.5]
    assert found["changes"]["sentiment"] == [1.0, 1.0]
    assert measuring.agreements(right, wrong, check[1:] and [check[1]] * 2)["newest"]["texts"] == 0


def test_agreement_counts_each_text_by_its_weight() -> None:
    check = [
        {**row("negative", confusion=1), "group": "a", "newest": True, "weight": 0.25},
        {**row("positive"), "group": "b", "newest": True},
    ]
    right, wrong = measuring.targets(check).astype(int), measuring.targets(check).astype(int)
    wrong[0, 1] = 0
    found = measuring.agreements(right, wrong, check)
    for part in ("agreement", "newest"):
        assert found[part]["serving"] == pytest.approx(1 - 0.25 / 1.25 / 8)
        assert found[part]["texts"] == 2


def test_the_slower_of_two_loses_the_race_whatever_else_the_machine_does() -> None:
    turns = []

    def runner(name, work):
        def score(texts):
            turns.append(name)
            sum(range(work * len(texts)))

        return SimpleNamespace(score=score)

    found = measuring.race(runner("candidate", 20_000), runner("serving", 2_000), ["x"] * 64)
    assert found["candidate"] > 2 * found["serving"]
    assert turns == ["candidate", "serving"] * measuring.RACE_TURNS
