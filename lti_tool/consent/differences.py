"""What two published texts do not say alike, sentence beside sentence (U14)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

NOT_SHOWN = ("bases",)
"""Parts of a text that are codes and no words."""


@dataclass(frozen=True)
class Difference:
    """One passage before and now; empty where there was or is none."""

    before: str
    now: str


def between(before: dict[str, Any], now: dict[str, Any]) -> list[Difference]:
    """Every passage that differs, in the order of the present text; what is gone comes last."""
    old, new = dict(_passages(before, ())), dict(_passages(now, ()))
    told = [Difference(old.get(place, ""), words) for place, words in new.items() if old.get(place) != words]
    return told + [Difference(words, "") for place, words in old.items() if place not in new]


def _passages(part: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each string with where it stands; an item of a list stands under its `id`, else under its number."""
    if isinstance(part, str):
        yield place, part
    elif isinstance(part, dict):
        for key, inner in part.items():
            if key not in NOT_SHOWN and key != "id":
                yield from _passages(inner, (*place, key))
    else:
        for number, inner in enumerate(part):
            own = inner.get("id") if isinstance(inner, dict) else None
            yield from _passages(inner, (*place, str(own or number)))
