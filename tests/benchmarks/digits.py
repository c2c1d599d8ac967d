"""What reading in bfloat16 instead of float32 changes, on every file that the documentation speaks of.

    UNDERTONE_CORPORA=… python -m tests.benchmarks.digits

Prints for each file how many texts get all the same decisions, the largest change of a figure (F1, of the sentiment
macro-F1) in points, and how many times sooner all texts were read.
"""

import os
import time
from pathlib import Path

import numpy as np

from model import starter
from model.decision import present, probabilities
from model.digits import VARIABLE
from model.evaluation import report
from model.rows import read_jsonl, targets, texts
from model.scoring import Logits, Scorer

CORPORA = ("edurabsa", "goemotions", "umsab_multilingual", "senti4sd", "davidson", "tweeteval_sentiment")


def main() -> None:
    folder = Path(os.environ["UNDERTONE_CORPORA"])
    files = {part: starter.path(part) for part in starter.HELD_OUT}
    files |= {name: folder / name / "validation.jsonl" for name in CORPORA}
    exact, narrow = (_in(named) for named in ("float32", "bfloat16"))
    for name, path in files.items():
        rows = read_jsonl(path)
        (before, slow), (after, quick) = (_read(own, texts(rows)) for own in (exact, narrow))
        figures = [report(exact.calibration, logits, targets(rows)) for logits in (before, after)]
        key = {
            label: "macro_f1" if label == "sentiment" or name == "davidson" else "f1" for label in figures[0]
        }
        change = max(abs(figures[0][own][key[own]] - figures[1][own][key[own]]) for own in key)
        same = (_said(exact, before) == _said(exact, after)).all(axis=1).mean()
        print(
            f"{name}: all decisions the same in {same:.2%} of {len(rows)}, {100 * change:.2f} points at most, "
            f"{slow / quick:.2f} times as quick",
            flush=True,
        )


def _in(digits: str) -> Scorer:
    os.environ[VARIABLE] = digits
    return Scorer.load()


def _read(scorer: Scorer, own: list[str]) -> tuple[Logits, float]:
    start = time.perf_counter()
    return scorer.score(own), time.perf_counter() - start


def _said(scorer: Scorer, logits: Logits) -> np.ndarray:
    chances = probabilities(scorer.calibration, logits)
    return np.column_stack([present(scorer.calibration, chances), chances[:, :3].argmax(axis=1)])


if __name__ == "__main__":
    main()
