"""The tool's own connectors read the whole campus, from either face of it."""

from urllib.parse import urlsplit

import pytest

from lti_tool.lms.canvas import CanvasConnector
from lti_tool.lms.canvas_calls import CanvasCalls
from lti_tool.lms.errors import LmsUnavailableError
from lti_tool.lms.moodle import MoodleConnector
from lti_tool.lms.moodle_calls import MoodleCalls
from lti_tool.outbound.client import Client
from lti_tool.settings import Settings


@pytest.fixture
def client(visit):
    return Client(Settings(environment="test", outbound_hosts=[urlsplit(visit.url).netloc]))


@pytest.fixture(params=["moodle", "canvas"])
def connector(request, visit, client):
    if request.param == "moodle":
        return MoodleConnector(MoodleCalls(client, visit.url, visit.campus.settings.service_token))
    return CanvasConnector(CanvasCalls(client, visit.url, visit.campus.settings.canvas_token))


def written(connector):
    """(kind, author's id, html) of every text that stands."""
    found = [post for activity in connector.activities("2") for post in connector.posts(activity)]
    return [(post.kind, post.author_id, post.html) for post in found if not post.deleted]


def test_every_text_that_students_can_see_is_read(visit, connector):
    assert all(line.ok for line in connector.check())
    now, campus = visit.clock(), visit.campus
    standing = [
        ("forum", campus.roster_sub(post.author), post.current(now).html)
        for forum in campus.forums()
        for discussion in forum.discussions
        for post in campus.posts(discussion)
        if "PLUGINFILE" not in post.current(now).html
    ] + [
        ("reflection", campus.roster_sub(row.author), row.versions[-1].html)
        for task in campus.content.assignments
        for row in campus.submissions(task)
    ]
    read = written(connector)
    assert len(standing) > 250
    assert set(standing) <= set(read)
    assert not any("only you can read" in html or "Staff notes" in html for _, _, html in read)


def test_activities_stand_in_their_weeks(connector):
    sections = {facts.name: facts.section_name for facts in connector.activities("2")}
    assert len(sections) == 13
    assert sections["Week 3 help"] == sections["Week 3 reflection"] == "Week 3: Recursion"
    assert sections["Course talk"] == "General"


def test_a_page_that_breaks_off_is_an_error_and_never_an_empty_list(visit, connector):
    for name in ("mod_forum_get_forum_discussions", "canvas:view"):
        visit.campus.settings.faults.fail_next(9, "half", function=name)
    with pytest.raises(LmsUnavailableError):
        written(connector)
