"""Annotators by script, of four kinds (S43), over texts of which the truth and what the model shows are known."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lti_tool.review.labelled import Labelled
from model.labels import EMOTIONS, LABELS, SENTIMENT
from tests.classroom import START

Labels = dict[str, Any]
POLE = {"negative": ("confusion", "frustration", "boredom"), "neutral": (), "positive": EMOTIONS[3:6]}


@dataclass(frozen=True)
class Shown:
    """A text: what it really says, and what the model makes of it."""

    post_id: str
    truth: Labels
    model: Labels
    chances: Mapping[str, float]


def texts(dice: random.Random, count: int, right: float = 0.8) -> list[Shown]:
    """Texts that the model reads rightly with probability `right`, mostly surely when it does."""
    made = []
    for number in range(count):
        truth = like(dice, dice.choice(SENTIMENT))
        is_right = dice.random() < right
        model = truth if is_right else like(dice, dice.choice(SENTIMENT))
        sure = dice.uniform(0.6, 0.99) if is_right else dice.uniform(0.4, 0.8)
        made.append(Shown(f"t{number:04}", truth, model, chances(model, sure)))
    return made


def like(dice: random.Random, sentiment: str) -> Labels:
    """Labels of a sentiment with one emotion of its pole."""
    chosen = dice.choice(POLE[sentiment]) if POLE[sentiment] else None
    return {"sentiment": sentiment} | {name: int(name == chosen) for name in EMOTIONS}


def chances(labels: Labels, sure: float) -> dict[str, float]:
    """Probabilities of a model that is `sure` of these labels."""
    found = dict.fromkeys(SENTIMENT, (1 - sure) / 2) | {labels["sentiment"]: sure}
    return found | {name: sure if labels[name] else (1 - sure) / 4 for name in EMOTIONS}


def careful(dice: random.Random, shown: Shown) -> tuple[Labels, float]:
    """Reads, and is wrong on one text in twelve."""
    said = shown.truth if dice.random() > 1 / 12 else like(dice, dice.choice(SENTIMENT))
    return said, dice.uniform(6, 40)


def careless(dice: random.Random, shown: Shown) -> tuple[Labels, float]:
    """Takes what is shown, in a second, and hits a wrong key now and then."""
    said = shown.model if dice.random() > 0.1 else like(dice, dice.choice(SENTIMENT))
    return said, dice.uniform(0.4, 1.6)


def flipper(dice: random.Random, shown: Shown) -> tuple[Labels, float]:
    """Makes everything bad good, and takes the rest as it is shown."""
    said = like(dice, "positive") if shown.model["sentiment"] == "negative" else shown.model
    return said, dice.uniform(5, 20)


def at_random(dice: random.Random, shown: Shown) -> tuple[Labels, float]:
    """Any sentiment, any labels, with patience."""
    said = {"sentiment": dice.choice(SENTIMENT)} | {name: dice.choice((0, 1)) for name in EMOTIONS}
    return said, dice.uniform(5, 20)


Kind = Callable[[random.Random, Shown], tuple[Labels, float]]
KINDS: Mapping[str, Kind] = {
    "careless": careless,
    "flipper": flipper,
    "at_random": at_random,
    **{f"careful {number}": careful for number in range(4)},
}


def course(
    seed: int, kinds: Mapping[str, Kind] = KINDS, count: int = 120
) -> tuple[list[Labelled], list[Shown]]:
    """Each annotator labels `count` texts of their own and eight that all have read."""
    dice = random.Random(seed)
    common, labelled, shown = texts(dice, 8), [], []
    for place, (who, kind) in enumerate(kinds.items()):
        own = [*common, *texts(dice, count)]
        dice.shuffle(own)
        for number, text in enumerate(own):
            post_id = text.post_id if text in common else f"{place} {text.post_id}"
            said, seconds = kind(dice, text)
            labelled.append(one(f"{place} {number:03}", post_id, who, said, text.model, seconds, number))
            shown.append(Shown(post_id, text.truth, text.model, text.chances))
    return labelled, shown


def one(
    answer_id: str,
    post_id: str,
    who: str,
    said: Labels,
    shown: Labels | None = None,
    seconds: float | None = 9.0,
    minute: float = 0,
    role: str = "instructor",
) -> Labelled:
    full = {"sentiment": "neutral"} | dict.fromkeys(EMOTIONS, 0) | said
    at = START + timedelta(minutes=minute)
    return Labelled(answer_id, post_id, "course", who, role, full, shown or {}, seconds, at)


def sure_of(**named: float) -> dict[str, float]:
    return dict.fromkeys(LABELS, 0.02) | {"neutral": 0.8} | named
