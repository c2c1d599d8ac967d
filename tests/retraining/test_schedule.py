"""What runs by itself, of what and when: each duty that is promised for the night stands in the schedule (P17, P62)."""

from datetime import UTC, datetime, timedelta

import pytest

from lti_tool import schedule
from lti_tool.jobs.registry import kinds
from lti_tool.schedule import entries
from lti_tool.settings import Settings
from tests.classroom import Classroom, open_database

EVENING = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)
NIGHTLY = {
    "turn_keys": "00:30",
    "watch_disagreement": "02:00",
    "tend_ledger": "00:45",
    "expire_consent": "01:00",
    "check_models": "01:30",
    "retention": "01:30",
    "retrain": "03:15",
}
"""Kind → when it runs, in UTC."""
OFTEN = {
    "catch_up": 900,
    "pull": 1200,
    "reflections": 1200,
    "tend_reflections": 2400,
    "score": 3600,
    "snapshot": 2400,
}
"""Kind → seconds between two runs."""
WEEKLY = {"watch_drift": "03:30"}
"""Kind → when it runs on Mondays, in UTC."""
OF_EACH_INSTITUTION = {"watch_drift"}
OF_EACH_COURSE = {"pull", "score", "snapshot"}
SETTINGS = Settings(environment="test", pull_seconds=1200, snapshot_seconds=2400, retrain_at="03:15")


def test_p17_p62_every_duty_stands_in_the_schedule_once_at_its_time():
    listed = entries(SETTINGS)
    assert sorted(entry.kind for entry in listed) == sorted([*NIGHTLY, *WEEKLY, *OFTEN])
    for entry in listed:
        first = entry.when.get_next_fire_time(None, EVENING)
        then = entry.when.get_next_fire_time(first, first)
        if entry.kind in NIGHTLY:
            assert (first.strftime("%H:%M"), then - first) == (NIGHTLY[entry.kind], timedelta(days=1))
        elif entry.kind in WEEKLY:
            assert (first.strftime("%a %H:%M"), then - first) == (
                f"Mon {WEEKLY[entry.kind]}",
                timedelta(days=7),
            )
        else:
            assert (then - first).total_seconds() == OFTEN[entry.kind]


def test_consent_ends_before_what_is_over_is_deleted_and_both_before_a_model_learns():
    """Else a text would be learnt from whose consent is over (P19)."""
    order = ("tend_ledger", "expire_consent", "check_models", "retrain")
    usual = {
        entry.kind: entry.when.get_next_fire_time(None, EVENING)
        for entry in entries(Settings(environment="test"))
    }
    assert sorted(order, key=lambda kind: usual[kind]) == list(order)
    assert usual["expire_consent"] < usual["retention"] < usual["retrain"]


def test_each_runs_for_every_course_in_use_or_once_for_all(tmp_path):
    with open_database(tmp_path).session() as session:
        room = Classroom(session)
        for entry in entries(SETTINGS):
            keys = entry.keys(session, EVENING - timedelta(days=30))
            if entry.kind in OF_EACH_INSTITUTION:
                assert keys == [room.institution_id]
            elif entry.kind != "reflections":
                assert keys == ([room.course_id] if entry.kind in OF_EACH_COURSE else [""]), entry.kind


def test_a_worker_can_run_every_kind_of_the_schedule():
    schedule.load_tasks()
    assert {entry.kind for entry in entries(SETTINGS)} <= kinds()


@pytest.mark.parametrize("only", [False, True])
def test_it_runs_daily_unless_it_is_to_run_on_request_only(only):
    listed = [entry.kind for entry in entries(Settings(environment="test", retrain_on_request_only=only))]
    assert ("retrain" in listed) is not only
    assert "pull" in listed
