"""A student who agreed, with texts in every state, and a model version that the course shows."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.tables import LaunchSession
from lti_tool.scoring.tables import CourseModel, ModelVersion, Score, Weights
from lti_tool.storage import Database
from model.decision import UNCALIBRATED
from model.labels import LABELS

WRITTEN = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
CONFUSED = "I still do not see why the second step may be left out."
PLAIN = "We met on Tuesday and split the tasks."
SPANISH = "No entiendo la segunda parte del ejercicio."
SHORT = "ok"
NEW = "The last lecture cleared up most of it."
YES = {"a": "yes", "earlier": "yes", "b": "no", "c": "no", "d": "no"}


def logits(**high: float) -> list[float]:
    """Ten logits: low for every emotion, level for the sentiments, except those named."""
    return [high.get(name, 0.0 if place < 3 else -5.0) for place, name in enumerate(LABELS)]


@dataclass
class Writer:
    """A signed-in student and the ids of their texts by the text."""

    browser: object
    person: str
    course: str
    posts: dict[str, str]


@pytest.fixture
def writer(sign_in, database) -> Writer:
    return make_writer(database, sign_in("student", "5"))


@pytest.fixture
def other(sign_in, database, writer) -> Writer:
    return make_writer(database, sign_in("student", "6"), mark="Somebody else's words. ")


def make_writer(database: Database, browser, mark: str = "") -> Writer:
    browser.get("student")  # who was never shown the texts cannot answer them
    browser.post("choices", YES)
    return give_texts(database, browser, mark)


def give_texts(database: Database, browser, mark: str = "") -> Writer:
    """Texts of the signed-in student as if the course had been read and scored."""
    with database.session() as session:
        launch = session.get_one(LaunchSession, browser.launch_id)
        version = _version(session, launch.course_id)
        activity = Activity(
            course_id=launch.course_id, external_index=launch.person_id, kind="forum", name="Week 3"
        )
        session.add(activity)
        session.flush()
        posts = {}
        states = {CONFUSED: "yes", PLAIN: "yes", SPANISH: "language", SHORT: "short", NEW: "yes"}
        for place, (text, scorable) in enumerate(states.items()):
            post = Post(
                course_id=launch.course_id,
                activity_id=activity.id,
                person_id=launch.person_id,
                external_index=f"{launch.person_id}-{place}",
                text=mark + text,
                text_hash=f"{place}" * 64,
                language="es" if text == SPANISH else "en",
                scorable=scorable,
                written_at=WRITTEN - timedelta(days=place),
                pulled_at=WRITTEN,
                url="https://lms.example/mod/forum/discuss.php?d=7",
            )
            session.add(post)
            session.flush()
            posts[text] = post.id
        _score(session, launch.person_id, posts[CONFUSED], "0", version, logits(confusion=2.0, negative=3.0))
        _score(session, launch.person_id, posts[PLAIN], "1", version, logits(neutral=3.0))
        return Writer(browser, launch.person_id, launch.course_id, posts)


def _version(session, course_id: str) -> ModelVersion:
    shown = session.get(CourseModel, course_id)
    if shown is not None:
        return session.get_one(ModelVersion, shown.version_id)
    session.add(Weights(hash="f" * 64, archive=b"", manifest={}, created_at=WRITTEN))
    session.flush()
    figures = {
        "sentiment": {"macro_f1": 0.71, "support": 400},
        "confusion": {"f1": 0.66, "support": 380},
        "toxicity": {},
    }
    version = ModelVersion(
        weights_hash="f" * 64, calibration=UNCALIBRATED, origin="shipped", figures=figures, created_at=WRITTEN
    )
    session.add(version)
    session.flush()
    session.add(CourseModel(course_id=course_id, version_id=version.id, at=WRITTEN))
    return version


def _score(session, person: str, post: str, mark: str, version: ModelVersion, values: list[float]) -> None:
    own = {"post_id": post, "person_id": person, "text_hash": mark * 64}
    session.add(Score(**own, weights_hash=version.weights_hash, logits=values, scored_at=WRITTEN))
