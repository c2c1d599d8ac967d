import pytest

from model.reporting.groups import groups, length


@pytest.mark.parametrize(
    ("words", "group"),
    [
        (0, "1-9 words"),
        (9, "1-9 words"),
        (10, "10-29 words"),
        (30, "30-99 words"),
        (99, "30-99 words"),
        (100, "100+ words"),
    ],
)
def test_lengths_are_in_words(words: int, group: str) -> None:
    assert length("ja " * words) == group


def test_rows_are_grouped_and_languages_come_largest_first() -> None:
    rows = [
        {"text": "word " * 40, "lang": "de", "labels": {}},
        {"text": "short one", "lang": "en", "labels": {}, "corpus": "umsab", "source": "UMSAB / XLM-T"},
        {"text": "short too", "lang": "en", "labels": {}, "source": "a survey"},
    ]
    found = groups(rows)
    assert list(found["language"].items()) == [("en", [1, 2]), ("de", [0])]
    assert list(found["length"].items()) == [("1-9 words", [1, 2]), ("30-99 words", [0])]
    assert found["source"] == {"not named": [0], "umsab": [1], "a survey": [2]}


def test_without_a_named_source_there_is_no_grouping_by_it() -> None:
    assert groups([{"text": "hm", "lang": "en", "labels": {}}]).keys() == {"language", "length"}


def test_texts_that_were_written_to_mislead_are_a_group_of_their_own() -> None:
    rows = [
        {"text": "hm", "lang": "en", "labels": {}},
        {"text": "ho", "lang": "en", "labels": {}, "hard": True},
    ]
    assert groups(rows)["wording"] == {"plain": [0], "written to mislead": [1]}
