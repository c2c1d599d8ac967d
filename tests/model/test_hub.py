"""Corpora from the hub: the same rows as from a folder, without asking any hub."""

from typing import Any

import datasets
import pytest

from model import corpora, hub
from model.errors import MissingCorpus

NAMES = ["neutral", "joy", "anger", "curiosity"]


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The hub's answers, made here; the value lists what was asked for."""
    asked: list[tuple[str, ...]] = []

    def load_dataset(name: str, configuration: str, split: str) -> Any:
        asked.append((name, configuration, split))
        if "go_emotions" in name:
            kinds = datasets.List(datasets.ClassLabel(names=NAMES))
            features = datasets.Features({"text": datasets.Value("string"), "labels": kinds})
            rows = {"text": ["a", "b", "c"], "labels": [[1], [1, 2], [0]]}
            return datasets.Dataset.from_dict(rows, features=features)
        return datasets.Dataset.from_dict({"text": ["x", "y"], "label": [0, 2]})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    return asked


def test_emotions_are_named_and_give_the_authors_sentiment(fetched: list[Any]) -> None:
    rows = corpora.load("goemotions", None)
    assert [row["labels"].get("sentiment") for row in rows] == ["positive", None, "neutral"]
    assert [row["labels"].get("satisfaction") for row in rows] == [1, 1, 0]
    assert fetched == [("google-research-datasets/go_emotions", "simplified", "train")]


def test_only_the_wanted_languages_are_fetched(fetched: list[Any]) -> None:
    rows = corpora.load("umsab", None, "validation", ("de", "hi"))
    assert [(row["lang"], row["labels"]["sentiment"]) for row in rows] == [
        ("de", "negative"),
        ("de", "positive"),
        ("hi", "negative"),
        ("hi", "positive"),
    ]
    assert {configuration for _, configuration, _ in fetched} == {"german", "hindi"}


def test_the_hub_is_not_asked_unless_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(MissingCorpus, match="HF_HUB_OFFLINE=0"):
        corpora.load("tweeteval", None)


def test_a_fetch_that_fails_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: Any, **options: Any) -> None:
        raise ConnectionError("no route")

    monkeypatch.setattr(datasets, "load_dataset", fails)
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    with pytest.raises(MissingCorpus, match="could not be fetched"):
        corpora.load("tweeteval", None)


def test_a_corpus_that_is_not_on_the_hub_needs_the_folder() -> None:
    with pytest.raises(MissingCorpus, match="UNDERTONE_CORPORA"):
        corpora.load("davidson", None)


def test_the_languages_of_the_hub_are_those_of_the_corpus() -> None:
    assert set(hub.UMSAB.configurations.values()) == set(corpora.CORPORA["umsab"].languages)
