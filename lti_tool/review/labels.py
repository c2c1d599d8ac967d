"""What an answer may say: one sentiment and any of the seven labels (labelling guide)."""

from collections.abc import Mapping
from typing import Any

from lti_tool.errors import InvalidInputError
from model.labels import EMOTIONS, SENTIMENT

Labels = dict[str, Any]
"""`{"sentiment": "negative", "confusion": 0 or 1, …}` with all seven labels."""


def validated(labels: Mapping[str, Any]) -> Labels:
    """All labels of an answer, absent ones as 0; enthusiasm implies engagement.

    Raises InvalidInputError for an unknown label or value, or a missing sentiment (S40).
    """
    unknown = set(labels) - {"sentiment", *EMOTIONS}
    if unknown or labels.get("sentiment") not in SENTIMENT:
        raise InvalidInputError("Choose how the text reads: negative, neutral or positive.")
    if any(labels.get(name, 0) not in (0, 1) for name in EMOTIONS):
        raise InvalidInputError("A label is either chosen or not.")
    result: Labels = {"sentiment": labels["sentiment"]}
    result |= {name: int(labels.get(name, 0)) for name in EMOTIONS}
    result["engagement"] = max(result["engagement"], result["enthusiasm"])
    return result
