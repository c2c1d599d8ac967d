"""The process that trains: a spawned child which never sees the database (design decision 7).

It reads one JSON line from standard input (so that no text lies in a file, P20), trains, measures the candidate and
the serving model on the same texts, and prints JSON lines: progress, then one result. When its parent dies, its
input ends and it stops at once.
"""

import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

Row = dict[str, Any]
_to_parent: IO[str] = sys.stdout


def main() -> None:
    """Run one training from the request on standard input."""
    _keep_output_apart()
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    try:
        result = train_and_measure(request)
    except Exception as error:  # its words could quote a student's text; its kind cannot (P37)
        say(failed=type(error).__name__)
        sys.exit(1)
    say(result=result)


def _keep_output_apart() -> None:
    """From now on standard output is `say`'s alone; what libraries print goes to standard error."""
    global _to_parent
    _to_parent = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)


def say(**message: Any) -> None:
    """Print one JSON line for the parent."""
    print(json.dumps(message), file=_to_parent, flush=True)


def _stop_with_parent() -> None:
    while sys.stdin.readline():
        pass
    os._exit(3)


def train_and_measure(request: dict[str, Any]) -> dict[str, Any]:
    """Fine-tune from an adapter and return the figures of the candidate and of the serving model.

    `request` holds `serving`, `base` and `out` (directories: the model to compare with, the one to train on, which is
    the same unless that holds withdrawn texts, and the candidate), `calibration` (of the serving model; the candidate
    keeps it), `train` and `check` (rows), `replay` (how many starter rows to mix in), `repeat` (how often each
    correction is seen), `development` (how many starter rows give the development figures, null for all that no model
    was trained on), `frozen` (how many held-out rows are measured on, or null), `options` (of training).
    """
    from model import corpora, network, recipe, training

    serving, base, out = Path(request["serving"]), Path(request["base"]), Path(request["out"])
    languages = network.languages(serving)
    learnt, apart = corpora.split(recipe.students(languages), recipe.STUDENT_DEV)
    replay = _replay(learnt, request["replay"], request["options"].get("seed", 0))
    rows = replay + list(request["train"]) * request["repeat"]
    options = training.TrainingOptions(languages=languages, recalibrate=False, **request["options"])
    dev = recipe.sampled(apart, request["development"])
    training.fine_tune(rows, dev, base, out, options, _tell_steps)
    calibration = request["calibration"]
    frozen = recipe.sampled(recipe.heldout(languages), request["frozen"])
    return {
        "calibration": calibration,
        "candidate": _figures(out, calibration, frozen, request["check"], "Measuring the candidate"),
        "serving": _figures(serving, calibration, frozen, request["check"], "Measuring the serving model"),
        "positives": {name: sum(row["labels"].get(name) == 1 for row in frozen) for name in _emotions()},
        "frozen": len(frozen),
        "replayed": len(replay),
    }


def _tell_steps(done: int, total: int) -> None:
    say(step="Training", done=done, total=total)


def _replay(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """A fixed sample of starter rows, so that what no one corrected is not forgotten."""
    import random

    chosen = random.Random(seed).sample(  # noqa: S311 (a fixed sample, no secret)
        list(rows), min(count, len(rows))
    )
    return chosen


def _figures(
    path: Path, calibration: dict[str, Any], frozen: Sequence[Row], check: Sequence[Row], step: str
) -> dict[str, Any]:
    """Macro-F1 and recalls on the frozen texts and agreement with the corrections, under one calibration."""
    from model import evaluation
    from model.rows import targets, texts
    from model.scoring import Scorer

    scorer = Scorer.load(path)
    logits = scorer.score(texts(frozen), progress=lambda done, total: say(step=step, done=done, total=total))
    said, gold = evaluation.said(calibration, logits), targets(frozen)
    scores = evaluation.per_label_f1(said, gold)
    recall = {
        name: float((said[gold[:, column] == 1, column] == 1).mean())
        for column, name in enumerate(_emotions(), 1)
        if (gold[:, column] == 1).any()
    }
    return {
        "weights_hash": scorer.weights_hash,
        "macro_f1": sum(scores.values()) / len(scores),
        "per_label_f1": scores,
        "recall": recall,
        "labels": evaluation.report(calibration, logits, gold),
        "agreement": _agreement(evaluation.said(calibration, scorer.score(texts(check))), targets(check)),
    }


def _agreement(said: Any, gold: Any) -> float:
    """The share of annotated cells on which the model says what the person said."""
    from model.rows import MASK

    known = gold != MASK
    return float((said[known] == gold[known]).mean()) if known.any() else 0.0


def _emotions() -> Iterator[str]:
    from model.labels import EMOTIONS

    return iter(EMOTIONS)


if __name__ == "__main__":
    main()
