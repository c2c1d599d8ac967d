"""Every key has its word."""

import pytest
from flask import Flask
from flask_babel import Babel

from lti_tool.disclosure import rules
from lti_tool.disclosure.words import band_word
from lti_tool.scoring import words
from model.labels import LABELS


@pytest.fixture(autouse=True)
def page():
    application = Flask(__name__)
    Babel(application)
    with application.test_request_context():
        yield


@pytest.mark.parametrize("label", LABELS)
def test_every_label_has_a_name_and_an_adjective(label):
    assert words.label_word(label)
    assert words.reads_as_word(label)


@pytest.mark.parametrize("certainty", ["likely", "mixed", "unsure", "by a person"])
def test_every_certainty_has_a_word(certainty):
    assert words.certainty_word(certainty)


def test_an_unscored_text_says_why():
    assert words.not_scored_word("language") == "language not covered yet"
    assert words.not_scored_word("yes") == ""


@pytest.mark.parametrize("part", range(0, 101, 5))
def test_every_share_and_band_has_words(part):
    assert rules.share_in_words(part, 100)
    assert "class" in band_word(rules.band(part, 100))
