"""How long a text was on screen comes from the page itself, and from nothing that its reader can write (S43)."""

import re

import pytest
from sqlalchemy import select

from lti_tool.review.tables import Answer


def shown(course):
    """The first text of the queue: its id and what its form holds."""
    page = course.get("review").text
    post_id = re.search(r'action="/l/[0-9a-f]+/review/([0-9a-f]+)"', page)[1]
    fields = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("text_hash", "opened")}
    return post_id, {**fields, "act": "save", "sentiment": "positive", "back": "queue"}


def seconds(course):
    with course.database.reading() as session:
        return session.scalars(select(Answer.seconds_on_screen).order_by(Answer.answered_at.desc())).first()


def test_s43_the_form_says_since_when_its_page_is_open(course):
    post_id, fields = shown(course)
    assert course.post(f"review/{post_id}", **fields).status_code == 303
    assert 0 <= seconds(course) < 60


@pytest.mark.parametrize("forged", [None, "0", "1700000000.0", "of another text"])
def test_s43_without_what_the_page_says_nobody_knows(course, forged):
    first, fields = shown(course)
    course.post(f"review/{first}", **fields)
    second, others = shown(course)
    assert second != first
    others["opened"] = fields["opened"] if forged == "of another text" else forged
    kept = {name: value for name, value in others.items() if value is not None}
    assert course.post(f"review/{second}", **kept).status_code == 303
    assert seconds(course) is None
