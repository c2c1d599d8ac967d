"""Which rule reads a text of several pieces best: a label's largest logit, the mean, or the first piece alone.

    python scripts/long_texts.py

Long texts are made of English held-out ones, one paragraph each: mostly such as carry no label, and up to two that do,
at random places. A label of a paragraph is the text's. Prints the mean F1 of the labels by rule.
"""

from collections.abc import Callable
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from model import starter
from model.decision import present, probabilities
from model.evaluation import per_label_f1
from model.labels import EMOTIONS, LABELS
from model.rows import Row
from model.scoring import Logits, Scorer

TEXTS = 150
PARAGRAPHS = (9, 16)
MOST_LABELLED = 2
SEED = 11

RULES: dict[str, Callable[[Logits], NDArray[np.float32]]] = {
    "largest": lambda logits: logits.max(axis=0),
    "mean": lambda logits: logits.mean(axis=0),
    "first piece alone": lambda logits: logits[0],
}


def main() -> None:
    """Print a line per rule."""
    scorer = Scorer.load()
    made = long_texts(starter.load("heldout"), np.random.default_rng(SEED))
    parts = scorer.reader.parts([text for text, _ in made])
    logits = np.concatenate([scorer.forward([own]).float().cpu().numpy() for own in parts.ids])
    whose = np.array(parts.owners)
    gold = np.array([[0, *labels] for _, labels in made], dtype=np.float32)
    print(f"{len(made)} texts of {len(parts.ids) / len(made):.1f} pieces")
    for name, rule in RULES.items():
        read = np.stack([rule(logits[whose == number]) for number in range(len(made))])
        chances = probabilities(scorer.calibration, read.reshape(-1, len(LABELS)))
        said = np.column_stack([np.zeros(len(made), dtype=int), present(scorer.calibration, chances)])
        scores = per_label_f1(said, gold)
        own = {label: scores[label] for label in EMOTIONS}
        print(f"{name}: {mean(own.values()):.3f}", {label: round(score, 3) for label, score in own.items()})


def long_texts(rows: list[Row], chance: np.random.Generator) -> list[tuple[str, list[int]]]:
    """Texts with the labels of their paragraphs, 0 or 1 each in the order of EMOTIONS."""
    plain = [row for row in rows if not any(_labels(row))]
    telling = [row for row in rows if any(_labels(row))]
    made = []
    for _ in range(TEXTS):
        few = _some(telling, chance.integers(MOST_LABELLED, endpoint=True), chance)
        own = few + _some(plain, chance.integers(*PARAGRAPHS) - len(few), chance)
        own = _some(own, len(own), chance)
        labels = np.array([_labels(row) for row in own]).max(axis=0).tolist()
        made.append(("\n\n".join(row["text"] for row in own), labels))
    return made


def _some(rows: list[Row], count: int, chance: np.random.Generator) -> list[Row]:
    return [rows[number] for number in chance.choice(len(rows), count, replace=False)]


def _labels(row: Row) -> list[int]:
    return [int(row["labels"][name]) for name in EMOTIONS]


if __name__ == "__main__":
    main()
