"""A few random histories against the campus over HTTP, with both its faces; `test_histories` has the thousands."""

import random
from contextlib import suppress
from datetime import timedelta

import pytest

from lti_tool.demo.campus import Campus
from lti_tool.errors import UndertoneError
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.launch.roster import Roster
from tests.ingest.conftest import DECLINED, EARLIER, FROM_NOW, Pulled
from tests.ingest.histories.play import empty
from tests.ingest.test_campus_pull import (
    START,
    campus,
    canvas_of,
    enrolled,
    facts_of,
    member,
    moodle_of,
)

FIXTURES = campus, enrolled
CONNECTORS = {"moodle": moodle_of, "canvas": canvas_of}
FUNCTIONS = ("mod_forum_get_discussion_posts", "mod_assign_get_submissions", "view", "submissions")


@pytest.mark.parametrize("face", CONNECTORS)
def test_pulls_and_a_complete_pass_end_as_a_fresh_pull_does(enrolled, campus, face):
    play(enrolled, campus, face, 1)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize("face", CONNECTORS)
def test_more_histories(enrolled, campus, face, seed):
    play(enrolled, campus, face, seed)


def play(course: Pulled, campus: Campus, face: str, seed: int) -> None:
    chance, days = random.Random(seed), [43.0]
    campus.settings.now = lambda: START + timedelta(days=days[0])
    for _ in range(3):
        for _ in range(chance.randint(4, 12)):
            days[0] += chance.random() * 0.05
            course.now = campus.now()
            act(course, campus, chance)
        pull(course, campus, face, disturbed=chance)
    days[0] += 1.1
    course.now = campus.now()
    pull(course, campus, face, complete=True)
    left = stored(course, campus)
    empty(course)
    pull(course, campus, face, complete=True)
    assert len(left) > 50
    assert left == stored(course, campus)


def act(course: Pulled, campus: Campus, chance: random.Random) -> None:
    """Something a person does; what the campus does not allow does not happen."""
    key = chance.choice([person.key for person in campus.students()])
    discussion = chance.choice([one for forum in campus.forums() for one in forum.discussions])
    posts = campus.posts(discussion)
    assignment = chance.choice(campus.assignments()).id
    html = (
        f"<p>Words of week {chance.randint(1, 9999)}, which I {chance.choice(('liked', 'missed'))} a lot.</p>"
    )
    acts = [
        lambda: campus.reply(key, chance.choice(posts).id, html),
        lambda: campus.reply(key, chance.choice(posts).id, html),
        lambda: campus.edit(*own(posts, chance), html),
        lambda: campus.edit(*own(posts, chance), html),
        lambda: campus.delete(*own(posts, chance)),
        lambda: campus.delete_with_replies(chance.choice(posts[1:]).id),
        lambda: campus.submit(key, assignment, html),
        lambda: campus.revert_to_draft(key, assignment),
        lambda: campus.withdraw_submission(key, assignment),
        lambda: campus.come_back(key) if key in campus.gone else campus.leave(key, "unenrolled"),
        lambda: course.choose(campus.roster_sub(key), chance.choice((EARLIER, FROM_NOW, DECLINED))),
    ]
    with suppress(UndertoneError, IndexError):
        chance.choice(acts)()


def own(posts, chance):
    post = chance.choice(posts)
    return post.author, post.id


def pull(
    course: Pulled, campus: Campus, face: str, *, disturbed: random.Random | None = None, **how: bool
) -> None:
    course.roster = Roster(tuple(member(one) for one in campus.enrolled(suspended=False)), True)
    if disturbed is not None:
        kind = disturbed.choice(("unavailable", "half"))
        campus.settings.faults.fail_next(disturbed.randint(0, 9), kind, disturbed.choice(FUNCTIONS))
    try:
        course.pull(None, connector=CONNECTORS[face](campus), **how)
    except UndertoneError:
        assert disturbed is not None
    campus.settings.faults.clear()


def stored(course: Pulled, campus: Campus) -> list[tuple[str, ...]]:
    """What is kept, the names of all who were ever there replaced; a language belongs to the text before that."""
    everyone = Deidentifier([member(one) for one in campus.people()])
    return sorted(
        (author, everyone.clean(text), everyone.clean(title), *rest)
        for author, text, title, _language, _scorable, *rest in facts_of(course)
    )
