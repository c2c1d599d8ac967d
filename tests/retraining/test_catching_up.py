"""A worker that starts runs what was missed once, and the quiet hours hold a retraining back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool import catching_up, quiet_hours, schedule
from lti_tool.catching_up import catch_up, last_due
from lti_tool.errors import ConfigurationError
from lti_tool.jobs import Job, Run, enqueue
from lti_tool.jobs.schedule import MOST_LATE, Entry, daily, every
from lti_tool.jobs.service import claim
from lti_tool.settings import Settings

MORNING = datetime(2026, 11, 26, 9, tzinfo=UTC)
"""A Thursday."""
DAY = timedelta(days=1)
NIGHTLY = Entry("retrain", daily("02:30"), lambda session, now: [""])
QUIET = "07:00-22:00"


@pytest.fixture
def running_for_days(database):
    """The last night's run was three nights ago."""
    ran(database, "retrain", MORNING - 3 * DAY)


def ran(database, kind, at, key=""):
    with database.session() as session:
        enqueue(session, at, kind, key).state = "done"


def caught_up(database, entries, quiet="", now=MORNING):
    with database.session() as session:
        return [(job.kind, job.key) for job in catch_up(session, now, entries, quiet)]


def test_after_a_night_off_the_missed_run_is_queued_once(database, running_for_days):
    assert caught_up(database, [NIGHTLY]) == [("retrain", "")]
    assert caught_up(database, [NIGHTLY]) == []
    with database.reading() as session:
        assert len(session.scalars(select(Job).where(Job.state == "queued")).all()) == 1


def test_two_workers_that_start_together_queue_it_once(database, running_for_days):
    with database.session() as session:
        first = catch_up(session, MORNING, [NIGHTLY])[0].id
        assert [job.id for job in catch_up(session, MORNING, [NIGHTLY])] in ([], [first])


def awake(database, settings, monkeypatch, at):
    """What the quarter-hourly look queues at this moment."""
    monkeypatch.setattr(Run, "now", lambda _: at)
    return catching_up.keep_up(Run("job", "", {}, database, settings, lambda *_: None))["queued"]


def queued(database, kind="retrain"):
    with database.reading() as session:
        return session.scalars(select(Job).where(Job.kind == kind, Job.state == "queued")).all()


def test_a_machine_that_slept_over_the_hour_with_a_living_worker_does_not_lose_the_night(
    database, running_for_days, monkeypatch
):
    settings = Settings(environment="test")
    assert awake(database, settings, monkeypatch, MORNING)
    (job,) = queued(database)
    assert awake(database, settings, monkeypatch, MORNING + timedelta(minutes=15)) == 0
    assert [one.id for one in queued(database)] == [job.id]


def test_what_the_schedule_may_still_queue_is_left_to_it(database, running_for_days, monkeypatch):
    settings, due = Settings(environment="test"), MORNING.replace(hour=2, minute=30)
    ran(database, "retrain", due - DAY + timedelta(seconds=1))
    awake(database, settings, monkeypatch, due + MOST_LATE)
    assert queued(database) == []
    awake(database, settings, monkeypatch, due + 2 * MOST_LATE)
    assert len(queued(database)) == 1


def test_what_was_under_way_when_it_was_due_was_not_missed(database, running_for_days):
    """It was asked for by hand shortly before, so the schedule queued no second one."""
    due = MORNING.replace(hour=2, minute=30)
    with database.session() as session:
        job = enqueue(session, due - timedelta(minutes=5), "retrain")
    assert caught_up(database, [NIGHTLY]) == []
    with database.session() as session:
        row = session.get_one(Job, job.id)
        row.state, row.finished_at = "done", due + timedelta(minutes=5)
    assert caught_up(database, [NIGHTLY]) == []


def test_what_ran_on_time_is_not_run_again(database, running_for_days):
    ran(database, "retrain", MORNING.replace(hour=2, minute=30))
    assert caught_up(database, [NIGHTLY]) == []


def test_a_new_installation_has_missed_nothing(database):
    assert caught_up(database, [NIGHTLY]) == []
    ran(database, "pull", MORNING - timedelta(hours=1))
    assert caught_up(database, [NIGHTLY]) == []


def test_what_comes_every_so_often_is_left_to_come_again(database, running_for_days):
    assert caught_up(database, [Entry("pull", every(3600), lambda *_: ["a"])]) == []


def test_missed_kinds_are_queued_in_the_order_in_which_they_were_due(database, running_for_days):
    entries = [Entry(kind, daily(at), NIGHTLY.keys) for kind, at in (("b", "02:00"), ("a", "01:00"))]
    caught_up(database, [NIGHTLY, *entries])
    with database.session() as session:
        order = [claim(session, MORNING + DAY, "w", frozenset({"a", "b", "retrain"})).kind for _ in range(3)]
    assert order == ["a", "b", "retrain"]


def test_of_several_institutions_each_catches_up_with_its_own(database, running_for_days):
    entry = Entry("retrain", daily("02:30"), lambda *_: ["one", "two"])
    ran(database, "retrain", MORNING - timedelta(hours=6), "two")
    assert caught_up(database, [entry]) == [("retrain", "one")]


def test_a_weekly_kind_is_caught_up_within_its_week(database, running_for_days):
    entry = Entry("watch_drift", schedule.mondays("03:30"), lambda *_: ["x"])
    assert last_due(entry.when, MORNING) == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert caught_up(database, [entry]) == []
    ran(database, "pull", MORNING - 9 * DAY)
    assert caught_up(database, [entry]) == [("watch_drift", "x")]


def test_in_quiet_hours_the_missed_run_waits_for_their_end(database, running_for_days):
    assert caught_up(database, [NIGHTLY], QUIET) == [("retrain", "")]
    with database.session() as session:
        assert claim(session, MORNING + timedelta(hours=12), "w", frozenset({"retrain"})) is None
        assert claim(session, MORNING + timedelta(hours=13), "w", frozenset({"retrain"})) is not None


def test_other_kinds_do_not_wait(database, running_for_days):
    caught_up(database, [Entry("retention", daily("01:30"), NIGHTLY.keys)], QUIET)
    with database.session() as session:
        assert claim(session, MORNING + timedelta(seconds=1), "w", frozenset({"retention"})) is not None


@pytest.mark.parametrize(
    ("setting", "at", "end"),
    [
        (QUIET, "06:59", None),
        (QUIET, "07:00", "26 22:00"),
        (QUIET, "22:00", None),
        ("22:00-06:00", "23:00", "27 06:00"),
        ("22:00-06:00", "05:59", "26 06:00"),
        ("22:00-06:00", "12:00", None),
        ("", "12:00", None),
    ],
)
def test_the_end_of_the_quiet_hours_also_over_midnight(setting, at, end):
    hour, minute = map(int, at.split(":"))
    found = quiet_hours.end_of(setting, MORNING.replace(hour=hour, minute=minute))
    assert (f"{found:%d %H:%M}" if found else None) == end


def test_a_nightly_time_in_the_quiet_hours_moves_to_their_end():
    assert quiet_hours.start_after("22:00-06:00", "02:30") == "06:00"
    assert quiet_hours.start_after(QUIET, "02:30") == "02:30"
    assert quiet_hours.start_after("", "02:30") == "02:30"


@pytest.mark.parametrize(
    "setting", ["7-22", "07:00", "07:00-07:00", "07:00-24:00", "a:b-c:d", " 07:00-22:00"]
)
def test_hours_that_are_none_are_refused(setting):
    with pytest.raises(ConfigurationError):
        quiet_hours.hours(setting)


def test_by_default_there_are_none_and_the_setting_moves_the_nightly_run():
    assert quiet_hours.of(Settings(environment="test")) == ""
    by_kind = {
        entry.kind: entry.when
        for entry in schedule.entries(Settings(environment="test", quiet_hours="22:00-06:00"))
    }
    assert by_kind["retrain"].get_next_fire_time(None, MORNING).hour == 6
