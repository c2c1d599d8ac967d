"""The label set, in one place: a softmax group for sentiment and seven independent labels.

The order of `LABELS` is the order of the ten outputs of every checkpoint. What each label means is the
labelling guide; `engagement` is decoded as the larger of engagement and enthusiasm, since enthusiasm
implies engagement.
"""

from typing import Final

SENTIMENT: Final = ("negative", "neutral", "positive")
EMOTIONS: Final = (
    "confusion",
    "frustration",
    "boredom",
    "engagement",
    "enthusiasm",
    "satisfaction",
    "toxicity",
)
LABELS: Final = SENTIMENT + EMOTIONS

ENGAGEMENT: Final = LABELS.index("engagement")
ENTHUSIASM: Final = LABELS.index("enthusiasm")


def id2label() -> dict[int, str]:
    """Output number to label name, as a checkpoint's `config.json` holds it."""
    return dict(enumerate(LABELS))


def label2id() -> dict[str, int]:
    """Label name to output number."""
    return {name: number for number, name in enumerate(LABELS)}
