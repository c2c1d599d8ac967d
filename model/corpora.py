"""Public labelled corpora, mapped to the label set: from a folder that the caller names, or from the hub.

Nothing of them ships with the project. Each is declared with its licence, its languages, and a mapping made from
the corpus's *own* labels (`original`), following the labelling guide: where a label of theirs cannot decide ours,
ours is absent; where it is a weak sign, ours weighs less.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model import hub
from model.errors import MissingCorpus
from model.hub import Hub
from model.rows import Row, read_jsonl

Labels = dict[str, Any]
Weights = dict[str, float]


def own_sentiment(row: Row) -> Labels:
    """The corpus's sentiment, whose three classes are ours."""
    return {"sentiment": row["labels"]["sentiment"]} if "sentiment" in row["labels"] else {}


FRUSTRATED = {"annoyance", "anger"}
NEAR_FRUSTRATED = {"disappointment", "disapproval", "disgust"}
CONTENT = {"joy", "relief", "pride", "gratitude"}
NEAR_CONTENT = {"admiration", "approval", "love", "optimism", "amusement", "excitement", "caring"}
NEAR_ENGAGED = {"desire", "optimism", "surprise", "amusement", "joy", "love", "admiration"}
WEAK_SIGN = 0.3
"""Weight of a label that their annotation only hints at."""


def goemotions(row: Row) -> Labels:
    """Emotions of Reddit comments.

    Excitement is enthusiasm and so engagement; curiosity, which there includes any plain question, is a weak sign
    of engagement (`goemotions_weights`); "thanks in advance" is no satisfaction, and praise of others decides none.
    """
    theirs = set(row["original"]["emotions"])
    labels = own_sentiment(row)
    labels["confusion"] = int("confusion" in theirs)
    _decide(labels, "frustration", bool(theirs & FRUSTRATED), bool(theirs & NEAR_FRUSTRATED))
    in_advance = "in advance" in row["text"].lower()
    _decide(labels, "satisfaction", bool(theirs & CONTENT) and not in_advance, bool(theirs & NEAR_CONTENT))
    _decide(labels, "engagement", bool(theirs & {"excitement", "curiosity"}), bool(theirs & NEAR_ENGAGED))
    _decide(labels, "enthusiasm", "excitement" in theirs, bool(theirs & {*NEAR_ENGAGED, "curiosity"}))
    return labels


def goemotions_weights(row: Row) -> Weights:
    """Curiosity alone neither proves engagement nor excludes confusion; gratitude alone hardly proves satisfaction."""
    theirs = set(row["original"]["emotions"])
    weights: Weights = {}
    if "curiosity" in theirs and "excitement" not in theirs:
        weights["engagement"] = WEAK_SIGN
        if "confusion" not in theirs:
            weights["confusion"] = WEAK_SIGN
    if theirs & CONTENT == {"gratitude"}:
        weights["satisfaction"] = WEAK_SIGN
    return weights


def _decide(labels: Labels, name: str, present: bool, undecided: bool) -> None:
    if present or not undecided:
        labels[name] = int(present)


def davidson(row: Row) -> Labels:
    """Tweets found by a hate lexicon: hateful or offensive is toxicity."""
    return {"toxicity": int(row["original"]["class"] != "neither")}


def clean_diaries(row: Row) -> Labels:
    """Reflective diaries of student teachers: plain, civil prose, the negatives that tweets lack."""
    return {"toxicity": 0}


def no_weights(row: Row) -> Weights:
    """Every label counts in full."""
    return {}


@dataclass(frozen=True)
class Corpus:
    """A public corpus: folder, hub id, licence, languages, mapping, most rows taken per stratum.

    `take` bounds the training rows by what `stratum` says of their mapped labels, so that tweets do not outnumber
    students' texts; a corpus whose own shares are those of ordinary talk is taken whole, or the model would think
    plain remarks rare. Only a `permissive` one may train what is shipped; `remark` says why it counts as one where its
    licence leaves room for doubt.
    """

    name: str
    folder: str
    hub: Hub | None
    licence: str
    permissive: bool
    languages: tuple[str, ...]
    mapping: Callable[[Row], Labels]
    weights: Callable[[Row], Weights] = no_weights
    stratum: Callable[[Labels], str] = field(default=lambda labels: "any")
    take: int | None = None
    remark: str = ""


def _toxic(labels: Labels) -> str:
    return str(labels["toxicity"])


SHARE_ALIKE = (
    "counted as permissive for training: share alike binds who passes the texts or a rewriting of them on, "
    "and of the texts nothing ships; it allows commercial use"
)
EIGHT = ("ar", "de", "en", "es", "fr", "hi", "it", "pt")
CORPORA = {
    corpus.name: corpus
    for corpus in (
        Corpus(
            "goemotions",
            "goemotions",
            hub.GO_EMOTIONS,
            "Apache-2.0",
            True,
            ("en",),
            goemotions,
            goemotions_weights,
        ),
        Corpus(
            "senti4sd",
            "senti4sd",
            None,
            "MIT; texts CC BY-SA 3.0 (share alike)",
            True,
            ("en",),
            own_sentiment,
            remark=SHARE_ALIKE,
        ),
        Corpus(
            "tweeteval",
            "tweeteval_sentiment",
            hub.TWEET_EVAL,
            "CC BY 3.0; Twitter terms",
            True,
            ("en",),
            own_sentiment,
        ),
        Corpus(
            "umsab",
            "umsab_multilingual",
            hub.UMSAB,
            "Apache-2.0; upstream terms",
            True,
            EIGHT,
            own_sentiment,
        ),
        Corpus("davidson", "davidson", None, "MIT", True, ("en",), davidson, stratum=_toxic, take=3000),
        Corpus("cered", "cered", None, "Apache-2.0", True, ("cs", "en"), clean_diaries, take=1500),
        Corpus(
            "edurabsa", "edurabsa", None, "CC BY-NC-SA 4.0: evaluation only", False, ("en",), own_sentiment
        ),
    )
}
TRAINING = tuple(name for name, corpus in CORPORA.items() if corpus.permissive)


def load(
    name: str, folder: Path | None, part: str = "train", languages: Iterable[str] | None = None
) -> list[Row]:
    """Rows of a corpus with our labels, in the given languages or all; `part` is train or validation.

    Without a folder the hub is asked, where the corpus is on it. Raises MissingCorpus when the corpus is unknown,
    not in the folder, or cannot be fetched.
    """
    corpus = known(name)
    wanted = sorted(set(corpus.languages if languages is None else languages))
    return [
        {**row, "labels": corpus.mapping(row), "weights": corpus.weights(row), "corpus": name}
        for row in _rows(corpus, folder, part, wanted)
    ]


def _rows(corpus: Corpus, folder: Path | None, part: str, languages: list[str]) -> Iterable[Row]:
    """The corpus's own rows, from the folder when there is one, else from the hub."""
    if folder is None and corpus.hub is not None:
        return hub.read(corpus.hub, part, languages)
    if folder is None:
        raise MissingCorpus(
            f"{corpus.name} is not at hand: set UNDERTONE_CORPORA to the folder of the corpora."
        )
    path = folder / corpus.folder / f"{part}.jsonl"
    if not path.is_file():
        raise MissingCorpus(f"{corpus.name} is not in UNDERTONE_CORPORA: {path} does not exist.")
    return (row for row in read_jsonl(path) if row["lang"] in languages)


def licences(licence: str = "any") -> str:
    """One line per corpus: name, licence, whether it may train what is shipped; with "permissive" only those."""
    return "\n".join(
        f"{one.name:<11} {'permissive' if one.permissive else 'evaluation only':<16} {stated(one)}"
        for one in CORPORA.values()
        if one.permissive or licence == "any"
    )


def stated(corpus: Corpus) -> str:
    """The licence of a corpus, and the remark on it."""
    return f"{corpus.licence}; {corpus.remark}" if corpus.remark else corpus.licence


def sample(name: str, rows: list[Row], seed: int) -> list[Row]:
    """At most `take` rows per stratum, the same ones for the same seed."""
    corpus = known(name)
    kept: dict[str, int] = {}
    chosen = []
    for row in shuffled(rows, seed):
        stratum = corpus.stratum(row["labels"])
        kept[stratum] = kept.get(stratum, 0) + 1
        if corpus.take is None or kept[stratum] <= corpus.take:
            chosen.append(row)
    return chosen


def shuffled(rows: Iterable[Row], seed: int) -> list[Row]:
    """Rows in an order that the seed and their texts decide, however they came."""
    return sorted(rows, key=lambda row: _rank(row["text"], seed))


def split(rows: Iterable[Row], every: int) -> tuple[list[Row], list[Row]]:
    """Training and development rows: about one in `every` is for development, decided by its text.

    The two texts of a contrast pair stay together.
    """
    train: list[Row] = []
    dev: list[Row] = []
    for row in rows:
        place = int(_rank(row.get("pair") or row["text"], 0)[:8], 16)
        (dev if place % every == 0 else train).append(row)
    return train, dev


def known(name: str) -> Corpus:
    """The corpus of this name; MissingCorpus when there is none."""
    if name not in CORPORA:
        raise MissingCorpus(f"Unknown corpus {name!r}; known: {', '.join(CORPORA)}.")
    return CORPORA[name]


def _rank(text: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}:{text}".encode()).hexdigest()
