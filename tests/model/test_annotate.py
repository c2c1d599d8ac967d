import numpy as np
import pytest

from model import annotate
from model.checkpoint import Manifest
from model.decision import UNCALIBRATED
from model.errors import BadInput
from model.labels import LABELS
from model.languages import COVERED
from model.scoring import Scorer


class Fixed:
    """A scorer whose logits depend on one word: it is sure of boring texts and of nothing else."""

    calibration = UNCALIBRATED
    manifest = Manifest(kind="adapter", base={}, weights_hash="", files={})

    def __init__(self) -> None:
        self.asked: list[str] = []

    def score(self, texts: list[str], progress: object = None) -> np.ndarray:
        self.asked += texts
        logits = np.full((len(texts), 10), -5.0, dtype=np.float32)
        logits[:, :3] = 0
        logits[["dull" in text for text in texts], LABELS.index("boredom")] = 3
        return logits


def test_reasons_stand_alone_and_only_scorable_texts_are_scored() -> None:
    scorer = Fixed()
    texts = ["So dull today", "", "hm", "Не понимаю это задание", "Page three and four"]
    cells = annotate.cells(scorer, texts, True, lambda done, total: None)  # type: ignore[arg-type]
    assert scorer.asked == ["So dull today", "Page three and four"]
    assert [row[-1] for row in cells] == ["", "no text", "too short", "language not covered yet", "unsure"]
    assert all(len(row) == len(annotate.columns(True)) for row in cells)
    assert not any(any(row[:-1]) for row in cells[1:])
    assert dict(zip(annotate.columns(True), cells[0], strict=True))["boredom"] == "1"


def test_a_row_that_is_not_to_be_read_keeps_its_reason_and_is_not_scored() -> None:
    scorer = Fixed()
    texts = ["So dull today", "\ufffd So dull", "a" * 300_000]
    unusable = {1: "cannot be read: not UTF-8", 2: "cannot be read: too long"}
    cells = annotate.cells(scorer, texts, False, lambda done, total: None, unusable)  # type: ignore[arg-type]
    assert scorer.asked == ["So dull today"]
    assert [row[-1] for row in cells] == ["", *unusable.values()]
    assert not any(any(row[:-1]) for row in cells[1:])


def test_a_model_speaks_of_the_languages_that_it_has_learnt(scorer: Scorer) -> None:
    """The small one of the tests learnt English alone."""
    texts = [
        "I liked the lecture on rivers very much",
        "J'ai beaucoup aimé le cours sur les rivières d'Europe",
    ]
    reasons = [own[-1] for own in annotate.cells(scorer, texts, False, lambda done, of: None)]
    assert "language not covered yet" not in reasons[0]
    assert reasons[1] == "language not covered yet"


DUTCH = "Ik begrijp niets van deze saaie opgave over de rivieren"
ENGLISH = "I did not understand the question about the rivers"


@pytest.mark.parametrize(
    ("text", "stated", "among", "covered"),
    [
        (DUTCH, "", COVERED, False),
        (DUTCH, "und", COVERED, False),
        (DUTCH, "Dutch", COVERED, False),
        (DUTCH, "en", COVERED, True),
        (DUTCH, "NL-be", ("en", "nl"), True),
        (ENGLISH, "", COVERED, True),
        (ENGLISH, "cs", COVERED, False),
        (ENGLISH, "en", ("nl",), False),
    ],
)
def test_a_stated_language_is_believed_and_another_is_looked_for(
    text: str, stated: str, among: tuple[str, ...], covered: bool
) -> None:
    assert annotate.covered(text, stated, among) == covered


def test_a_text_stated_to_be_in_a_learnt_language_is_scored_and_one_in_another_is_not() -> None:
    scorer = Fixed()
    texts = ["Не понимаю это задание dull", "So dull today", "So dull today", "hm", ""]
    stated = ["en", "cs", "", "en", "en"]
    found = annotate.cells(scorer, texts, False, lambda done, of: None, stated=stated)  # type: ignore[arg-type]
    assert scorer.asked == [texts[0], texts[2]]
    assert [row[-1] for row in found] == ["", "language not covered yet", "", "too short", "no text"]


def test_a_column_to_add_is_taken_in_any_case() -> None:
    annotate.check_free(["Text", "label"], annotate.columns(True))
    with pytest.raises(BadInput, match="already has the column sentiment"):
        annotate.check_free(["Text", " Sentiment"], annotate.columns(False))
