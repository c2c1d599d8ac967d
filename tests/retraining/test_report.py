"""What a night did and learnt, in sentences for an administrator."""

import pytest

from lti_tool.retraining.report_words import hold_words, told
from lti_tool.review.holds import REASONS


def test_on_which_labels_the_candidate_agrees_more_or_less_often_is_told_without_a_number() -> None:
    changes = {
        "confusion": [0.9, 0.8],
        "toxicity": [0.7, 0.72],
        "boredom": [0.5, 0.495],
        "sentiment": [0.9, 0.8],
    }
    learnt = told({"changes": changes}).learnt
    assert learnt == (
        "It agrees with people more often on confusion, sentiment. It agrees with them less often on hurtful words."
    )
    assert "noticeably" in told({"changes": {"boredom": [0.5, 0.495]}}).learnt
    assert told({}).learnt == ""


def test_what_a_run_did_is_told_to_somebody_who_knows_neither_way() -> None:
    assert "was trained on corrections" in told({"way": "training"}).did
    assert "too few corrections to train on" in told({"way": "recalibration"}).did
    assert told({}).did == ""


def test_which_public_corpora_were_mixed_in_is_told() -> None:
    told_ = told({"way": "training", "public": ["davidson", "goemotions"]}).did
    assert told_.endswith("Texts of public corpora were mixed in: davidson, goemotions.")
    assert "public" not in told({"way": "training", "public": []}).did


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, ""), (None, ""), (61.2, "61 seconds"), (119.7, "2 minutes"), (544.0, "9 minutes")],
)
def test_how_long_it_took(seconds, words) -> None:
    assert told({"seconds": seconds}).took == words


def test_p14_why_labels_wait_is_told_and_neither_whose_nor_how_many() -> None:
    waits = told({"held": ["pace", "sure"]}).waits
    assert waits == [
        "Labels were given faster than the texts can be read.",
        "A label says the opposite of what the model was very sure of.",
    ]
    assert not any(character.isdigit() for character in "".join(waits))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words_of_its_own(reason) -> None:
    assert hold_words(reason) != hold_words("another")
