"""The invented course is loaded whole and keeps the proportions that the demonstration needs."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.demo.campus import Campus, CampusSettings, create_campus
from lti_tool.demo.campus.content import read
from lti_tool.errors import ConfigurationError

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def campus() -> Campus:
    return Campus(CampusSettings(now=lambda: NOW))


def texts(campus: Campus) -> list[tuple[str, str]]:
    """(author, html) of everything that can be read at the end, hidden and private included."""
    discussions = [discussion for forum in campus.content.forums for discussion in forum.discussions]
    posts = [post for discussion in discussions for post in campus.posts(discussion, private=True)]
    rows = [row for assignment in campus.content.assignments for row in campus.submissions(assignment)]
    return [(one.author, one.versions[-1].html) for one in [*posts, *rows]]


def test_the_students_choices_keep_the_promised_counts(campus):
    choices = [person.choice for person in campus.students()]
    answers = [choice for choice in choices if isinstance(choice, dict)]
    granted = [choice for choice in answers if choice["A"]]
    assert len(choices) == 24
    assert (choices.count("visitor"), choices.count("never")) == (1, 3)
    assert Counter(purpose for choice in granted for purpose in choice if choice[purpose]) == {
        "A": 17,
        "earlier": 17,
        "B": 11,
        "C": 9,
        "D": 4,
    }
    assert [set(choice.values()) for choice in answers if not choice["A"]] == [{False}] * 3


def test_every_text_of_the_files_is_loaded(campus):
    told = [
        post for forum in read("forums.json") for thread in forum["discussions"] for post in thread["posts"]
    ]
    loaded = [
        post for forum in campus.content.forums for thread in forum.discussions for post in thread.posts
    ]
    assert {post.key: post.versions[0].html for post in loaded} == {
        post["key"]: post["html"] for post in told
    }
    rows = [row for task in campus.content.assignments for row in task.submissions]
    assert [row.versions[0].html for row in rows] == [
        row["html"] for task in read("reflections.json") for row in task["submissions"]
    ]
    assert len({post.id for post in loaded}) == len(loaded) > 130
    assert len(rows) == 128


def test_by_default_all_of_it_lies_in_the_past_and_not_long_ago(campus):
    assert campus.start.weekday() == 0
    assert timedelta(0) <= NOW - (campus.start + timedelta(weeks=6)) < timedelta(weeks=1)
    deleted = {
        post["key"]
        for forum in read("forums.json")
        for t in forum["discussions"]
        for post in t["posts"]
        if "deleted_day" in post
    }
    assert len(texts(campus)) == len(read_all()) - len(deleted)


def read_all() -> list[str]:
    posts = [
        post["html"] for forum in read("forums.json") for t in forum["discussions"] for post in t["posts"]
    ]
    return posts + [row["html"] for task in read("reflections.json") for row in task["submissions"]]


def test_every_text_of_those_who_did_not_agree_carries_its_own_planted_word(campus):
    planted = read("planted.json")
    for key, words in planted.items():
        own = [html for author, html in texts(campus) if author == key]
        assert sorted(word for html in own for word in words if word in html) == sorted(words)
        assert len(own) == len(words), key
    unasked = {
        person.key
        for person in campus.students()
        if not isinstance(person.choice, dict) or not person.choice["A"]
    }
    assert set(planted) == unasked


def test_ids_are_the_same_at_each_start():
    def ids(campus: Campus) -> str:
        discussions = [discussion for forum in campus.content.forums for discussion in forum.discussions]
        return json.dumps([[d.id, d.key, [[p.id, p.key] for p in d.posts]] for d in discussions])

    assert ids(Campus(CampusSettings())) == ids(
        Campus(CampusSettings(start=datetime(2025, 1, 6, tzinfo=UTC)))
    )


def test_the_lost_card_bears_the_number_of_the_one_who_lost_it(campus):
    assert campus.person("may").number == "s2291047"
    assert campus.roster_sub("may") == str(campus.user_id("may"))


def test_a_campus_refuses_to_start_beside_a_production_tool():
    with pytest.raises(ConfigurationError):
        create_campus(CampusSettings(environment="production"))
