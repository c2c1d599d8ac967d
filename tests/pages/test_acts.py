"""What is suggested, and the words offered for it (U54, U56)."""

import re
from dataclasses import replace
from typing import get_args

import pytest

from lti_tool.insights.acts import act, act_words
from lti_tool.insights.service import body_of, latest
from lti_tool.insights.snapshot import Change, NextStep

BARRED = re.compile(r"confus|frustrat|bored|emotion|score|estimate|model|automatic|we saw|you feel|%", re.I)


@pytest.fixture
def finding(seen):
    with seen.database.reading() as session:
        return body_of(latest(session, seen.course_id)).findings[0]


def every(finding):
    for step in get_args(NextStep):
        for change in get_args(Change):
            yield replace(finding, next_step=step, change=change)


def test_a_draft_names_no_score_no_emotion_and_no_tool(seen, finding):
    with seen.app.test_request_context():
        drafts = [act(one, "Algorithms I").message for one in every(finding)]
    assert drafts
    for draft in drafts:
        assert not BARRED.search(draft), BARRED.search(draft)


def test_a_draft_offers_a_choice_a_person_and_a_way_to_be_left_alone(seen, finding):
    with seen.app.test_request_context():
        for one in every(finding):
            message = act(one, "Algorithms I").message
            assert "office hours" in message
            assert "leave you out" in message
            assert finding.place.name in message


def test_every_act_has_a_plan_of_steps_and_a_name(seen, finding):
    with seen.app.test_request_context():
        for one in every(finding):
            assert len(act(one, "A").plan) >= 3
            assert act_words(one)


def test_confusion_that_eased_is_not_answered_with_a_repair(seen, finding):
    with seen.app.test_request_context():
        assert act_words(replace(finding, change="fell")) == "Check that it holds"
        assert act_words(replace(finding, change="rose")) == "Plan a Q&A"


def test_p6_the_page_of_an_act_holds_its_draft_and_sends_nothing(seen):
    page = seen.get("FINDING/act").text
    assert "Hello all," in page
    assert "<form" not in page
