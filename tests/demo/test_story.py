"""The lines of the story: what can go wrong is a line, a request to stop is none."""

import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import requests
from sqlalchemy.exc import NoResultFound

from lti_tool.demo import story
from lti_tool.demo.stopping import ProcessEndedError, StoppedError


def step_that_raises(error: Exception):
    def the_course_is_read() -> str:
        raise error

    return the_course_is_read


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (story.StoryError("No finding."), "No finding."),
        (ProcessEndedError(), ProcessEndedError.words),
        (requests.ReadTimeout("read timed out"), "ReadTimeout: read timed out"),
        (NoResultFound("No row\nwas found"), "NoResultFound: No row was found"),
        (KeyError("decision"), "KeyError: 'decision'"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_goes_wrong_is_one_line(capsys, error, words):
    assert story._play(step_that_raises(error)) is False
    line, *rest = capsys.readouterr().out.splitlines()
    assert line.startswith("FAIL")
    assert line.endswith(f"the course is read: {words}")
    assert rest == []


def test_a_request_to_stop_fails_no_step(capsys):
    with pytest.raises(StoppedError):
        story._play(step_that_raises(StoppedError()))
    assert capsys.readouterr().out == ""


def test_no_step_begins_after_a_request_to_stop(capsys):
    pair = SimpleNamespace(stop=threading.Event())
    pair.stop.set()
    with pytest.raises(StoppedError):
        story.tell(pair, datetime.now(UTC))
    assert len(capsys.readouterr().out.splitlines()) == 1
