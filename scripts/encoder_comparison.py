"""Which packaged encoder does better: one short training of each on as many rows, one line each in a results file.

    UNDERTONE_CORPORA=… python scripts/encoder_comparison.py RESULTS.jsonl [--rows N]

Rows are the starter corpus's, then a random part of the public ones, in the languages of the encoder. Every figure is
with thresholds at a half and temperatures of one, so that the encoders are compared and not how they were calibrated.
A training whose line is in the file already is not done again, so it can be stopped and gone on with at any time.
"""

import json
import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from model import corpora, recipe, starter
from model.backbones import ENGLISH, MULTILINGUAL, languages_of
from model.decision import UNCALIBRATED
from model.evaluation import report
from model.rows import Row, targets, texts
from model.scoring import Scorer
from model.training import TrainingOptions, fine_tune

BASES = (ENGLISH, MULTILINGUAL)
ROWS = 8000
SEED = 7
EPOCHS = 1.0
LEARNING_RATE = 1e-4
PRECISION_OF = ("confusion", "frustration", "boredom", "engagement")
PUBLIC: dict[str, int | None] = {"edurabsa": None, "senti4sd": None, "goemotions": 1500, "umsab": None}
"""English validation parts, and how many rows of each are taken where not all."""


def main(results: Path, folder: Path, count: int) -> None:
    """Do what is left, and print the table."""
    done = {line["base"] for line in lines(results) if line["rows"] == count}
    for base in BASES:
        if base not in done:
            line = {"base": base, "rows": count, **measured(base, folder, count)}
            with results.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
    print(table([line for line in lines(results) if line["rows"] == count]))


def lines(results: Path) -> list[dict[str, Any]]:
    """What was measured before."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]


def options(base: str) -> TrainingOptions:
    """The same for every encoder but for its languages."""
    return TrainingOptions(
        base=base, languages=languages_of(base), epochs=EPOCHS, learning_rate=LEARNING_RATE, seed=SEED
    )


def chosen(spoken: tuple[str, ...], folder: Path, count: int) -> tuple[list[Row], list[Row]]:
    """Training rows, at most `count` and always the same ones, and development rows."""
    own, dev = corpora.split(recipe.students(spoken), recipe.STUDENT_DEV)
    public: list[Row] = []
    for name in corpora.TRAINING:
        languages = set(spoken) & set(corpora.known(name).languages)
        public += corpora.sample(name, corpora.load(name, folder, languages=languages), SEED)
    rows = corpora.shuffled(own, SEED)[:count]
    return rows + corpora.shuffled(public, SEED)[: count - len(rows)], dev


def measured(base: str, folder: Path, count: int) -> dict[str, Any]:
    """Train one encoder and measure it on every file."""
    own = options(base)
    rows, dev = chosen(own.languages, folder, count)
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        out = Path(scratch) / "model"
        fine_tune(rows, dev, None, out, own)
        scorer = Scorer.load(out)
        plain = [row for row in starter.load("heldout") if not row.get("hard")]
        heldout = _report(scorer, plain)
        precisions = {name: heldout[name]["average_precision"] for name in PRECISION_OF}
        sentiment = {
            name: _report(scorer, _validation(name, folder, most))["sentiment"]["macro_f1"]
            for name, most in PUBLIC.items()
        }
    starters = sum(row["corpus"] == starter.NAME for row in rows)
    return {
        "trained_on": {"starter": starters, "public": len(rows) - starters},
        "heldout_sentiment": heldout["sentiment"]["macro_f1"],
        "heldout_average_precision": precisions,
        "sentiment": sentiment,
    }


def _validation(name: str, folder: Path, most: int | None) -> list[Row]:
    return corpora.shuffled(corpora.load(name, folder, "validation", ("en",)), 0)[:most]


def _report(scorer: Scorer, rows: list[Row]) -> dict[str, Any]:
    return report(UNCALIBRATED, scorer.score(texts(rows)), targets(rows))


def table(found: list[dict[str, Any]]) -> str:
    """The figures side by side, as the documentation shows them."""
    rows = [
        ("figure", [line["base"] for line in found]),
        ("---", ["---:" for _ in found]),
        (
            "starter held-out (the first 520), sentiment macro-F1",
            [f"{line['heldout_sentiment']:.3f}" for line in found],
        ),
        (
            f"the same, average precision of {' / '.join(PRECISION_OF)}",
            [
                " / ".join(f"{value:.3f}" for value in line["heldout_average_precision"].values())
                for line in found
            ],
        ),
        *(
            (f"{_named(name)}, sentiment macro-F1", [f"{line['sentiment'][name]:.3f}" for line in found])
            for name in PUBLIC
        ),
    ]
    return "\n".join(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)


def _named(name: str) -> str:
    part = ", English part" if len(corpora.known(name).languages) > 1 else ""
    return name + part + (f" ({PUBLIC[name]:,} rows)".replace(",", " ") if PUBLIC[name] else "")


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--rows", type=int, default=ROWS)
    given = parser.parse_args()
    main(given.results, Path(os.environ["UNDERTONE_CORPORA"]), given.rows)
