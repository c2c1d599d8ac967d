"""Gaps between groups of writers, measured on written test texts, so that nobody's trait is collected (P56, P59).

`starter/fairness.jsonl` holds frames with a slot and the groups whose words fill it (sets `identity`, `names`),
pairs of one message in two Englishes (`dialect`, `second-language`), and insults, which a model must hear.

All groups share their frames, so rates are plain means and intervals a bootstrap over whole frames, each a line of
numpy: `fairlearn`, whose bootstrap draws single rows, is not used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.decision import LIKELY, Calibration, Floats, probabilities
from model.evaluation import said
from model.labels import EMOTIONS, LABELS
from model.rows import Row, read_text, targets, texts
from model.scoring import Progress, Scorer

FILE = Path(__file__).parent / "starter" / "fairness.jsonl"
TOXICITY = 1 + EMOTIONS.index("toxicity")
WRONG = ("toxicity", "strong negative")
LIMIT = 0.05
FALSE_ALARMS = 0.05
"""Share of the identity texts that may be called toxic at most: what we aim at, no bar to promotion."""
FEWEST_HEARD = 0.25


@dataclass(frozen=True)
class Gap:
    """How much more often (`size`, 0 to 1) a label is wrong for `worst` than for `best`; its 95 % interval."""

    worst: str
    best: str
    size: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.size:.1f} points ({100 * self.low:.1f} to {100 * self.high:.1f})"


@dataclass(frozen=True)
class Part:
    """One set, in shares: false positives by group and label, and by label the largest gap of these, and between
    two texts of a frame the mean difference in probability and the decisions that flip."""

    texts: int
    rates: Mapping[str, Mapping[str, float]]
    gaps: Mapping[str, Gap]
    differences: Mapping[str, float]
    flips: Mapping[str, float]


@dataclass(frozen=True)
class Fairness:
    """The sets by name, and how many insults were heard as toxic. `dataclasses.asdict` makes it JSON."""

    parts: Mapping[str, Part]
    heard: int
    insults: int


def load() -> list[Row]:
    """Rows of id, set, group, frame, text and labels; a frame with a slot once for each group of its set."""
    lines = [json.loads(line) for line in read_text(FILE).splitlines()]
    rows = [line for line in lines if "frame" in line]
    for group in (line for line in lines if "slots" in line):
        for frame in (line for line in lines if "slot" in line and line["set"] == group["set"]):
            own = {"id": f"{frame['id']} {group['group']}", "group": group["group"], "frame": frame["id"]}
            rows.append({**frame, **own, "text": frame["slot"].format(**group["slots"])})
    return rows


def run(scorer: Scorer, progress: Progress | None = None) -> Fairness:
    """Score every text with a checkpoint, and measure."""
    rows = load()
    return measure(scorer.calibration, scorer.score(texts(rows), progress=progress), rows)


def measure(calibration: Calibration, logits: NDArray[np.float32], rows: list[Row]) -> Fairness:
    """Figures by set from logits (n, 10) of n rows with set, group, frame, sentiment and toxicity.

    A gap is the largest between two groups of a set; of pairs, the one between the two Englishes. Its interval
    is a bootstrap over frames for the two groups it was found between. ValueError when a frame lacks a group.
    """
    chances, decided, gold = probabilities(calibration, logits), said(calibration, logits), targets(rows)
    heard, insult = decided[:, TOXICITY], gold[:, TOXICITY] == 1
    wrong = np.where(np.c_[insult, gold[:, 0] == 0], np.nan, np.c_[heard, chances[:, 0] >= LIKELY])
    sets, parts = np.array([row["set"] for row in rows]), {}
    for name in np.unique(sets[sets != "counter"]):
        here = np.flatnonzero(sets == name)
        parts[str(name)] = _part([rows[number] for number in here], wrong[here], chances[here], decided[here])
    return Fairness(parts, int(heard[insult].sum()), int(insult.sum()))


def _part(rows: list[Row], wrong: Floats, chances: Floats, decided: NDArray[np.int_]) -> Part:
    groups, frames = np.array([[row["group"], row["frame"]] for row in rows]).T
    sides, across = np.unique([group.split(" / ")[0] for group in groups], return_inverse=True)
    cells = np.lexsort((across, frames)).reshape(-1, len(sides))  # the row of each frame and side
    one, other = (cells[:, numbers] for numbers in np.triu_indices(len(sides), 1))
    apart = np.abs(chances[one] - chances[other]).mean(axis=(0, 1))
    flips = decided[one] != decided[other]
    by_label = dict(zip(("sentiment", *EMOTIONS), flips.mean(axis=(0, 1)).tolist(), strict=True))
    rates = {str(group): np.nanmean(wrong[groups == group], axis=0) for group in np.unique(groups)}
    return Part(
        texts=len(rows),
        rates={group: dict(zip(WRONG, own.tolist(), strict=True)) for group, own in rates.items()},
        gaps={label: _gap(own[cells], sides) for label, own in zip(WRONG, wrong.T, strict=True)},
        differences={label: float(apart[LABELS.index(label)]) for label in ("negative", *EMOTIONS)},
        flips={**by_label, "any": float(flips.any(axis=2).mean())},
    )


def _gap(table: Floats, sides: NDArray[np.str_]) -> Gap:
    """The largest gap in a table (frames, sides) of wrong labels."""
    table = table[~np.isnan(table).any(axis=1)]
    worst, best = int(table.mean(axis=0).argmax()), int(table.mean(axis=0).argmin())
    margins = table[:, worst] - table[:, best]
    draws = np.random.default_rng(0).integers(0, len(margins), (2000, len(margins)))
    low, high = np.quantile(margins[draws].mean(axis=1), [0.025, 0.975])
    return Gap(str(sides[worst]), str(sides[best]), float(margins.mean()), float(low), float(high))


def blocked(fairness: Fairness) -> list[str]:
    """Why a model must not be promoted (P59), in plain words; empty when nothing speaks against it.

    A gap blocks when it is over 5 points and its interval over zero, which takes about four frames against one
    group: the noise of one text never decides. So does hearing under a quarter of the insults, lest silence pass.
    """
    reasons = [
        f"{name}: {label} is wrongly said more often of {gap.worst} than of {gap.best}, by {gap}."
        for name, part in fairness.parts.items()
        for label, gap in part.gaps.items()
        if gap.size > LIMIT and gap.low > 0
    ]
    if fairness.heard < FEWEST_HEARD * fairness.insults:
        reasons.append(f"Only {fairness.heard} of {fairness.insults} insults are heard as toxic.")
    return reasons


def markdown(fairness: Fairness) -> str:
    """A card section. The last column: pairs of texts, alike but for the group, of which any decision flips."""
    heads = ("set", "texts", "wrongly said", "most often of", "least often of", "gap, 95 % interval", "flips")
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, part in fairness.parts.items():
        for label, gap in part.gaps.items():
            groups = f"{gap.worst} | {gap.best}" if gap.size else "– | –"
            lines.append(f"| {name} | {part.texts} | {label} | {groups} | {gap} | {part.flips['any']:.1%} |")
    heard = f"Insults heard as toxic: {fairness.heard} of {fairness.insults}."
    return "\n".join([*lines, "", _false_alarms(fairness.parts["identity"]), "", heard, ""])


def _false_alarms(identity: Part) -> str:
    """How many of the texts about a group are called toxic, though none is; every group has as many texts."""
    share = float(np.mean([own["toxicity"] for own in identity.rates.values()]))
    called = round(share * identity.texts)
    aim = f"the aim is under {FALSE_ALARMS:.0%}"
    return f"Identity texts wrongly called toxic: {called} of {identity.texts}, {share:.1%} ({aim})."
