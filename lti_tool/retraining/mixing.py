"""What a candidate learns from: corrections by their weight, replay, and the serving model as a teacher.

So what no one corrected is not forgotten, and nobody's corrections alone decide (S41).
"""

import random
from collections.abc import Iterable, Sequence
from pathlib import Path

from model import corpora, recipe, teaching
from model.errors import MissingCorpus
from model.rows import Row, texts
from model.scoring import Scorer


def replay(starter: Sequence[Row], count: int, seed: int) -> list[Row]:
    """A fixed sample of starter rows."""
    return random.Random(seed).sample(  # noqa: S311 (a fixed sample, no secret)
        list(starter), min(count, len(starter))
    )


def public(folder: Path | None, languages: Iterable[str], count: int, seed: int) -> list[Row]:
    """At most `count` rows from the training parts of the public corpora in the folder, as many of each as of another.

    Only those whose licence lets them train, in these languages; none without a folder.
    """
    if folder is None or count < 1:
        return []
    parts = [rows for name in corpora.TRAINING if (rows := _of_corpus(name, folder, set(languages), seed))]
    each = count // max(1, len(parts))
    return [row for rows in parts for row in corpora.shuffled(rows, seed)[:each]]


def _of_corpus(name: str, folder: Path, languages: set[str], seed: int) -> list[Row]:
    """The rows that may train, less those that calibrate; none of a corpus that is not there."""
    wanted = languages & set(corpora.known(name).languages)
    try:
        rows = corpora.load(name, folder, languages=wanted)
    except MissingCorpus:
        return []
    return corpora.split(corpora.sample(name, rows, seed), recipe.PUBLIC_DEV)[0]


def weighed(corrections: Sequence[Row], replayed: int, least_share: float) -> list[Row]:
    """The corrections, each lighter by one factor where the replay would not be `least_share` of all the weight."""
    total = sum(row.get("weight", 1.0) for row in corrections)
    most = replayed * (1 - least_share) / least_share if least_share > 0 else total
    factor = min(1.0, most / total) if total else 1.0
    return [{**row, "weight": row.get("weight", 1.0) * factor} for row in corrections]


def taught(replayed: Sequence[Row], corrections: Sequence[Row], teacher: Path) -> tuple[list[Row], list[Row]]:
    """Both with what the model at `teacher` makes of them; it is silent where a person has said something."""
    scorer = Scorer.load(teacher)
    return (
        teaching.taught(replayed, scorer.score(texts(replayed))),
        teaching.taught(corrections, scorer.score(texts(corrections)), beside_labels=False),
    )
