"""Public labelled corpora, read from a folder that the caller names and mapped to the label set.

Nothing of them ships with the project. Each is declared with its licence, whether it may train a model,
and a mapping made from the corpus's *own* labels (`original`), following the labelling guide; where a
label of theirs cannot decide ours, ours is absent. English only, as long as the shipped model is.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.errors import MissingCorpus
from model.rows import Row, read_jsonl

Labels = dict[str, Any]


def own_sentiment(row: Row) -> Labels:
    """The corpus's sentiment, whose three classes are ours."""
    return {"sentiment": row["labels"]["sentiment"]} if "sentiment" in row["labels"] else {}


FRUSTRATED = {"annoyance", "anger"}
NEAR_FRUSTRATED = {"disappointment", "disapproval", "disgust"}
CONTENT = {"joy", "relief", "pride"}
NEAR_CONTENT = {
    "admiration",
    "approval",
    "love",
    "optimism",
    "amusement",
    "excitement",
    "gratitude",
    "caring",
}
NEAR_ENGAGED = {"curiosity", "desire", "optimism", "surprise", "amusement", "joy", "love", "admiration"}


def goemotions(row: Row) -> Labels:
    """Emotions of Reddit comments.

    Excitement is enthusiasm and so engagement. Left open: curiosity, which there means any question;
    gratitude, which there includes "thanks in advance" and irony; praise of others as satisfaction.
    """
    theirs = set(row["original"]["emotions"])
    labels = own_sentiment(row)
    _decide(labels, "confusion", "confusion" in theirs, "curiosity" in theirs)
    _decide(labels, "frustration", bool(theirs & FRUSTRATED), bool(theirs & NEAR_FRUSTRATED))
    _decide(labels, "satisfaction", bool(theirs & CONTENT), bool(theirs & NEAR_CONTENT))
    for name in ("engagement", "enthusiasm"):
        _decide(labels, name, "excitement" in theirs, bool(theirs & NEAR_ENGAGED))
    return labels


def _decide(labels: Labels, name: str, present: bool, undecided: bool) -> None:
    if present or not undecided:
        labels[name] = int(present)


def davidson(row: Row) -> Labels:
    """Tweets found by a hate lexicon: hateful or offensive is toxicity."""
    return {"toxicity": int(row["original"]["class"] != "neither")}


def clean_diaries(row: Row) -> Labels:
    """Reflective diaries of student teachers: plain, civil prose, the negatives that tweets lack."""
    return {"toxicity": 0}


@dataclass(frozen=True)
class Corpus:
    """A public corpus: folder name, licence, what it may be used for, mapping, most rows taken per value.

    `take` bounds the training rows by what `stratum` says of their mapped labels, so that tweets or
    plain comments do not outnumber students' texts.
    """

    name: str
    folder: str
    licence: str
    trains: bool
    mapping: Callable[[Row], Labels]
    stratum: Callable[[Labels], str] = lambda labels: "any"
    take: int | None = None


def _emotional(labels: Labels) -> str:
    marked = [name for name, value in labels.items() if value == 1]
    return marked[0] if marked else str(labels.get("sentiment"))


CORPORA = {
    corpus.name: corpus
    for corpus in (
        Corpus("goemotions", "goemotions", "Apache-2.0", True, goemotions, _emotional, 350),
        Corpus("senti4sd", "senti4sd", "MIT; texts CC BY-SA 3.0", True, own_sentiment, take=700),
        Corpus("tweeteval", "tweeteval_sentiment", "CC BY 3.0; Twitter terms", True, own_sentiment, take=600),
        Corpus("davidson", "davidson", "MIT", True, davidson, lambda labels: str(labels["toxicity"]), 400),
        Corpus("cered", "cered", "Apache-2.0", True, clean_diaries, take=600),
        Corpus("edurabsa", "edurabsa", "CC BY-NC-SA 4.0: evaluation only", False, own_sentiment),
    )
}
TRAINING = tuple(name for name, corpus in CORPORA.items() if corpus.trains)


def load(name: str, folder: Path | None, part: str = "train") -> list[Row]:
    """English rows of a corpus with our labels; `part` is train or validation, `folder` holds all corpora.

    Raises MissingCorpus when the folder is not set, the corpus is not in it, is unknown, or may not train.
    """
    corpus = _known(name)
    if part == "train" and not corpus.trains:
        raise MissingCorpus(f"{name} may not train a model ({corpus.licence}).")
    if folder is None:
        raise MissingCorpus(f"{name} is not at hand: set UNDERTONE_CORPORA to the folder of the corpora.")
    path = folder / corpus.folder / f"{part}.jsonl"
    if not path.is_file():
        raise MissingCorpus(f"{name} is not in UNDERTONE_CORPORA: {path} does not exist.")
    rows = [row for row in read_jsonl(path) if row["lang"] == "en"]
    return [{**row, "labels": corpus.mapping(row), "corpus": name} for row in rows]


def sample(name: str, rows: list[Row], seed: int) -> list[Row]:
    """At most `take` rows per stratum, the same ones for the same seed."""
    corpus = _known(name)
    kept: dict[str, int] = {}
    chosen = []
    for row in sorted(rows, key=lambda row: _rank(row["text"], seed)):
        stratum = corpus.stratum(row["labels"])
        kept[stratum] = kept.get(stratum, 0) + 1
        if corpus.take is None or kept[stratum] <= corpus.take:
            chosen.append(row)
    return chosen


def split(rows: Iterable[Row], every: int) -> tuple[list[Row], list[Row]]:
    """Training and development rows: about one in `every` is for development, decided by its text."""
    train: list[Row] = []
    dev: list[Row] = []
    for row in rows:
        (dev if int(_rank(row["text"], 0)[:8], 16) % every == 0 else train).append(row)
    return train, dev


def _known(name: str) -> Corpus:
    if name not in CORPORA:
        raise MissingCorpus(f"Unknown corpus {name!r}; known: {', '.join(CORPORA)}.")
    return CORPORA[name]


def _rank(text: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{text}".encode()).hexdigest()
