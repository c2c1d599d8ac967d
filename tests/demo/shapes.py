"""Compares answers with captured ones by shape: the same names, the same kinds of values."""

import json
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"


def captured(name: str) -> Any:
    """A captured exchange."""
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


def unlike(got: Any, model: Any, place: str = "") -> list[str]:
    """Where `got` differs in shape from `model`; empty when it does not.

    A value may be anything where the model has null. Each item of a list must look like one of the model's.
    """
    if model is None:
        return []
    if isinstance(model, dict) and isinstance(got, dict):
        names = [f"{place}.{name} is {'new' if name in got else 'missing'}" for name in set(got) ^ set(model)]
        return names + [
            x for name in set(got) & set(model) for x in unlike(got[name], model[name], f"{place}.{name}")
        ]
    if isinstance(model, list) and isinstance(got, list):
        return [fault for item in got if model for fault in _least(item, model, f"{place}[]")]
    return (
        [] if type(got) is type(model) else [f"{place} is {type(got).__name__}, not {type(model).__name__}"]
    )


def _least(item: Any, models: list[Any], place: str) -> list[str]:
    return min((unlike(item, model, place) for model in models), key=len)
