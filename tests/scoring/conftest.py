"""A tiny adapter, really trained, and an invented course."""

from pathlib import Path

import pytest

from lti_tool.jobs import Run
from lti_tool.scoring import serving
from tests.classroom import START, Classroom, open_database, settings_in

TEXTS = ("I do not see why it stops.", "What a great lab, more please!", "Room four, nine o'clock.")

ROWS = [
    {"text": "I do not understand this at all.", "labels": {"sentiment": "negative", "confusion": 1}},
    {"text": "That was fun, I want more of it!", "labels": {"sentiment": "positive", "engagement": 1}},
    {"text": "The lab is in room four.", "labels": {"sentiment": "neutral", "confusion": 0}},
    {
        "text": "Why does it fail again, third evening now.",
        "labels": {"sentiment": "negative", "frustration": 1},
    },
]


@pytest.fixture(scope="session")
def adapter(tmp_path_factory) -> Path:
    """A checkpoint of a few steps: real files and hashes, poor judgement."""
    return trained(tmp_path_factory.mktemp("adapter") / "one", rank=2)


@pytest.fixture(scope="session")
def other_adapter(tmp_path_factory) -> Path:
    return trained(tmp_path_factory.mktemp("adapter") / "two", rank=3)


def trained(out: Path, rank: int) -> Path:
    from model.backbones import ENGLISH
    from model.training import TrainingOptions, fine_tune

    options = TrainingOptions(epochs=1, batch_size=4, rank=rank, threads=1, base=ENGLISH)
    fine_tune(ROWS, ROWS, None, out, options)
    return out


@pytest.fixture
def database(tmp_path):
    return open_database(tmp_path)


@pytest.fixture
def settings(tmp_path):
    return settings_in(tmp_path)


@pytest.fixture
def session(database):
    with database.session() as opened:
        yield opened


@pytest.fixture
def room(session):
    return Classroom(session)


@pytest.fixture
def course(database, adapter):
    """A course of twenty people with A, three texts each, and the serving version; ids only."""
    with database.session() as session:
        room = Classroom(session)
        version = serving.install_shipped(session, START, adapter)
        forum = room.activity("Help")
        for person in room.people(20, "A"):
            for number, text in enumerate(TEXTS):
                room.post(person, forum, f"{text} {person[:4]}", number)
        room.version_id, room.forum = version.id, forum
    return room


@pytest.fixture
def run(database, settings, course):
    told = []
    made = Run("job", course.course_id, {}, database, settings, lambda *line: told.append(line))
    object.__setattr__(made, "told", told)
    return made
