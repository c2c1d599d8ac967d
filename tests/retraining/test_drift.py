"""What changed in a week's texts: languages, lengths, readings, topics and disagreement, or nothing."""

import json
import random
from datetime import timedelta

import pytest

from lti_tool.jobs import Run
from lti_tool.retraining import drift, drift_task
from lti_tool.retraining.care_words import drift_rows, drift_sentences
from lti_tool.retraining.drift import Text
from model import starter
from tests.classroom import START, Classroom, open_database, settings_in

AUTHORS = 30
UNTIL = START + timedelta(days=63) - timedelta(hours=8)
WORDS = [f"lecture{number}" for number in range(60)]


def texts(seed=1, **newest):
    """Nine weeks of one text of each author; `newest` says what is another in the last one."""
    chance = random.Random(seed)
    return [
        _text(chance, number, week, newest if not week else {})
        for week in range(9)
        for number in range(AUTHORS)
    ]


def _text(chance, number, week, other):
    words = other.get("words", WORDS)
    return Text(
        author=f"{number}",
        by_name=True,
        week=week,
        language=other.get("language", "en" if number % 5 else "de"),
        words=tuple(chance.choices(words, k=other.get("length", 40))),
        sentiment=other.get("sentiment", ("negative", "neutral", "positive")[number % 3]),
        checked=other.get("checked", number % 4 == 0),
    )


def of_subjects(*subjects):
    """English starter texts about one of these."""
    return [
        row["text"] for row in starter.load("train") if row["lang"] == "en" and row["subject"] in subjects
    ]


def weeks_of(pools, seed):
    chance = random.Random(seed)
    return [
        Text(f"{number % AUTHORS}", True, week, "en", drift.words_of(chance.choice(pool)))
        for week, pool in enumerate(pools)
        for number in range(60)
    ]


def test_real_texts_about_another_subject_are_told_from_those_about_the_same():
    sciences = of_subjects("physics", "chemistry", "maths", "statistics", "calculus", "linear algebra")
    arts = of_subjects("history", "law", "philosophy", "literature", "sociology", "psychology")
    for seed in range(5):
        same, other = (drift.compare(weeks_of([pool, *[sciences] * 8], seed)) for pool in (sciences, arts))
        assert [shift.shifted for shift in same if shift.what == "topics"] == [False]
        assert [shift.shifted for shift in other if shift.what == "topics"] == [True]


def shifted(found):
    return [shift.what for shift in found if shift.shifted]


def test_the_index_is_zero_for_the_same_and_as_in_the_books_for_others():
    assert drift.index({"a": 0.5, "b": 0.5}, {"a": 0.5, "b": 0.5}) == 0
    assert drift.index({"a": 0.6, "b": 0.4}, {"a": 0.5, "b": 0.5}) == pytest.approx(0.0405, abs=1e-4)


def test_the_divergence_is_between_zero_and_one():
    assert drift.divergence({1: 1.0}, {1: 1.0}) == 0
    assert drift.divergence({1: 1.0}, {2: 1.0}) == 1
    assert 0 < drift.divergence({1: 0.5, 2: 0.5}, {1: 1.0}) < 1


@pytest.mark.parametrize("seed", range(20))
def test_with_no_change_nothing_is_said_to_have_changed(seed):
    found = drift.compare(texts(seed))
    assert [shift.what for shift in found] == ["language", "length", "scores", "topics", "disagreement"]
    assert shifted(found) == []


@pytest.mark.parametrize(
    ("what", "newest"),
    [
        ("language", {"language": "fr"}),
        ("length", {"length": 130}),
        ("scores", {"sentiment": "negative"}),
        ("topics", {"words": [f"other{number}" for number in range(60)]}),
        ("disagreement", {"checked": True}),
    ],
)
def test_what_changed_is_named_and_nothing_else(what, newest):
    assert shifted(drift.compare(texts(**newest))) == [what]


def test_p49_p50_too_few_authors_or_mostly_one_are_compared_with_nothing():
    few = [text for text in texts(language="fr") if int(text.author) < drift.LEAST_AUTHORS - 1]
    assert drift.compare(few) == ()
    assert drift.compare([text for text in texts() if text.week]) == ()
    loud = [_text(random.Random(1), 1, 0, {}) for _ in range(AUTHORS + 1)]
    assert drift.compare([*texts(), *loud]) == ()


def test_p50_authors_without_a_name_are_a_group_of_their_own():
    mixed = [Text(**{**vars(text), "by_name": int(text.author) > 2}) for text in texts()]
    assert drift.compare(mixed) == ()


def test_disagreement_is_left_out_where_too_few_were_checked():
    unchecked = [Text(**{**vars(text), "checked": None}) for text in texts()]
    assert "disagreement" not in [shift.what for shift in drift.compare(unchecked)]


def test_the_smaller_the_class_the_farther_a_change_has_to_go():
    small, large = (
        drift.compare(texts())[0],
        drift.compare(
            texts()
            + [
                Text(**{**vars(text), "author": f"more {text.author} {n}"})
                for n in range(9)
                for text in texts()
            ]
        )[0],
    )
    assert small.threshold > large.threshold == drift.LARGE


def kept(found):
    return json.loads(json.dumps(drift.as_data(found)))["shifts"]


def test_p14_a_report_holds_rounded_shares_and_no_text_or_author():
    shifts = kept(drift.compare(texts(language="fr")))
    for shift in shifts:
        assert all(now % 5 == before % 5 == 0 for _, now, before in shift["rows"])
    assert not any(word in json.dumps(shifts) for word in WORDS)


def test_each_shift_is_a_sentence_with_what_to_do(app):
    with app.test_request_context():
        told = drift_sentences(kept(drift.compare(texts(length=130))))
        assert told[0].startswith(
            "Texts are longer than in the weeks before: about 130 words instead of 40. Look at"
        )
        assert told[1:] == ["Nothing else has changed."]
        assert drift_sentences(kept(drift.compare(texts()))) == [
            "Nothing has changed against the eight weeks before."
        ]
        shorter = drift_sentences(kept(drift.compare(texts(length=10))))
        assert "shorter" in shorter[0]


def test_the_table_has_each_share_and_each_rule(app):
    with app.test_request_context():
        rows = drift_rows(kept(drift.compare(texts(language="fr"))))
    found = {row["what"]: row for row in rows}
    assert found["Language: French"]["now"] == ">95 %"
    assert found["Language: English"]["before"] == "80 %"
    assert found["Language"]["rule"].endswith("changed")
    assert found["Topics"]["rule"].endswith("as before")
    assert found["Length: 20 to 49 words"]["now"] == ">95 %"


@pytest.fixture
def room(tmp_path):
    database = open_database(tmp_path)
    with database.session() as session:
        made = Classroom(session)
        made.version_, made.database, made.folder = made.version(), database, tmp_path
        made.writers = made.people(25, "AB")
        forum = made.activity("Help")
        for week in range(9):
            for number, person in enumerate(made.writers):
                language = "fr" if week == 8 else "en"
                text = f"Text of person {number} in week {week}."
                post = made.post(person, forum, text, 7 * week + 1, language=language)
                made.score(post, made.version_, negative=0.9)
    yield made
    database.dispose()


def test_a_weekly_job_keeps_one_report_of_the_last_whole_week(room, monkeypatch):
    monkeypatch.setattr(Run, "now", lambda _: UNTIL + timedelta(hours=3))
    run = Run("job", room.institution_id, {}, room.database, settings_in(room.folder), lambda *_: None)
    assert drift_task.watch(run) == {"compared": 4, "until": UNTIL.date().isoformat()}
    assert drift_task.watch(run)["compared"] == 4
    with room.database.reading() as session:
        row = drift_task.latest(session, room.institution_id)
        assert row.until == UNTIL
        assert [shift["what"] for shift in row.body["shifts"] if shift["shifted"]] == ["language"]


def test_texts_of_people_without_a_or_of_another_institution_are_not_looked_at(room):
    with room.database.session() as session:
        room.session = session
        forum = room.activity("Another")
        room.post(room.person(""), forum, "Withdrawn", 60)
        other = Classroom(session)
        other.post(other.person("AB"), other.activity("Help"), "Elsewhere", 60)
        found = drift_task.texts(session, UNTIL, room.institution_id)
        assert len(found) == 9 * 25
        assert {text.week for text in found} == set(range(9))
        assert drift_task.texts(session, UNTIL, other.institution_id)[0].author


def test_with_too_few_there_is_an_empty_report(room):
    with room.database.session() as session:
        other = Classroom(session)
        row = drift_task.report(session, UNTIL + timedelta(days=2), other.institution_id)
        assert (row.body, row.until) == ({}, UNTIL)


def test_a_week_begins_on_monday():
    assert drift_task.monday(UNTIL + timedelta(days=6, hours=23)) == UNTIL
    assert drift_task.monday(UNTIL).weekday() == 0
