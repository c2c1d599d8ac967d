"""A tiny adapter, really trained, and an invented course."""

from pathlib import Path

import pytest

from tests.classroom import Classroom, open_database, settings_in

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
