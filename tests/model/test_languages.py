import pytest

from model import starter
from model.languages import COVERED, covered, detect, word_count


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "thx!!",
        "lol same",
        "3/0 = ?",
        "",
        "🙃🙃",
        "def f(x): return x**2",
        "Bernoulli, Laplace, de Moivre",
    ],
)
def test_short_or_unsure_texts_are_undetermined_and_covered(text: str) -> None:
    assert covered(detect(text))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("No entiendo por qué la integral da cero en este ejercicio, llevo toda la tarde con ello.", "es"),
        ("Je ne comprends pas du tout la question deux, quelqu'un peut m'aider ?", "fr"),
        ("Ich verstehe die Aufgabe überhaupt nicht und sitze seit Stunden daran.", "de"),
        ("Não percebo nada desta matéria e o teste é já na sexta-feira.", "pt"),
        ("Non capisco perché il risultato viene negativo, ho controllato tutto due volte.", "it"),
        ("Ik snap echt niet waarom dit antwoord fout is, kan iemand het uitleggen?", "nl"),
        ("这道题我完全看不懂", "zh"),
        ("この問題が全然わかりません", "ja"),
        ("لم أفهم الدرس", "ar"),
        ("मुझे यह समझ नहीं आया", "hi"),
        ("Я не понимаю эту задачу", "ru"),
    ],
)
def test_clear_texts_are_told_apart_and_only_learnt_languages_are_covered(text: str, language: str) -> None:
    assert detect(text) == language
    assert covered(language) == (language in COVERED)


def test_english_with_a_foreign_quotation_stays_english() -> None:
    assert detect("I don't get why the poem says 花間一壺酒 when there is no flower in it at all") == "en"


def test_every_english_starter_text_is_covered() -> None:
    texts = [row["text"] for part in ("train", "heldout") for row in starter.load(part)]
    assert [text for text in texts if not covered(detect(text))] == []


def test_hardly_any_starter_text_in_another_language_is_taken_for_an_uncovered_one() -> None:
    """Hindi in Latin letters is, now and then."""
    rows = [row for part in ("multilingual", "multilingual_heldout") for row in starter.load(part)]
    assert len([row["text"] for row in rows if not covered(detect(row["text"]))]) <= 0.002 * len(rows)


def test_most_longer_starter_texts_are_given_their_own_language() -> None:
    rows = [row for row in starter.load("multilingual") if word_count(row["text"]) >= 8]
    assert sum(detect(row["text"]) == row["lang"] for row in rows) >= 0.9 * len(rows)


@pytest.mark.parametrize(
    ("text", "count"),
    [("ok", 1), ("don't know", 2), ("我不明白", 2), ("好", 0), ("わかりません", 3), ("", 0)],
)
def test_words_are_counted_also_where_no_space_parts_them(text: str, count: int) -> None:
    assert word_count(text) == count
