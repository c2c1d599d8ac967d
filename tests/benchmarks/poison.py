"""What one instructor who flips every label does to the model of a course of 200 students (S42, S43).

    python -m tests.benchmarks.poison [--quick] [--only NAME]

The course's texts are of the starter corpus' training part, those that no night replays. Real pool, check of labels,
training and gate; the recipe is a short one, so that a run takes about a minute on two cores. The figures tell what the
candidate would have done to the frozen texts, and whether it serves; without the check the gate is alone.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lti_tool.retraining import candidates, judging, recipes, suspicion
from lti_tool.retraining.pool import Pool, build
from lti_tool.retraining.recipes import HANDFUL, NIGHTLY, Recipe
from lti_tool.retraining.words import verdict_words
from lti_tool.review.labelled import Labelled
from lti_tool.review.pool import Correction
from model import corpora, evaluation, recipe
from model.checkpoint import CALIBRATION, read_json
from model.decision import probabilities
from model.labels import EMOTIONS, LABELS, SENTIMENT
from model.rows import Row, texts
from model.scoring import SHIPPED, Scorer
from tests.small_model import train

SHORT = replace(NIGHTLY, replay=400, repeat=2, development=60, templates=24)
FLIPPER = "the flipper"
NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
MOST_EFFECT = 0.01

Annotators = tuple[str, ...]
SCENARIOS: Mapping[str, Annotators] = {
    "nobody flips": ("one", "another", "a third"),
    "one of three flips": ("one", "another", FLIPPER),
    "the only one flips": (FLIPPER,),
}


@dataclass(frozen=True)
class Course:
    """How large a course is, what reads it, and how a run trains."""

    students: int
    texts_each: int
    model: Path
    recipe: Recipe


@dataclass(frozen=True)
class Outcome:
    """What one night came to: macro-F1 on the frozen texts of both models, and the decision."""

    held: int
    trained_on: int
    held_out: int
    serving: float
    candidate: float
    decision: str
    words: str
    seconds: float

    @property
    def effect(self) -> float:
        """The change on the frozen texts that readers get to see."""
        return self.candidate - self.serving if self.decision in ("promoted", "recalibrated") else 0.0


def flipped(labels: Mapping[str, Any]) -> dict[str, Any]:
    """Every label turned into another: the poles of the sentiment change places, and neutral becomes negative."""
    other = {"negative": "positive", "positive": "negative", "neutral": "negative"}
    return {"sentiment": other[labels["sentiment"]]} | {name: 1 - labels[name] for name in EMOTIONS}


def course_rows(course: Course) -> list[Row]:
    """As many texts as the course has, of the starter rows that no night replays."""
    apart = corpora.split(recipe.students(("en",)), recipe.STUDENT_DEV)[1]
    return corpora.shuffled(apart, 5)[: course.students * course.texts_each]


def labels_of(rows: Sequence[Row], annotators: Annotators) -> list[dict[str, Any]]:
    """What each text's annotator says of it: they take turns."""
    turns = [annotators[number % len(annotators)] for number in range(len(rows))]
    return [
        flipped(row["labels"]) if who == FLIPPER else dict(row["labels"])
        for row, who in zip(rows, turns, strict=True)
    ]


def corrections(
    course: Course, rows: Sequence[Row], annotators: Annotators, held: Mapping[str, str]
) -> list[Correction]:
    """The course's corrections, one annotator to a text."""
    return [
        Correction(
            text=row["text"],
            language=row["lang"],
            labels=labels,
            person_id=f"student {number % course.students}",
            course_id="the course",
            annotator_id=annotators[number % len(annotators)],
            annotator_role="instructor",
            thread_index=None,
            answer_id=f"a{number:04}",
            written_at=NOW - timedelta(days=number % 60),
            held=held.get(f"a{number:04}", ""),
        )
        for number, (row, labels) in enumerate(zip(rows, labels_of(rows, annotators), strict=True))
    ]


def held_labels(course: Course, rows: Sequence[Row], annotators: Annotators) -> dict[str, str]:
    """Answer id → why the nightly check would let it wait for a second reader."""
    calibration = read_json(course.model / CALIBRATION)
    logits = Scorer.load(course.model).score(texts(rows))
    chances, said = probabilities(calibration, logits), evaluation.said(calibration, logits)
    given = labels_of(rows, annotators)
    labelled = [
        Labelled(
            answer_id=f"a{number:04}",
            post_id=f"p{number:04}",
            course_id="the course",
            annotator_id=annotators[number % len(annotators)],
            annotator_role="instructor",
            labels=given[number],
            shown={
                "sentiment": SENTIMENT[said[number, 0]],
                **dict(zip(EMOTIONS, said[number, 1:].tolist(), strict=True)),
            },
            seconds_on_screen=12.0,
            answered_at=NOW - timedelta(minutes=len(rows) - number),
        )
        for number in range(len(rows))
    ]
    by_post = {
        f"p{number:04}": dict(zip(LABELS, map(float, row), strict=True)) for number, row in enumerate(chances)
    }
    return dict(suspicion.found(labelled, by_post))


def night(course: Course, annotators: Annotators, checked: bool) -> Outcome:
    """One run on the labels of these annotators, with or without the check before it."""
    begun = time.perf_counter()
    rows = course_rows(course)
    held = held_labels(course, rows, annotators) if checked else {}
    pool = build(corrections(course, rows, annotators, held), now=NOW)
    with tempfile.TemporaryDirectory(prefix="undertone-") as folder:
        decision, words, result = judged(course, pool, Path(folder) / "candidate")
    return Outcome(
        held=len(held),
        trained_on=len(pool.corrections),
        held_out=len(pool.held_out),
        serving=result["serving"]["macro_f1"] if result else 0.0,
        candidate=result["candidate"]["macro_f1"] if result else 0.0,
        decision=decision,
        words=words,
        seconds=time.perf_counter() - begun,
    )


def judged(course: Course, pool: Pool, out: Path) -> tuple[str, str, dict[str, Any]]:
    """Decision, its words and what was measured, as a run comes to them."""
    if len(pool.corrections) < judging.gate.LEAST_TO_RECALIBRATE:
        verdict, result = judging.gate.too_few(pool.size, judging.gate.LEAST_TO_RECALIBRATE), {}
    else:
        way, calibration = judging.way_of(pool), read_json(course.model / CALIBRATION)
        models = {"serving": str(course.model), "base": str(course.model), "out": str(out)}
        own = dict.fromkeys(("serving_calibration", "calibration", "prior"), calibration)
        asked = recipes.request(course.recipe, way, pool) | models | own
        make = candidates.trained if way == "training" else candidates.recalibrated
        result = make(asked, lambda step, done, total: None)
        verdict = judging.verdict(way, result)
    return verdict.decision, verdict_words(asdict(verdict)), result


def told(name: str, checked: bool, outcome: Outcome) -> str:
    """One night in four lines."""
    fine = "under a point, or stopped" if outcome.effect > -MOST_EFFECT else "OVER A POINT AND SERVES"
    before, after = 100 * outcome.serving, 100 * outcome.candidate
    return (
        f"{name}, {'labels checked before' if checked else 'the gate alone'}: {outcome.held} labels held, "
        f"{outcome.trained_on} trained on, {outcome.held_out} held out, {outcome.seconds:.0f} s\n"
        f"  frozen texts: macro-F1 {before:.1f} -> {after:.1f} ({after - before:+.1f} points)\n"
        f"  {outcome.decision}; effect {100 * outcome.effect:+.1f} points: {fine}\n  {outcome.words}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every scenario and print it; 1 when a flipped label did harm that serves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small course and a small model, for tests")
    parser.add_argument("--only", choices=list(SCENARIOS))
    options = parser.parse_args(arguments)
    worst = 0.0
    with tempfile.TemporaryDirectory(prefix="undertone-") as folder:
        course = (
            Course(60, 2, train(Path(folder) / "small"), replace(HANDFUL, frozen=120))
            if options.quick
            else Course(200, 2, SHIPPED, SHORT)
        )
        for name in [options.only] if options.only else list(SCENARIOS):
            for checked in (False, True):
                outcome = night(course, SCENARIOS[name], checked)
                print(told(name, checked, outcome), flush=True)
                worst = min(worst, outcome.effect)
    print(f"worst effect that serves: {100 * worst:+.1f} points; under one point: {worst > -MOST_EFFECT}")
    return 0 if worst > -MOST_EFFECT else 1


if __name__ == "__main__":
    raise SystemExit(main())
