"""The serving pointer: installed once, moved by one at a time, never lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, func, make_url, select

from lti_tool.jobs import running
from lti_tool.scoring import serving
from lti_tool.scoring.errors import (
    GoneBeforeError,
    NoModelError,
    NothingBeforeError,
    ServingMovedError,
    UnknownVersionError,
)
from lti_tool.scoring.tables import ModelVersion, Serving, Weights
from lti_tool.storage import Base, Database, Keyring, use_keyring
from tests.classroom import START, Classroom

NOW = START + timedelta(days=41)


def another(session, version, origin="retrained"):
    row = ModelVersion(
        weights_hash=version.weights_hash, calibration={}, parent_id=version.id, origin=origin, created_at=NOW
    )
    session.add(row)
    session.flush()
    return row


def serves(session, institution_id=None):
    return serving.serving(session, institution_id).id


def test_without_a_model_nothing_serves(session):
    with pytest.raises(NoModelError):
        serving.serving(session, None)


def test_the_shipped_model_is_installed_once(session, adapter):
    first = serving.install_shipped(session, NOW, adapter)
    again = serving.install_shipped(session, NOW, adapter)
    assert first.id == again.id == serves(session)
    counts = [
        session.scalar(select(func.count()).select_from(table)) for table in (Weights, ModelVersion, Serving)
    ]
    assert counts == [1, 1, 1]
    assert "sentiment" in first.calibration


def test_a_newer_shipped_model_replaces_a_shipped_one_but_no_retrained_one(session, adapter, other_adapter):
    old = serving.install_shipped(session, NOW, adapter)
    new = serving.install_shipped(session, NOW, other_adapter)
    assert serves(session) == new.id != old.id
    retrained = another(session, new)
    serving.promote(session, NOW, retrained.id, "nightly run", "better")
    serving.install_shipped(session, NOW, adapter)
    assert serves(session) == retrained.id


def test_promotion_and_rollback_keep_the_whole_history(session, room):
    first = room.version()
    second, third = another(session, first), another(session, first)
    serving.promote(session, NOW, second.id, "nightly run", "better")
    serving.promote(session, NOW, third.id, "nightly run", "better still")
    assert serving.rollback(session, NOW, "administrator").id == second.id
    assert serving.rollback(session, NOW, "administrator").id == first.id == serves(session)
    with pytest.raises(NothingBeforeError):
        serving.rollback(session, NOW, "administrator")
    moves = [row.version_id for row in serving.history(session)]
    assert moves == [first.id, second.id, third.id, second.id, first.id]
    assert [row.number for row in serving.history(session)] == [1, 2, 3, 4, 5]


def on_weights_of_its_own(session, parent, seed):
    session.add(Weights(hash=seed * 64, archive=b"", manifest={}, created_at=NOW))
    row = another(session, parent)
    row.weights_hash = seed * 64
    session.flush()
    serving.promote(session, NOW, row.id, "nightly run", "promoted")
    return row


def throw_away(session, *versions):
    for version in versions:
        session.get_one(Weights, version.weights_hash).expired_at = NOW


def test_going_back_passes_over_versions_whose_weights_are_gone(session, room):
    first = room.version()
    second, third, fourth = (on_weights_of_its_own(session, first, seed) for seed in "abc")
    throw_away(session, third)
    assert [one.id for one in serving.earlier(session)] == [second.id, first.id]
    assert serving.rollback(session, NOW, "administrator").id == second.id == serves(session)
    assert serving.rollback(session, NOW, "administrator").id == first.id, "and not forth again"
    assert serving.before(session) is None
    serving.promote(session, NOW, fourth.id, "administrator", "by_hand")
    assert serving.before(session).id == first.id


def test_where_all_earlier_weights_are_gone_that_is_what_is_said(session, room):
    first = room.version()
    second = on_weights_of_its_own(session, first, "a")
    on_weights_of_its_own(session, second, "b")
    throw_away(session, first, second)
    with pytest.raises(GoneBeforeError) as refusal:
        serving.rollback(session, NOW, "administrator")
    assert "model promote" in refusal.value.words
    assert "No other model" not in refusal.value.words


def test_an_institution_may_serve_its_own_version(session, room):
    first = room.version()
    own = another(session, first)
    serving.promote(session, NOW, own.id, "administrator", "tried", institution_id=room.institution_id)
    assert serves(session, room.institution_id) == own.id
    assert serves(session) == serves(session, None) == first.id


def test_who_expects_another_version_moves_nothing(session, room):
    first = room.version()
    second = another(session, first)
    with pytest.raises(ServingMovedError):
        serving.promote(session, NOW, second.id, "nightly run", "better", expected_id=second.id)
    with pytest.raises(UnknownVersionError):
        serving.promote(session, NOW, "nothing", "nightly run", "better")
    assert serves(session) == first.id


@pytest.mark.parametrize("of_all", [True, False])
def test_of_two_rows_with_one_number_the_database_refuses_the_second(session, room, of_all, monkeypatch):
    """Two racers have read the same newest row; here the second one reads it late."""
    first = room.version()
    institution = None if of_all else room.institution_id
    stale = serving._newest(session, institution)
    serving.promote(session, NOW, another(session, first).id, "nightly run", "won", institution)
    won = serves(session, institution)
    monkeypatch.setattr(serving, "_newest", lambda *_: stale)
    with pytest.raises(ServingMovedError):
        serving.promote(session, NOW, another(session, first).id, "administrator", "lost", institution)
    monkeypatch.undo()
    assert serves(session, institution) == won


def test_a_move_queues_the_scoring_of_active_courses(session, room):
    version = another(session, room.version())
    serving.promote(session, NOW, version.id, "nightly run", "better")
    assert running(session, "score", room.course_id) is not None


@pytest.mark.postgres
def test_two_who_promote_at_the_same_time_on_postgresql_end_with_one_winner(postgres_url):
    """Both have read the same newest row before either writes; the loser is told and changes nothing."""
    url = make_url(postgres_url).set(database="racing")
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE racing")
    server.dispose()
    database = Database(url.render_as_string(hide_password=False))
    use_keyring(Keyring.generate())
    Base.metadata.create_all(database.engine)
    with database.session() as session:
        first = Classroom(session).version()
        candidates = [another(session, first).id for _ in range(2)]
    both_have_read = threading.Barrier(2, timeout=20)

    def race(version_id):
        try:
            with database.session() as session:
                serving.serving(session, None)
                both_have_read.wait()
                serving.promote(session, NOW, version_id, "nightly run", "race", expected_id=first.id)
        except ServingMovedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(race, candidates))
    with database.reading() as session:
        assert len(serving.history(session)) == 1 + sum(won)
        assert sum(won) == 1
    database.dispose()
