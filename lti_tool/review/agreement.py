"""How far two people, or a person and the model, say the same of a text."""

from collections.abc import Mapping
from typing import Any

from model.labels import EMOTIONS

SAME = 0.75
"""From here on two readers say the same: the same sentiment, and half of the labels that either chose."""


def agreement(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Between 0 and 1: half for the same sentiment, half for the share of the chosen labels that both chose.

    Both are labels as in an answer. Two who chose no label agree on that. Unlike the share of equal cells it is low for
    somebody who chooses at random, since most labels apply to few texts.
    """
    ours = {name for name in EMOTIONS if one.get(name)}
    theirs = {name for name in EMOTIONS if other.get(name)}
    shared = len(ours & theirs) / len(ours | theirs) if ours | theirs else 1.0
    return (float(one.get("sentiment") == other.get("sentiment")) + shared) / 2


def say_the_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a second reader confirms the first."""
    return agreement(one, other) >= SAME
