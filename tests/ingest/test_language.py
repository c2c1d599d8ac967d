"""Which language a text is in, by the same rule as the classifier's own."""

import json
from importlib.resources import files

import pytest

from lti_tool.ingest import language
from model import languages


@pytest.mark.parametrize(
    ("text", "tag", "scorable"),
    [
        ("I do not get the second step at all.", "en", "yes"),
        ("kk lol ngl", "und", "yes"),
        ("ok", "und", "short"),
        ("[NAME] thanks", "und", "short"),
        ("我不明白第二步", "zh", "language"),
        ("لم أفهم الخطوة الثانية", "ar", "language"),
        ("Je ne comprends pas du tout la deuxième étape de la preuve.", "fr", "language"),
        ("", "und", "short"),
    ],
)
def test_a_text_is_foreign_only_on_strong_evidence(text, tag, scorable):
    assert language.detect(text) == tag
    assert language.scorable(text, tag) == scorable


def test_the_rule_is_the_classifiers_own():
    lines = (files("model.starter") / "multilingual.jsonl").read_text("utf-8").splitlines()[::4]
    lines += (files("model.starter") / "train.jsonl").read_text("utf-8").splitlines()[::20]
    for text in (json.loads(line)["text"] for line in lines):
        assert language.detect(text) == languages.detect(text)
        assert (language.scorable(text, language.detect(text)) == "language") != languages.covered(
            languages.detect(text)
        )
