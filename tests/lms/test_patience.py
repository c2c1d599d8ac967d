"""How long and how often an LMS is asked: what it says itself counts, and what cannot change is not asked for again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from requests.structures import CaseInsensitiveDict

from lti_tool.ingest import reasons
from lti_tool.lms import LmsUnavailableError, retrying
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.errors import LmsAskedToWaitError
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.lms.throttling import Pace
from lti_tool.outbound.client import Answer, OutboundFailedError
from tests.lms.captured_lms import moodle_connector

SITE = "https://school.example"
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Saying:
    """A client that says the same to every call, or raises it."""

    def __init__(self, said):
        self.said, self.count, self.most_bytes = said, 0, 0

    def get(self, url, headers=None, params=None, most_bytes=0):
        self.count, self.most_bytes = self.count + 1, most_bytes
        if isinstance(self.said, Exception):
            raise self.said
        return self.said

    def post(self, url, data, most_bytes):
        return self.get(url, most_bytes=most_bytes)


def canvas_call(client, pauses):
    CanvasCalls(client, SITE, "t", pace=Pace(sleep=pauses.append)).read("/courses")


def moodle_call(client, pauses):
    MoodleCalls(client, SITE, "t").call("core_webservice_get_site_info")


CALLS = {"moodle": moodle_call, "canvas": canvas_call}


@pytest.fixture(params=CALLS)
def asked(request, monkeypatch):
    """Ask until it is given up: how often, the pauses, and the error."""

    def ask(said):
        client, pauses = Saying(said), []
        monkeypatch.setattr(retrying.time, "sleep", pauses.append)
        with pytest.raises(LmsUnavailableError) as raised:
            CALLS[request.param](client, pauses)
        return client.count, pauses, raised.value

    return ask


def throttling(after, status=429, **headers):
    return Answer(status, CaseInsensitiveDict({"Retry-After": after} | headers), b"")


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(("after", "wait"), [("3600", HOUR), ("61", timedelta(seconds=61))])
def test_a_pause_longer_than_a_minute_is_left_to_a_later_reading(asked, status, after, wait):
    count, pauses, error = asked(throttling(after, status))
    assert (count, pauses) == (1, [])
    assert isinstance(error, LmsAskedToWaitError)
    assert error.wait == wait
    assert reasons.is_silence(error)


def test_a_pause_of_up_to_a_minute_is_waited_for(asked):
    count, pauses, error = asked(throttling("60"))
    assert count >= retrying.TRIES
    assert all(pause >= 60 for pause in pauses)
    assert not isinstance(error, LmsAskedToWaitError)


@pytest.mark.parametrize("seconds", [3600, 30])
def test_a_date_is_understood_by_the_clock_of_the_lms(asked, seconds):
    """Its clock is years behind ours: what counts is how far the two moments of its answer are apart."""
    there = NOW - timedelta(days=900)
    until = format_datetime(there + timedelta(seconds=seconds), usegmt=True)
    count, pauses, error = asked(throttling(until, Date=format_datetime(there, usegmt=True)))
    if seconds == 3600:
        assert (count, error.wait) == (1, HOUR)
    else:
        assert all(30 <= pause < 62 for pause in pauses)


def test_a_date_without_another_is_held_against_our_clock(asked):
    until = format_datetime(datetime.now(UTC) + HOUR, usegmt=True)
    _, _, error = asked(throttling(until))
    assert timedelta(minutes=59) < error.wait <= HOUR


@pytest.mark.parametrize(
    "after", ["", "soon", "-5", "1e9", "Wed, 99 Foo 2026", "Thu, 01 Jan 1970 00:00:00", "２"]
)
def test_nonsense_counts_as_not_said(asked, after):
    count, _, error = asked(throttling(after))
    assert count >= retrying.TRIES
    assert not isinstance(error, LmsAskedToWaitError)


def test_no_lms_sends_us_away_for_longer_than_a_day(asked):
    _, _, error = asked(throttling("9" * 400))
    assert error.wait == timedelta(days=1)


def test_an_answer_that_is_too_large_is_fetched_once_and_named(asked):
    count, pauses, error = asked(OutboundFailedError(code="outbound_too_large"))
    assert (count, pauses, error.code) == (1, [], "lms_too_large")
    assert "larger" in error.words
    assert not reasons.is_silence(error), "the other activities have hope"


def test_an_answer_that_takes_too_long_is_waited_for_twice_and_named(asked):
    count, _, error = asked(OutboundFailedError(code="outbound_too_slow"))
    assert (count, error.code) == (2, "lms_too_slow")
    assert reasons.is_silence(error), "until the LMS has answered to something else"


def test_an_answer_of_thousands_of_reflections_is_read(moodle_site):
    """Moodle gives all submissions of an assignment in one answer; here they are 30 MB."""
    connector = moodle_connector(moodle_site)
    task = next(one for one in connector.activities("2") if one.kind == "reflection" and not one.unreadable)
    words = "<p>" + "I learned to wait before I answer. " * 300 + "</p>"
    field = {"name": "onlinetext", "text": words}
    plugins = [{"type": "onlinetext", "editorfields": [field]}]
    row = {"userid": 5, "status": "submitted", "timecreated": 1, "timemodified": 1, "plugins": plugins}
    rows = [row | {"id": number} for number in range(3000)]
    moodle_site.changes["mod_assign_get_submissions"] = lambda asked: {
        "assignments": [{"assignmentid": int(task.external_id), "submissions": rows}], "warnings": []
    }  # fmt: skip
    assert len(list(connector.posts(task))) == 3000
    assert moodle_site.calls["mod_assign_get_submissions"] == 1
