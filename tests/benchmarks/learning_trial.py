"""One simulated course that corrects and trains night by night: what is asked, what is trained on, what is measured.

Instructors answer with the public corpus's own labels as `model.corpora` maps them, for texts of its training file.
The parts that are measured on are never asked about, trained on, or looked at for a threshold.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import corpora, recipe
from model.choosing import doubt
from model.decision import Calibration
from model.evaluation import per_label_f1, said
from model.languages import COVERED
from model.recalibrating import refit
from model.rows import Row, targets, texts, weights
from model.scoring import Scorer
from model.teaching import taught
from model.training import TrainingOptions, fine_tune
from tests.benchmarks.spreading import choose

INSTRUCTORS = 3
EMOTIONS = ("confusion", "frustration", "engagement", "satisfaction")
LABELS = {"senti4sd": ("sentiment",), "goemotions": ("sentiment", *EMOTIONS)}
"""What the instructors answer, and what is measured."""
Scores = dict[str, Any]


@dataclass(frozen=True)
class Night:
    """How a night trains: `replay` starter rows, each correction `repeat` times, and the options of a training.

    With `onward` it starts at the model of the night before, else at the base. `apart` is the share of corrections
    that only recalibrate.
    """

    replay: int = 1000
    repeat: int = 2
    epochs: float = 3.0
    learning_rate: float = 8e-5
    batch_size: int = 32
    distil: float = 1.0
    temperature: float = 1.0
    onward: bool = True
    apart: float = 0.0


@dataclass(frozen=True)
class Trial:
    """A course: the corpus, the seed of its texts and trainings, how texts are chosen, answers after each night.

    `budgets` count the answers of all three instructors together, or with `each` those of every one of them. In
    `tuning` a part of the training file is measured on instead of the test part.
    """

    corpus: str
    seed: int
    strategy: str
    budgets: tuple[int, ...]
    each: bool = False
    tuning: bool = False
    night: Night = Night()

    @property
    def key(self) -> dict[str, Any]:
        """What names the trial in the results."""
        return {name: value for name, value in asdict(self).items() if name != "budgets"}


@dataclass(frozen=True)
class Place:
    """Where a campaign works: the base adapter, its encoder (a directory or a packaged name), corpora, languages.

    `most` bounds every set of rows, for a try.
    """

    base: Path
    encoder: str
    folder: Path
    languages: tuple[str, ...] = COVERED
    most: int | None = None
    pool: int = 1000


def run(trial: Trial, place: Place) -> Iterator[dict[str, Any]]:
    """One line of results for each budget, as soon as its night is over."""
    course = Course(trial, place)
    with tempfile.TemporaryDirectory(prefix="undertone-") as scratch:
        for budget in trial.budgets:
            yield course.night(budget, Path(scratch) / str(budget))


class Course:
    """A course between its nights: the serving model, what has been answered, and the sets that are measured on."""

    def __init__(self, trial: Trial, place: Place) -> None:
        self.trial, self.place = trial, place
        self.sets = measured_sets(trial, place)
        self.slices = slices(trial, place)
        self.answered: list[Row] = []
        learnt, _ = corpora.split(recipe.students(place.languages), recipe.STUDENT_DEV)
        self.replay = corpora.shuffled(learnt, trial.seed)[: trial.night.replay][: place.most]
        self.kept_apart = corpora.shuffled(_apart(place), 0)[: place.most]
        self.serving, self.path = self._load(place.base), place.base
        self.first, self.calibration = self.serving, self.serving.calibration
        self.before_logits = self._scored(self.first)

    def night(self, budget: int, out: Path) -> dict[str, Any]:
        """Ask until `budget` is answered, train and measure."""
        start = time.monotonic()
        self._ask(budget * INSTRUCTORS if self.trial.each else budget)
        training, checking = self._parted()
        self._train(training, out)
        candidate = self._load(out)
        logits = self._scored(candidate)
        moved = self._moved(candidate, checking)
        line = {
            **self.trial.key,
            "asked": budget,
            "answers": len(self.answered),
            "before": self._measured(self.calibration, self.before_logits),
            "recalibrated": {
                how: self._measured(own, self.before_logits)
                for how, own in self._moved(self.first, self.answered).items()
            },
            "after": {
                "kept": self._measured(self.calibration, logits),
                **{how: self._measured(own, logits) for how, own in moved.items()},
            },
            "positives": positives(self.answered, LABELS[self.trial.corpus]),
            "seconds": round(time.monotonic() - start, 1),
        }
        if self.trial.night.onward:
            self.serving, self.path = candidate, out
        return line

    def _ask(self, total: int) -> None:
        """Each instructor answers an equal share of what is missing, of their own texts."""
        missing = total - len(self.answered)
        shares = [len(part) for part in np.array_split(np.arange(missing), INSTRUCTORS)]
        for number, share in enumerate(shares):
            own = self.slices[number]
            chosen = set(self._chosen(own, share))
            self.answered += [row for place, row in enumerate(own) if place in chosen]
            self.slices[number] = [row for place, row in enumerate(own) if place not in chosen]

    def _chosen(self, rows: Sequence[Row], count: int) -> list[int]:
        if self.trial.strategy == "random":
            return list(range(min(count, len(rows))))  # a slice is in random order
        logits, calibration = self.serving.score(texts(rows)), self.calibration
        if self.trial.strategy == "doubt":
            return [int(place) for place in np.argsort(-doubt(calibration, logits))[:count]]
        half = count if self.trial.strategy == "active" else count - count // 2
        own = choose(calibration, logits, half, self.trial.seed)
        rest = [place for place in range(len(rows)) if place not in own]
        return own + rest[: count - half]

    def _parted(self) -> tuple[list[Row], list[Row]]:
        """Corrections to train on, and those to recalibrate with: others where some are kept apart."""
        if not self.trial.night.apart:
            return self.answered, self.answered
        every = round(1 / self.trial.night.apart)
        training, checking = corpora.split(self.answered, every)
        return training, checking

    def _train(self, corrections: list[Row], out: Path) -> None:
        night = self.trial.night
        own = taught(corrections, self.serving.score(texts(corrections)), beside_labels=False)
        old = taught(self.replay, self.serving.score(texts(self.replay)))
        options = TrainingOptions(
            epochs=night.epochs,
            learning_rate=night.learning_rate,
            batch_size=night.batch_size,
            distil=night.distil,
            temperature=night.temperature,
            frozen_layers=4,
            rank=1,
            seed=self.trial.seed,
            base=self.place.encoder,
            languages=self.place.languages,
            recalibrate=False,
        )
        start = self.path if night.onward else self.place.base
        fine_tune(old + own * night.repeat, self.kept_apart[:60], start, out, options)

    def _moved(self, scorer: Scorer, rows: list[Row]) -> dict[str, Calibration]:
        """The first calibration, moved by corrections alone, and by them with starter rows of the same weight."""
        logits, gold = scorer.score(texts(rows)), targets(rows)
        old = scorer.score(texts(self.kept_apart))
        counts = weights(self.kept_apart) * min(1.0, len(rows) / max(1, len(self.kept_apart)))
        both = np.vstack([logits, old]), np.vstack([gold, targets(self.kept_apart)])
        return {
            "refit": refit(logits, gold, self.calibration),
            "refit with starter": refit(*both, self.calibration, np.vstack([weights(rows), counts])),
        }

    def _scored(self, scorer: Scorer) -> dict[str, NDArray[np.float32]]:
        return {name: scorer.score(texts(rows)) for name, rows in self.sets.items()}

    def _measured(self, calibration: Calibration, logits: dict[str, NDArray[np.float32]]) -> Scores:
        return {name: scores(calibration, own, targets(self.sets[name])) for name, own in logits.items()}

    def _load(self, path: Path) -> Scorer:
        return Scorer.load(path, base=self.place.encoder)


def scores(calibration: Calibration, logits: NDArray[np.float32], gold: NDArray[np.float32]) -> Scores:
    """The mean of sentiment's macro-F1 and each label's F1, and these."""
    found = per_label_f1(said(calibration, logits), gold)
    return {"mean": float(np.mean(list(found.values()))), **found}


def measured_sets(trial: Trial, place: Place) -> dict[str, list[Row]]:
    """The corpus's test part, and the two sets on which nothing may be lost; in tuning three that are none of these."""
    if trial.tuning:
        own = corpora.shuffled(_train_file(trial.corpus, place), 0)[: _tuning_size(trial.corpus)]
        starter = recipe.by_strangers(place.languages)
        tweets = corpora.split(_load("umsab", place, "train"), recipe.PUBLIC_DEV)[1]
    else:
        own = _only(trial.corpus, _load(trial.corpus, place, "validation"))
        starter = recipe.heldout(place.languages)
        tweets = _load("umsab", place, "validation")
    return {
        name: rows[: place.most] for name, rows in (("own", own), ("starter", starter), ("umsab", tweets))
    }


def slices(trial: Trial, place: Place) -> list[list[Row]]:
    """The texts of each instructor's course, none of them another's, in random order.

    The part of the training file that tuning measures on is in no course, also where nothing is tuned.
    """
    rest = corpora.shuffled(_train_file(trial.corpus, place), 0)[_tuning_size(trial.corpus) :]
    rest = corpora.shuffled(rest, trial.seed)
    return [rest[number::INSTRUCTORS][: place.pool] for number in range(INSTRUCTORS)]


def positives(rows: Sequence[Row], names: Sequence[str]) -> dict[str, int]:
    """How many answers say each label, or a sentiment other than neutral."""
    plain = (0, "neutral", None)
    return {name: sum(row["labels"].get(name) not in plain for row in rows) for name in names}


def _tuning_size(corpus: str) -> int:
    return {"senti4sd": 800, "goemotions": 3000}[corpus]


def _train_file(corpus: str, place: Place) -> list[Row]:
    return _only(corpus, _load(corpus, place, "train"))


@lru_cache(maxsize=4)
def _load(name: str, place: Place, part: str) -> list[Row]:
    languages = set(place.languages) & set(corpora.known(name).languages)
    return corpora.load(name, place.folder, part, languages)


def _only(corpus: str, rows: Sequence[Row]) -> list[Row]:
    """The rows with the labels that the instructors answer, each in full."""
    wanted = LABELS[corpus]
    return [
        {
            "text": row["text"],
            "lang": row["lang"],
            "corpus": "corrections",
            "labels": {name: value for name, value in row["labels"].items() if name in wanted},
        }
        for row in rows
    ]


def train_base(place: Place, seed: int, options: TrainingOptions) -> None:
    """The base: the starter corpus and the permissive corpora but those that the instructors will answer for."""
    names = [name for name in corpora.TRAINING if name not in LABELS]
    rows = recipe.gather(True, names, place.folder, None, seed, place.languages)
    train = corpora.shuffled(rows.train, seed)[: place.most]
    options = replace(options, base=place.encoder, languages=place.languages, seed=seed)
    fine_tune(train, rows.dev[: place.most], None, place.base, options)


def save_logits(place: Place) -> None:
    """What the base makes of every text that is asked about or measured on: recalibration alone needs no more."""
    scorer = Scorer.load(place.base, base=place.encoder)
    sets = {"apart": _apart(place), "strangers": recipe.by_strangers(place.languages)}
    sets |= {"heldout": recipe.heldout(place.languages)}
    for name, part in product((*LABELS, "umsab"), ("train", "validation")):
        sets[f"{name} {part}"] = _load(name, place, part)
    np.savez_compressed(
        place.base.with_name("logits.npz"),
        **{name: scorer.score(texts(rows[: place.most])) for name, rows in sets.items()},
    )


def _apart(place: Place) -> list[Row]:
    """Starter rows that no base learns from."""
    return corpora.split(recipe.students(place.languages), recipe.STUDENT_DEV)[1]
