"""Words of those who did not agree are in no table, file or journal of a PostgreSQL server either (P1, P16, P20)."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine

from lti_tool.lms import retrying
from lti_tool.schedule import load_tasks
from tests.conftest import running_postgres
from tests.ingest import planting
from tests.ingest.planting import WITHDREW, below, cores
from tests.ingest.test_planted import (
    CANVAS_POSTS,
    MOODLE_POSTS,
    planted,
    pull_here,
    pull_in_every_way,
    what_agreed_people_wrote_is_there,
    words_of_nobody,
)

pytestmark = [pytest.mark.postgres, pytest.mark.long]
READ = {
    "moodle": ("service_token", MOODLE_POSTS, ("title",)),
    "canvas": ("canvas_token", CANVAS_POSTS, ("topic", "began")),
}


@pytest.fixture
def place(tmp_path):
    with running_postgres() as url, planted(tmp_path, url) as made:
        made.database_files = Path(asked(url, "SHOW data_directory"))
        yield made


def asked(url, statement):
    """What the server says to one statement."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        answer = connection.exec_driver_sql(statement)
        found = answer.scalar() if answer.returns_rows else None
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", READ)
def test_a_reading_that_breaks_in_every_way_leaves_nothing_in_the_server(place, kind, monkeypatch):
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.001)
    load_tasks()
    token, name, own = READ[kind]
    if kind == "canvas":
        planting.plant_topics(place.both.campus)
    place.both.read_by(kind, place.server.url, getattr(place.both.campus.settings, token))
    pull_in_every_way(place, kind, name)
    assert what_agreed_people_wrote_is_there(place, own)
    asked(place.both.settings.database, "CHECKPOINT")
    seen = place.found(cores([planting.AGREED], own)) - {"table posts"}
    assert seen, "else the search sees nothing of the server's files"
    assert place.found(words_of_nobody()) == set()
    place.both.answer_again(WITHDREW)
    pull_here(place)
    asked(place.both.settings.database, "CHECKPOINT")
    assert place.tables(cores([WITHDREW])) == set()
    assert place.found(words_of_nobody()) == set()
    # Old rows and the journal hold what was deleted for a while, sealed, and nowhere in words.
    (place.home / "keys.json").unlink()
    assert below(place.folder, cores(planting.EVERYONE), place.database_files) == set()
