from collections import Counter
from pathlib import Path

import pytest

from lti_tool.retraining import gate
from lti_tool.retraining.service import DEMO, NIGHTLY, Recipe
from model import corpora, recipe
from model.errors import MissingCorpus
from model.labels import EMOTIONS
from model.languages import COVERED
from model.rows import Row

FEWEST_OF_A_LABEL = (2, 10)
"""Positives of the rarest label in the demonstration's samples."""


def parts(own: Recipe) -> list[tuple[list[Row], list[Row]]]:
    """What a run with this recipe watches itself by and is measured on, each with all that there is."""
    _, apart = corpora.split(recipe.students(COVERED), recipe.STUDENT_DEV)
    heldout = recipe.heldout(COVERED)
    return [(recipe.sampled(apart, own.development), apart), (recipe.sampled(heldout, own.frozen), heldout)]


def test_the_nightly_run_leaves_nothing_out() -> None:
    assert all(taken == whole for taken, whole in parts(NIGHTLY))


@pytest.mark.parametrize("part", [0, 1], ids=["development", "measuring"])
def test_the_demonstration_looks_at_every_language_and_every_label(part: int) -> None:
    taken, whole = parts(DEMO)[part]
    shares = Counter(row["lang"] for row in taken)
    for language, count in Counter(row["lang"] for row in whole).items():
        assert shares[language] == pytest.approx(count * len(taken) / len(whole), rel=0.35, abs=1.5)
        assert shares[language]
    positives = {name: sum(row["labels"][name] for row in taken) for name in EMOTIONS}
    assert min(positives.values()) >= FEWEST_OF_A_LABEL[part], positives


def test_the_demonstration_asks_the_recall_of_several_labels() -> None:
    """A label counts at the gate from its fiftieth positive; the whole held-out part has them of all."""

    def counted(rows: list[Row]) -> set[str]:
        return {name for name in EMOTIONS if sum(row["labels"][name] for row in rows) >= gate.LEAST_POSITIVES}

    taken, whole = parts(DEMO)[1]
    assert counted(taken) == {"confusion", "frustration", "engagement", "satisfaction"}
    assert counted(whole) == set(EMOTIONS)


def test_a_sample_has_its_size_and_is_always_the_same() -> None:
    rows = recipe.heldout(COVERED)
    taken = recipe.sampled(rows, 100)
    assert len(taken) == 100
    assert taken == recipe.sampled(rows[::-1], 100)
    assert len({row["id"] for row in taken}) == 100


def test_rows_by_strangers_calibrate_and_never_train() -> None:
    rows = recipe.gather(True, (), None, None, 7, COVERED)
    strangers = {row["text"] for row in recipe.by_strangers(COVERED)}
    assert len(strangers) > 400
    assert strangers <= {row["text"] for row in rows.dev}
    assert not strangers & {row["text"] for row in rows.train}
    assert {row["lang"] for row in recipe.by_strangers(["fr"])} == {"fr"}


def test_a_corpus_of_no_such_name_is_told_of_in_words() -> None:
    with pytest.raises(MissingCorpus, match="Unknown corpus 'goemotion'"):
        recipe.gather(True, ("goemotion",), None, None, 7, ("en",))


def test_a_corpus_has_no_rows_in_languages_that_it_does_not_speak(tmp_path: Path) -> None:
    (tmp_path / "senti4sd").mkdir()
    row = '{"text": "It works", "lang": "en", "labels": {"sentiment": "positive"}}\n'
    (tmp_path / "senti4sd" / "train.jsonl").write_text(row)
    assert len(corpora.load("senti4sd", tmp_path)) == 1
    assert corpora.load("senti4sd", tmp_path, languages={"zh"} & {"en"}) == []
