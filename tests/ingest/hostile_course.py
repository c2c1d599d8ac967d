"""A course in which all that people and staff can write or name is made to hurt; read and scored by the tool."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from sqlalchemy import select

from lti_tool.ingest import breaker
from lti_tool.ingest.tables import Post
from lti_tool.insights import service as insights
from lti_tool.jobs.worker import Worker
from lti_tool.schedule import load_tasks
from lti_tool.scoring.tables import CourseModel, ModelVersion, Score, Serving, Weights
from lti_tool.storage import blind_index
from model.decision import UNCALIBRATED
from tests.classroom import logits
from tests.ingest.campus_and_tool import CampusAndTool

CORPUS: list[str] = json.loads((Path(__file__).with_name("hostile") / "corpus.json").read_text("utf-8"))
"""`planted()` is what a script of it calls; planted.example is where its requests go."""
FORUMS = 26
WEEKS = 6
WRITERS = 12
DEEP = (
    "<b>" * 6000 + "deep",
    "<div title='" * 3000,
    "&" * 50_000,
    "<svg>" + "<g>" * 4000,
    "x" * 300_000,
)
"""Markup that is made to take long, or much room."""
NAMES = (
    ("(", ".*"),
    ("[NAME]", "\\"),
    ("<script>planted()</script>", '"><img src=x onerror=planted()>'),
    ("=1+1", "@SUM(1)"),
    ("\u202egnp", "\u0000x"),
    ("{{7077*11}}", "%s"),
    ("a" * 2000, "\ufeff"),
    ("I", "the"),
    ("Set-Cookie:\r\na=b", "\n"),
)
LINES = "I am quite confused by the base case of the recursion and cannot go on."


def is_title(words: str) -> bool:
    """An LMS takes no title without a sign that can be seen."""
    return any(letter.isprintable() and not letter.isspace() for letter in words)


def writers(both: CampusAndTool) -> list[str]:
    """Those who write; the others are on the roster."""
    return [one.key for one in both.campus.students()][:WRITERS]


def fill(both: CampusAndTool) -> None:
    """Names, titles and texts; every form stands in a text as markup and, escaped, as words."""
    campus, content = both.campus, both.campus.content
    students = writers(both)
    for place, (given, family) in enumerate(NAMES):
        hurt = students[place + 3]
        content.people = [
            replace(one, given=given, family=family) if one.key == hurt else one for one in content.people
        ]
    content.title = " ".join(CORPUS[place] for place in (0, 12, 19, 80, 85, 91))
    content.weeks = [" ".join(CORPUS[week + 1 :: 9])[:290] for week in range(len(content.weeks))]
    del content.forums[1:]
    content.forums[0].discussions.clear()
    for place, task in enumerate(content.assignments):
        task.submissions.clear()
        task.name = " ".join(CORPUS[place::11])[:290]
    for place in range(FORUMS):
        campus.add_forum(" ".join(CORPUS[place::FORUMS]), week=place % len(content.weeks))
    _write(both, students)


def _write(both: CampusAndTool, students: list[str]) -> None:
    campus, now = both.campus, both.campus.settings.now
    forums = campus.content.forums[1:]
    for place, form in enumerate((*CORPUS, *DEEP)):
        at = campus.start + timedelta(weeks=place % WEEKS, days=1, minutes=place)
        campus.settings.now = lambda at=at: at
        author, other = students[place % len(students)], students[(place + 1) % len(students)]
        words = f"<p>{LINES}</p>{form}<p>Then I wrote {escape(form[:500])} and {LINES}</p>"
        title = form if is_title(form) and len(form) < 1000 else f"Thread {place}"
        thread = campus.open_discussion(author, forums[place % FORUMS].id, title, words)
        campus.reply(other, thread.posts[0].id, f"<p>{escape(form[:500])} {LINES}</p>{form}")
        campus.submit(author, campus.content.assignments[place % 2].id, words)
    campus.settings.now = now


def open_topics(both: CampusAndTool) -> None:
    """What Canvas has besides: topics that students open, with every form as the title and in the message."""
    students = writers(both)
    for place, form in enumerate(CORPUS):
        if is_title(form) and len(form) < 1000:
            author = students[place % len(students)]
            both.campus.open_topic(author, form, f"<p>{LINES}</p>{form}<p>{escape(form[:500])}</p>")


def read(both: CampusAndTool) -> None:
    """One pull, as the worker does it, which ends well."""
    load_tasks()
    with both.database.session() as session:
        breaker.ask(session, datetime.now(UTC), both.course_id)
    assert Worker(both.database, both.settings, []).run_one(frozenset({"pull"}))
    assert [(job.state, job.error_code) for job in both.jobs("pull")] == [("done", "")]


def score(both: CampusAndTool) -> int:
    """A score for every text, without a network, and a picture of the course; how many texts there are."""
    now = datetime.now(UTC)
    with both.database.session() as session:
        session.add(Weights(hash="f" * 64, archive=b"", manifest={}, created_at=now))
        session.flush()
        version = ModelVersion(
            weights_hash="f" * 64, calibration=dict(UNCALIBRATED), origin="shipped", created_at=now
        )
        session.add(version)
        session.flush()
        session.add(Serving(institution_id=None, number=1, version_id=version.id, who="x", why="", at=now))
        session.add(CourseModel(course_id=both.course_id, version_id=version.id, at=now))
        posts = list(session.scalars(select(Post)))
        for place, post in enumerate(posts):
            post.scorable = "yes"
            session.add(
                Score(
                    post_id=post.id,
                    person_id=post.person_id,
                    text_hash=blind_index("text", post.text),
                    weights_hash="f" * 64,
                    logits=logits(confusion=0.9, negative=0.8) if place % 3 else logits(),
                    scored_at=now,
                )
            )
        session.flush()
        insights.build(session, now, both.settings, both.course_id, len(both.campus.students()))
        return len(posts)
