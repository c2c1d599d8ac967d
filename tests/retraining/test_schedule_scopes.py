"""When a retraining runs by itself, and for whom."""

from datetime import UTC, datetime

import pytest

from lti_tool import schedule
from lti_tool.launch import institutions
from lti_tool.launch.tables import Institution
from lti_tool.schedule import entries
from lti_tool.settings import Settings
from tests.classroom import Classroom, open_database

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture
def session(tmp_path):
    database = open_database(tmp_path)
    with database.session() as opened:
        yield opened
    database.dispose()


@pytest.mark.parametrize("only", [False, True])
def test_it_runs_daily_unless_it_is_to_run_on_request_only(only):
    kinds = [entry.kind for entry in entries(Settings(environment="test", retrain_on_request_only=only))]
    assert ("retrain" in kinds) is not only
    assert {"pull", "watch_disagreement", "watch_drift"} <= set(kinds)


def test_disagreement_is_looked_at_before_the_nightly_run_changes_the_model():
    by_kind = {entry.kind: entry.when for entry in entries(Settings(environment="test"))}
    at = {kind: when.get_next_fire_time(None, NOW) for kind, when in by_kind.items()}
    assert at["watch_disagreement"] < at["retrain"]
    assert at["watch_drift"].weekday() == 0


def test_one_institution_has_one_run_of_the_installation(session):
    assert schedule.scopes(session, NOW) == [""]
    Classroom(session)
    assert schedule.scopes(session, NOW) == [""]


def test_p61_several_institutions_have_a_run_each(session):
    own = sorted(Classroom(session).institution_id for _ in range(3))
    assert schedule.scopes(session, NOW) == own


def test_an_institution_that_is_switched_off_is_not_compared(session):
    on = Classroom(session).institution_id
    off = institutions.found(session, NOW, "Another College").id
    assert session.get_one(Institution, off).mode == "off"
    assert schedule.institutions(session, NOW) == [on]
