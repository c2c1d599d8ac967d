"""The contract of a connector when the LMS fails: all of it, or an error; never a part that looks like all."""

import pytest

from lti_tool.lms import LmsRefusedError, LmsUnavailableError
from tests.lms.contract.face import read, texts

BROKEN = ("unavailable", "half", "reset", "not_json", "wrong_form", "slow_down")


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_anywhere_in_a_reading_is_one_error(face, fault):
    read(face.connector())
    whole = face.calls()
    for after in range(0, whole, max(1, whole // 4)):
        face.fail(fault, after=after)
        with pytest.raises(LmsUnavailableError):
            read(face.connector())


def test_a_refusal_in_the_middle_says_what_to_do(face):
    read(face.connector())
    face.fail("refused", after=face.calls() // 2)
    with pytest.raises(LmsRefusedError) as raised:
        read(face.connector())
    assert "token" in raised.value.words


@pytest.mark.parametrize("fault", ["unavailable", "half", "reset", "slow_down"])
def test_a_short_outage_is_waited_out(face, fault):
    whole = texts(read(face.connector()))
    face.fail(fault, after=2, count=2)
    assert texts(read(face.connector())) == whole


def test_the_check_turns_faults_into_lines(face):
    for fault in (*BROKEN, "refused"):
        face.fail(fault)
        assert [line for line in face.connector().check() if not line.ok]


@pytest.mark.parametrize("paging", ["repeats", "endless"])
def test_pages_that_repeat_or_never_end_are_an_error(live, paging, monkeypatch):
    monkeypatch.setattr("lti_tool.lms.moodle_pages.MOST_PAGES", 20)
    monkeypatch.setattr("lti_tool.lms.moodle_pages.DISCUSSIONS_A_PAGE", 2)
    monkeypatch.setattr("lti_tool.lms.canvas_calls.MOST_PAGES", 20)
    live.campus.settings.faults.paging = paging
    with pytest.raises(LmsUnavailableError):
        read(live.connector())
