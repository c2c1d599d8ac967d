"""An invented course in a real SQLite file: people with choices, activities, posts, scores."""

import hashlib
import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.tables import Course, Deployment, Institution, Person, Registration
from lti_tool.scoring.tables import CourseModel, ModelVersion, Score, Serving, Weights
from lti_tool.settings import Settings
from lti_tool.storage import Base, Database, Keyring, blind_index, new_id, use_keyring
from model.decision import UNCALIBRATED
from model.labels import LABELS

START = datetime(2026, 9, 7, 8, tzinfo=UTC)
"""A Monday."""


def open_database(folder: Path) -> Database:
    """A fresh database in `folder`, with keys in use."""
    use_keyring(Keyring.generate())
    database = Database(f"sqlite:///{folder / 'undertone.db'}")
    Base.metadata.create_all(database.engine)
    return database


def settings_in(folder: Path, **values: Any) -> Settings:
    return Settings(environment="test", home=folder, **values)


def logits(**chances: float) -> list[float]:
    """Ten logits that an uncalibrated version reads as these probabilities; labels left out get 0.02."""
    named = {"neutral": 0.8, "negative": 0.1, "positive": 0.1} | chances
    return [_logit(named.get(name, 0.02)) for name in LABELS]


def _logit(chance: float) -> float:
    return math.log(chance / (1 - chance))


class Classroom:
    """Adds rows to one course; every method returns the id of what it added."""

    def __init__(self, session: Session, mode: str = "individual") -> None:
        self.session = session
        self.institution_id, self.course_id = new_id(), new_id()
        registration = new_id()
        session.add(
            Institution(
                id=self.institution_id, name="Invented College", mode=mode, ages="adults", created_at=START
            )
        )
        session.flush()
        session.add(
            Registration(
                id=registration,
                institution_id=self.institution_id,
                issuer=f"https://{new_id()}.example",
                client_id="tool",
                authorization_url="",
                token_url="",
                keys_url="",
                status="active",
                created_at=START,
            )
        )
        session.flush()
        row = Deployment(registration_id=registration, deployment_key="1", created_at=START)
        session.add(row)
        session.flush()
        session.add(
            Course(
                id=self.course_id,
                institution_id=self.institution_id,
                deployment_id=row.id,
                context_key="42",
                title="Algorithms I",
                starts_on=START,
                last_launch_at=START + timedelta(days=40),
            )
        )
        session.flush()

    def person(self, choices: str = "", person_id: str | None = None) -> str:
        """A person whose granted purposes are the letters of `choices`; `-` never answered."""
        person_id = person_id or new_id()
        self.session.add(
            Person(
                id=person_id,
                institution_id=self.institution_id,
                course_id=self.course_id,
                created_at=START,
            )
        )
        self.session.flush()
        if choices != "-":
            self.session.add(
                ConsentState(
                    person_id=person_id,
                    course_id=self.course_id,
                    answered_at=START,
                    a_since=START,
                    earlier=True,
                    **{letter.lower(): letter in choices for letter in "ABCD"},
                )
            )
            self.session.flush()
        return person_id

    def people(self, count: int, choices: str) -> list[str]:
        return [self.person(choices) for _ in range(count)]

    def activity(
        self, name: str, kind: str = "forum", section: int | None = None, section_name: str = "", **more: Any
    ) -> str:
        activity_id = new_id()
        self.session.add(
            Activity(
                id=activity_id,
                course_id=self.course_id,
                external_index=blind_index("activity", activity_id),
                kind=kind,
                name=name,
                section=section,
                section_name=section_name,
                **more,
            )
        )
        self.session.flush()
        return activity_id

    def post(
        self,
        person_id: str,
        activity_id: str,
        text: str = "I do not follow this.",
        day: float = 0,
        **more: Any,
    ) -> Post:
        """A post written `day` days after the start of the course."""
        post_id = more.pop("post_id", None) or new_id()
        values = {"language": "en", "scorable": "yes", "trainable": True} | more
        post = Post(
            id=post_id,
            course_id=self.course_id,
            activity_id=activity_id,
            person_id=person_id,
            external_index=blind_index("post", post_id),
            text=text,
            text_hash=blind_index("text", text),
            written_at=START + timedelta(days=day),
            pulled_at=START + timedelta(days=day),
            **values,
        )
        self.session.add(post)
        self.session.flush()
        return post

    def version(self, seed: str = "one") -> ModelVersion:
        """A version that serves the installation and is shown in the course; its weights are never loaded."""
        digest = hashlib.sha256(seed.encode()).hexdigest()
        self.session.add(Weights(hash=digest, archive=b"", manifest={}, created_at=START))
        self.session.flush()
        version = ModelVersion(
            weights_hash=digest, calibration=dict(UNCALIBRATED), origin="shipped", created_at=START
        )
        self.session.add(version)
        self.session.flush()
        self.session.add(
            Serving(
                institution_id=None, number=1, version_id=version.id, who="installation", why="", at=START
            )
        )
        self.session.add(CourseModel(course_id=self.course_id, version_id=version.id, at=START))
        self.session.flush()
        return version

    def score(self, post: Post, version: ModelVersion, **chances: float) -> None:
        """A score that reads as these probabilities."""
        self.session.add(
            Score(
                post_id=post.id,
                person_id=post.person_id,
                text_hash=post.text_hash,
                weights_hash=version.weights_hash,
                logits=logits(**chances),
                scored_at=START,
            )
        )
        self.session.flush()

    def scored(
        self, people: Iterable[str], activity_id: str, version: ModelVersion, day: float = 0, **chances: float
    ) -> list[Post]:
        """One scored post of each person; no text holds a whole id, which logs may tell."""
        posts = [self.post(person, activity_id, f"A text of {person[:8]}.", day) for person in people]
        for post in posts:
            self.score(post, version, **chances)
        return posts
