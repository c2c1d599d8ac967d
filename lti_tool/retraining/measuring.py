"""What the gate is told of two models: figures on the frozen texts, the templates and the corrections, and their pace.

Each network reads each text once; what a calibration makes of the logits costs nothing.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lti_tool.retraining import paired
from lti_tool.retraining.paired import Agreement
from model import evaluation, fairness
from model.decision import Calibration
from model.labels import EMOTIONS, SENTIMENT
from model.rows import MASK, Row, targets, texts
from model.scoring import Scorer

Tell = Callable[[int, int], None]
Gold = NDArray[np.float32]
Said = NDArray[np.int_]

RACE_TEXTS = 64
RACE_TURNS = 3


@dataclass(frozen=True)
class Exam:
    """The texts that both models read: `frozen` and `check` with labels, and the templates that show gaps."""

    frozen: Sequence[Row]
    check: Sequence[Row]
    templates: list[Row]


@dataclass(frozen=True)
class Read:
    """A network and its logits (n, 10) of the exam."""

    scorer: Scorer
    frozen: NDArray[np.float32]
    check: NDArray[np.float32]
    templates: NDArray[np.float32]


def templates(per_set: int | None) -> list[Row]:
    """The templates, or the first `per_set` frames of each set, each for all groups."""
    rows = fairness.load()
    if per_set is None:
        return rows
    frames: dict[str, list[str]] = {}
    for row in rows:
        own = frames.setdefault(row["set"], [])
        if row["frame"] not in own:
            own.append(row["frame"])
    return [row for row in rows if row["frame"] in frames[row["set"]][:per_set]]


def read(path: Path, exam: Exam, tell: Tell) -> Read:
    """Have the model at `path` read the exam."""
    scorer = Scorer.load(path)
    parts = (exam.frozen, exam.check, exam.templates)
    logits = scorer.score([text for part in parts for text in texts(part)], progress=tell)
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return Read(scorer, *np.split(logits, ends))


def figures(own: Read, calibration: Calibration, exam: Exam) -> dict[str, Any]:
    """What one model does on the frozen texts and the templates, as JSON."""
    said, gold = evaluation.said(calibration, own.frozen), targets(exam.frozen)
    scores, labels = evaluation.per_label_f1(said, gold), evaluation.report(calibration, own.frozen, gold)
    gaps = fairness.measure(calibration, own.templates, exam.templates)
    return {
        "weights_hash": own.scorer.weights_hash,
        "macro_f1": sum(scores.values()) / len(scores),
        "per_label_f1": scores,
        "recall": recalls(said, gold),
        "labels": labels,
        "calibration": {name: found["ece"] for name, found in labels.items()},
        "frozen": len(exam.frozen),
        "gaps": {
            label: {name: _gap(part.gaps[label]) for name, part in gaps.parts.items()}
            for label in fairness.WRONG
        },
        "insults": gaps.heard / max(1, gaps.insults),
    }


def _gap(gap: fairness.Gap) -> dict[str, float]:
    return {"size": gap.size, "low": gap.low}


def classes(values: NDArray[Any]) -> dict[str, NDArray[np.bool_]]:
    """Which rows of (n, 8) carry each sentiment and each of the seven labels."""
    found = {name: values[:, 0] == number for number, name in enumerate(SENTIMENT)}
    return found | {name: values[:, column] == 1 for column, name in enumerate(EMOTIONS, 1)}


def recalls(said: Said, gold: Gold) -> dict[str, float]:
    """Of the texts that carry a label or sentiment, the share of which it is said; none for what nothing carries."""
    own = classes(said)
    return {name: float(own[name][true].mean()) for name, true in classes(gold).items() if true.any()}


def positives(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows carry each label and sentiment."""
    return {name: int(true.sum()) for name, true in classes(targets(rows)).items()}


def agreements(candidate: Said, serving: Said, check: Sequence[Row]) -> dict[str, Any]:
    """How both agree with the labels of `check`: on all, on the newest of them, and label by label, as JSON.

    The first two count each text by its weight, so that who may not decide what is learnt may not say what is better.
    """
    gold = targets(check)
    ours, theirs = paired.shares(candidate, gold), paired.shares(serving, gold)
    groups = [str(row.get("group", number)) for number, row in enumerate(check)]
    weights = [float(row.get("weight", 1.0)) for row in check]
    newest = [number for number, row in enumerate(check) if row.get("newest")]
    late = [groups[n] for n in newest], [weights[n] for n in newest]
    return {
        "agreement": asdict(paired.compare(ours, theirs, groups, weights)),
        "newest": asdict(paired.compare(ours[newest], theirs[newest], *late) if newest else Agreement()),
        "changes": _label_by_label(candidate, serving, gold),
    }


def _label_by_label(candidate: Said, serving: Said, gold: Gold) -> dict[str, list[float]]:
    """Label → how often the candidate and the serving model say what a person said of it."""
    found = {}
    for column, name in enumerate(("sentiment", *EMOTIONS)):
        known = gold[:, column] != MASK
        if known.any():
            true = gold[known, column]
            found[name] = [float((said[known, column] == true).mean()) for said in (candidate, serving)]
    return found


def race(candidate: Scorer, serving: Scorer, own: Sequence[str]) -> dict[str, float]:
    """Seconds that each takes for the same texts: the best of a few turns, taken alternately.

    On processors it is their time that counts, so that what else the machine does decides nothing.
    """
    clock = time.perf_counter if torch.cuda.is_available() else time.process_time
    best: dict[str, float] = {}
    runners: Mapping[str, Scorer] = {"candidate": candidate, "serving": serving}
    for _ in range(RACE_TURNS):
        for name, scorer in runners.items():
            begun = clock()
            scorer.score(own[:RACE_TEXTS])
            spent = clock() - begun
            best[name] = min(spent, best.get(name, spent))
    return best
