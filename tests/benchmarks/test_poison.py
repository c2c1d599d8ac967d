"""The poisoned course itself, and one night on a small one."""

from pathlib import Path

import pytest

from lti_tool.retraining.pool import build
from lti_tool.retraining.recipes import HANDFUL
from model import recipe
from model.labels import EMOTIONS
from tests.benchmarks import poison
from tests.benchmarks.poison import FLIPPER, SCENARIOS, SHORT, Course

COURSE = Course(200, 2, Path("unused"), SHORT)


def test_a_flip_leaves_no_label_as_it_was() -> None:
    labels = {"sentiment": "neutral", **dict.fromkeys(EMOTIONS, 0), "confusion": 1}
    other = poison.flipped(labels)
    assert other.keys() == labels.keys()
    assert all(other[name] != labels[name] for name in labels)


def test_the_course_has_200_students_whose_texts_no_night_replays() -> None:
    rows = poison.course_rows(COURSE)
    given = poison.corrections(COURSE, rows, SCENARIOS["one of three flips"], {"a0000": "sure"})
    assert len({one.person_id for one in given}) == 200
    assert len(given) == len({one.text for one in given}) == 400
    told = poison.labels_of(rows, SCENARIOS["one of three flips"])
    changed = [one for one, labels, row in zip(given, told, rows, strict=True) if labels != row["labels"]]
    assert {one.annotator_id for one in changed} == {FLIPPER}
    assert len(changed) == 133
    replayed = {row["text"] for row in poison.corpora.split(recipe.students(("en",)), recipe.STUDENT_DEV)[0]}
    assert not replayed & {one.text for one in given}
    pool = build(given, now=poison.NOW)
    assert set(pool.held) == {"a0000"}
    assert len(pool.held_out) > 90


def test_what_does_not_serve_has_no_effect() -> None:
    outcome = poison.Outcome(0, 300, 100, 0.7, 0.5, "kept", "", 1.0)
    assert outcome.effect == 0.0
    served = poison.Outcome(0, 300, 100, 0.7, 0.5, "promoted", "", 1.0)
    assert "OVER A POINT AND SERVES" in poison.told("x", False, served)


@pytest.mark.campaign
def test_the_gate_stops_a_flipper_who_is_alone(small_model: Path) -> None:
    course = Course(60, 2, small_model, HANDFUL)
    outcome = poison.night(course, (FLIPPER,), checked=False)
    assert outcome.candidate < outcome.serving - poison.MOST_EFFECT
    assert outcome.decision == "kept"
