"""The invented course, read from `content/*.json` into records with ids and times.

Ids follow time (posts, discussions) or place in the file (people), so they are the same at each start.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from itertools import count
from typing import Any

from lti_tool.demo.campus.records import (
    Assignment,
    Discussion,
    Forum,
    OtherModule,
    Person,
    Post,
    Submission,
    Version,
)

ADMIN_ID = 2
FIRST_STUDENT_ID = 5  # 1 is the guest, 2 the administrator, 3 the instructor, 4 the reading account
COURSE_ID = 2
TOOL_CMID = 1


@dataclass
class Content:
    title: str
    short: str
    weeks: list[str]
    """Names of the sections; the first is the general one."""
    people: list[Person]
    forums: list[Forum]
    assignments: list[Assignment]
    others: list[OtherModule] = field(default_factory=list)
    next_id: Iterator[int] = field(default_factory=lambda: count(1))
    """Ids of what is written while the campus runs."""


def read(name: str) -> Any:
    """The JSON file `name` of the content folder."""
    return json.loads((files("lti_tool.demo") / "content" / name).read_text(encoding="utf-8"))


def load(start: datetime) -> Content:
    """The whole course, its first Monday at `start`."""
    told = read("people.json")
    course = told["course"]
    cmids = count(TOOL_CMID + 1)
    forums = _forums(start, cmids)
    assignments = _assignments(start, cmids)
    used = max(
        [p.id for f in forums for d in f.discussions for p in d.posts]
        + [s.id for a in assignments for s in a.submissions]
    )
    return Content(
        title=course["title"],
        short=course["short"],
        weeks=course["weeks"],
        people=_people(told["people"]),
        forums=forums,
        assignments=assignments,
        next_id=count(used + 1),
    )


def _people(rows: list[dict[str, Any]]) -> list[Person]:
    student_ids = count(FIRST_STUDENT_ID)
    fixed = {"administrator": ADMIN_ID, "instructor": ADMIN_ID + 1}
    return [
        Person(
            id=fixed.get(row["role"]) or next(student_ids),
            key=row["key"],
            given=row["given"],
            family=row["family"],
            email=row["email"],
            role=row["role"],
            language=row["lang"],
            group=row["group"],
            choice=row.get("choice"),
        )
        for row in rows
    ]


def _forums(start: datetime, cmids: Iterator[int]) -> list[Forum]:
    told = read("forums.json")
    threads = [thread for forum in told for thread in forum["discussions"]]
    in_time = sorted((post for thread in threads for post in thread["posts"]), key=lambda post: post["day"])
    post_ids = {post["key"]: number for number, post in enumerate(in_time, start=1)}
    opened = sorted(threads, key=lambda thread: thread["posts"][0]["day"])
    thread_ids = {thread["key"]: number for number, thread in enumerate(opened, start=1)}
    return [
        Forum(
            id=number,
            cmid=next(cmids),
            key=forum["key"],
            name=forum["name"],
            kind=forum["type"],
            week=forum["week"],
            visible=forum["visible"],
            discussions=[
                _discussion(thread, number, thread_ids, post_ids, start) for thread in forum["discussions"]
            ],
        )
        for number, forum in enumerate(told, start=1)
    ]


def _discussion(
    told: dict[str, Any], forum_id: int, thread_ids: dict[str, int], post_ids: dict[str, int], start: datetime
) -> Discussion:
    number = thread_ids[told["key"]]
    posts = [_post(post, number, post_ids, start) for post in told["posts"]]
    return Discussion(number, told["key"], forum_id, told["subject"], told.get("pinned", False), posts)


def _post(told: dict[str, Any], discussion_id: int, post_ids: dict[str, int], start: datetime) -> Post:
    written = [told, told["edited"]] if "edited" in told else [told]
    deleted = told.get("deleted_day")
    return Post(
        id=post_ids[told["key"]],
        key=told["key"],
        discussion_id=discussion_id,
        author=told["author"],
        parent=post_ids[told["parent"]] if told["parent"] else None,
        versions=[Version(_at(start, one["day"]), one["html"]) for one in written],
        deleted_at=None if deleted is None else _at(start, deleted),
        private=told.get("private", False),
    )


def _assignments(start: datetime, cmids: Iterator[int]) -> list[Assignment]:
    submission_ids = count(1)
    return [
        Assignment(
            id=number,
            cmid=next(cmids),
            key=told["key"],
            name=told["name"],
            week=told["week"],
            due=_at(start, told["due_day"]),
            submissions=[
                Submission(
                    next(submission_ids), row["author"], [Version(_at(start, row["day"]), row["html"])]
                )
                for row in told["submissions"]
            ],
        )
        for number, told in enumerate(read("reflections.json"), start=1)
    ]


def _at(start: datetime, day: float) -> datetime:
    return start + timedelta(seconds=round(day * 86400))
