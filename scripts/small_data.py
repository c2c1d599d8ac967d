"""How much the model owes to how many texts, to chance and to the adapter: many small trainings, one line each.

    python scripts/small_data.py RESULTS.jsonl

Every run starts at the bare encoder, learns from a fixed part of the starter corpus and is measured on both held-out
parts. It is a long campaign: a run whose line is in the file already is not done again, so it can be stopped and gone
on with at any time.
"""

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from model import corpora, recipe
from model.evaluation import per_label_f1, said
from model.languages import COVERED
from model.rows import targets, texts
from model.scoring import Scorer
from model.training import TrainingOptions, fine_tune

PARTS = ("train", "multilingual")
"""What there was when the campaign began: a line of it means the same texts whenever it was added."""
SAMPLE = 0.2
SEEDS = (1, 2, 3, 4, 5)
SHARES = (0.05, 0.1, 0.4, 1.0)
EPOCHS = 3.0


@dataclass(frozen=True)
class Trial:
    """One training: the share of the starter corpus, the seed, and whether all weights are kept or an adapter."""

    share: float
    seed: int
    full: bool = False


PLAN = (
    *(Trial(SAMPLE, seed) for seed in SEEDS),
    Trial(SAMPLE, SEEDS[0], full=True),
    *(Trial(share, SEEDS[0]) for share in SHARES),
)


def main(results: Path) -> None:
    """Do what is left of the plan."""
    done = (
        {line["trial"] for line in map(json.loads, results.read_text().splitlines())}
        if results.exists()
        else set()
    )
    for trial in PLAN:
        if _name(trial) not in done:
            with results.open("a") as stream:
                stream.write(json.dumps({"trial": _name(trial), **_measured(trial)}) + "\n")


def _name(trial: Trial) -> str:
    return json.dumps(asdict(trial), sort_keys=True)


def _measured(trial: Trial) -> dict[str, Any]:
    train, dev = corpora.split(recipe.students(COVERED, PARTS), recipe.STUDENT_DEV)
    rows = corpora.shuffled(train, 0)[: int(trial.share * len(train))]
    options = TrainingOptions(
        epochs=EPOCHS,
        learning_rate=1e-4,
        frozen_layers=0 if trial.full else 4,
        dropout=0.0,
        seed=trial.seed,
        full=trial.full,
    )
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        out = Path(scratch) / "model"
        fine_tune(rows, dev, None, out, options)
        scorer = Scorer.load(out)
        heldout = recipe.heldout(COVERED)
        scores = per_label_f1(said(scorer.calibration, scorer.score(texts(heldout))), targets(heldout))
    return {"rows": len(rows), "mean": mean(scores.values()), "scores": scores}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
