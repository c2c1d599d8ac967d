"""Which language a text is in, placeholders left out, and whether it may be scored."""

import pytest

from lti_tool.ingest import language


@pytest.mark.parametrize(
    ("text", "tag", "scorable"),
    [
        ("I do not get the second step at all.", "en", "yes"),
        ("kk lol ngl", "und", "yes"),
        ("ok", "und", "short"),
        ("[NAME] thanks", "und", "short"),
        ("我不明白第二步", "zh", "yes"),
        ("好", "zh", "short"),
        ("لم أفهم الخطوة الثانية", "ar", "yes"),
        ("Je ne comprends pas du tout la deuxième étape de la preuve.", "fr", "yes"),
        ("Я не понимаю второй шаг", "ru", "language"),
        ("[NAME] ik snap echt niet waarom dit antwoord fout is, kan iemand het uitleggen?", "nl", "language"),
        ("", "und", "short"),
    ],
)
def test_a_text_is_foreign_only_on_strong_evidence(text, tag, scorable):
    assert language.detect(text) == tag
    assert language.scorable(text, tag) == scorable
