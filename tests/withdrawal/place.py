"""A course on any database, an LMS in memory, and what remains of a person."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

import lti_tool
from lti_tool.consent import service as consent
from lti_tool.consent.choices import DECLINED, Choices
from lti_tool.ingest.service import Pull
from lti_tool.launch.roster import Member, Roster
from lti_tool.lms.protocol import ActivityFacts, CheckLine, PostFacts
from lti_tool.storage import Base, Database, new_id, owned_tables
from tests.classroom import Classroom

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ALL = Choices(answered=True, a=True, earlier=True, b=True, c=True, d=True)
WRITER, OTHER = "5", "6"
"""LMS ids of who withdraws and of a classmate who does not."""
PLANTED = "quillonwort"
"""A word that stands in every text of the writer."""
WORDS = (
    "I do not follow why the base case may be left out here.",
    "The second exercise made sense once I drew the picture.",
)

for _tables in sorted(Path(lti_tool.__file__).parent.glob("*/tables.py")):
    import_module(f"lti_tool.{_tables.parent.name}.tables")


@contextmanager
def made_on_postgres(address: str, name: str) -> Iterator[Database]:
    """A database of its own on the server, with the tables of the code."""
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    opened = Database(make_url(address).set(database=name).render_as_string(hide_password=False))
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()
    server.dispose()


@dataclass
class Lms:
    """One forum in which both wrote; every other post is the writer's."""

    posts_in_all: int

    def check(self) -> list[CheckLine]:
        return []

    def activities(self, course_id: str) -> list[ActivityFacts]:
        return [ActivityFacts("1", "forum", "Help")]

    def posts(self, activity: ActivityFacts, since: datetime | None = None) -> Iterator[PostFacts]:
        for number in range(self.posts_in_all):
            mine = number % 2 == 0
            words = f"{WORDS[number % 2]} {PLANTED if mine else 'Thanks'} number {number}."
            yield PostFacts(
                external_id=str(number),
                kind="forum",
                author_id=WRITER if mine else OTHER,
                thread_id=str(number // 4),
                parent_id=None,
                title=None,
                html=f"<p>{words}</p>",
                created_at=NOW - timedelta(days=1, minutes=number),
            )


@dataclass
class Place:
    """A course with two students who agreed to everything, and an instructor."""

    database: Database
    course_id: str
    institution_id: str
    people: dict[str, str]
    teacher: str
    now: datetime = NOW
    posts: list[str] = field(default_factory=list)

    @property
    def writer(self) -> str:
        return self.people[WRITER]

    @property
    def other(self) -> str:
        return self.people[OTHER]

    def choose(self, person: str, choices: Choices, at: datetime | None = None) -> None:
        with self.database.session() as session:
            consent.save(session, at or self.now, person, self.course_id, choices, "en")

    def withdraw(self, at: datetime | None = None) -> None:
        self.choose(self.writer, DECLINED, at)

    def pull(self, lms: Any, members: tuple[Member, ...] | None = None) -> None:
        Pull(
            database=self.database,
            course_id=self.course_id,
            lms_course_id="2",
            connector=lms,
            roster=Roster(students() if members is None else members, True),
            people=self.people,
            reading_id=new_id(),
            now=lambda: self.now,
            tell=lambda step, done, total: None,
        ).run()


def students(*without: str) -> tuple[Member, ...]:
    """The roster of both students, less those who left."""
    named = ((WRITER, "Rosalind", "Quince"), (OTHER, "Tobias", "Marsh"))
    return tuple(
        Member(one, given, family, f"{given} {family}", "", ("Learner",), student=True)
        for one, given, family in named
        if one not in without
    )


def place(database: Database, version: Any = None) -> Place:
    """A fresh course; `version` is shown in it, where there is one."""
    with database.session() as session:
        room = Classroom(session)
        made = Place(
            database,
            room.course_id,
            room.institution_id,
            {WRITER: room.person("-"), OTHER: room.person("-")},
            room.person("-"),
        )
    for person in made.people.values():
        made.choose(person, ALL)
    return made


def left_of(database: Database, person_id: str) -> dict[str, int]:
    """Rows of the person by table, of all that lives by a purpose."""
    found = {}
    with database.reading() as session:
        for mapped, owned in owned_tables():
            if owned.purpose in ("A", "B", "C", "D"):
                own = select(func.count()).select_from(mapped).where(mapped.person_id == person_id)
                if count := session.scalar(own):
                    found[mapped.__tablename__] = count
    return found


def rows_naming(database: Database, *needles: str) -> dict[str, int]:
    """Rows by table in which one of the words or ids stands, in any column."""
    found: dict[str, int] = {}
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                said = json.dumps([str(value) for value in row])
                if any(needle in said for needle in needles):
                    found[table.name] = found.get(table.name, 0) + 1
    return found
