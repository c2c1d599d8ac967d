"""Public corpora from the hub, in the form that `model.corpora` maps: text, language, the corpus's own labels.

Reached only when the environment allows it (`HF_HUB_OFFLINE=0`); everything else works from a folder.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from model.errors import MissingCorpus
from model.labels import SENTIMENT
from model.rows import Row

PARTS = {"train": "train", "validation": "validation"}

POSITIVE = set(
    "admiration amusement approval caring desire excitement gratitude joy love optimism pride relief".split()
)
NEGATIVE = set(
    "anger annoyance disappointment disapproval disgust embarrassment fear grief nervousness remorse sadness".split()
)
LANGUAGES = {
    "arabic": "ar",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "spanish": "es",
}


@dataclass(frozen=True)
class Hub:
    """A data set on the hub: its id, its configurations with their languages, and how one of its rows reads."""

    id: str
    configurations: Mapping[str, str]
    read: Callable[[Mapping[str, Any], Sequence[str]], Row]


def emotions(row: Mapping[str, Any], names: Sequence[str]) -> Row:
    """GoEmotions: the sentiment is that of the authors' groups, where they do not contradict (their paper, 4.3)."""
    own = {names[number] for number in row["labels"]}
    return {"text": row["text"], "labels": _sentiment_of(own), "original": {"emotions": sorted(own)}}


def _sentiment_of(own: set[str]) -> dict[str, str]:
    positive, negative = bool(own & POSITIVE), bool(own & NEGATIVE)
    if own == {"neutral"}:
        return {"sentiment": "neutral"}
    if positive != negative:
        return {"sentiment": "positive" if positive else "negative"}
    return {}


def three_classes(row: Mapping[str, Any], names: Sequence[str]) -> Row:
    """Tweets with one of three sentiments, in our order."""
    return {"text": row["text"], "labels": {"sentiment": SENTIMENT[row["label"]]}, "original": {}}


def read(hub: Hub, part: str, languages: Sequence[str]) -> Iterator[Row]:
    """Rows of a part in these languages; MissingCorpus when the hub may not or cannot be asked."""
    import datasets

    if os.environ.get("HF_HUB_OFFLINE", "1") != "0":
        raise MissingCorpus(
            f"{hub.id} is not at hand: set UNDERTONE_CORPORA to the folder of the corpora, "
            "or HF_HUB_OFFLINE=0 to fetch it from the hub."
        )
    for configuration, language in hub.configurations.items():
        if language not in languages:
            continue
        try:
            rows = datasets.load_dataset(hub.id, configuration, split=PARTS[part])
        except (OSError, ValueError) as error:
            raise MissingCorpus(f"{hub.id} could not be fetched from the hub.") from error
        names = _class_names(rows)
        for row in rows:
            yield {**hub.read(row, names), "lang": language}


def _class_names(rows: Any) -> Sequence[str]:
    """The names of the classes of a column `labels` that lists class numbers, or none."""
    feature = rows.features.get("labels")
    names: Sequence[str] = getattr(getattr(feature, "feature", None), "names", ())
    return names


GO_EMOTIONS = Hub("google-research-datasets/go_emotions", {"simplified": "en"}, emotions)
TWEET_EVAL = Hub("cardiffnlp/tweet_eval", {"sentiment": "en"}, three_classes)
UMSAB = Hub("cardiffnlp/tweet_sentiment_multilingual", LANGUAGES, three_classes)
