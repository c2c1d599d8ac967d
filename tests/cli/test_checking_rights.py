"""`undertone check` against a campus whose reading account lacks one thing: it is named as the LMS names it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.demo.campus import Campus, CampusSettings, campus_of, create_campus, serve
from lti_tool.launch.tables import Course, Deployment, Registration
from lti_tool.lms.moodle import FUNCTIONS
from tests.cli.conftest import platform

NEEDED = (
    "moodle/course:view",
    "mod/forum:viewdiscussion",
    "mod/forum:viewqandawithoutposting",
    "moodle/site:accessallgroups",
    "mod/assign:view",
    "mod/assign:viewgrades",
)
NOTED = ("moodle/course:viewparticipants", "moodle/user:viewdetails", "moodle/course:enrolreview")


@pytest.fixture
def campus() -> Iterator[Campus]:
    """A campus with something to try each right on."""
    app = create_campus(CampusSettings(environment="test"))
    server, thread = serve(app, 0)
    made = campus_of(app)
    questions = made.add_forum("Questions", "qanda")
    asked = made.open_discussion("instructor", questions.id, "Why?", "<p>Why?</p>")
    made.reply("will", asked.posts[0].id, "<p>Because.</p>")
    apart = made.add_forum("In groups", separate_groups=True)
    made.open_discussion("instructor", apart.id, "All", "<p>For all.</p>")
    made.open_discussion("will", apart.id, "Ours", "<p>For A.</p>", group="A")
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def check(undertone, campus, monkeypatch):
    """The command's lines about the LMS, where a course of the campus was opened; the model is not looked at."""
    monkeypatch.setattr("lti_tool.health._models", lambda installation: iter(()))
    root = campus.settings.base_url
    host = json.dumps([root.removeprefix("http://")])
    undertone.settings["UNDERTONE_OUTBOUND_HOSTS"] = host
    made = undertone("register", *platform(root), UNDERTONE_LMS_TOKEN=campus.settings.service_token)
    assert made.exit_code == 0, made.output
    now = datetime.now(UTC)
    with undertone.database.session() as session:
        one = session.scalars(select(Registration)).one()
        deployment = Deployment(registration_id=one.id, deployment_key="1", created_at=now)
        session.add(deployment)
        session.flush()
        own = {"institution_id": one.institution_id, "deployment_id": deployment.id, "context_key": "2"}
        session.add(Course(**own, last_launch_at=now))

    def lines():
        return [line for line in undertone("check").output.splitlines() if f"LMS of {root}" in line]

    return lines


def test_each_right_and_a_function_is_named(check, campus):
    without = campus.settings.moodle_without
    assert not [line for line in check() if line.startswith("WRONG")]
    for name in (*NEEDED, FUNCTIONS[-1]):
        without.add(name)
        assert [line for line in check() if line.startswith("WRONG") and name in line], name
        without.discard(name)
    for name in NOTED:
        without.add(name)
        told = [line for line in check() if name in line]
        assert told, name
        assert all(line.startswith("ok") for line in told)
        without.discard(name)


def test_without_a_course_the_rights_are_said_to_be_untried(check, undertone, campus):
    with undertone.database.session() as session:
        session.delete(session.scalars(select(Course)).one())
    campus.settings.moodle_without |= set(NEEDED)
    (good, untried) = check()
    assert good.startswith("ok")
    assert "was not tried, since none was opened yet" in untried


def test_a_missing_function_hides_no_missing_right(check, campus):
    campus.settings.moodle_without |= {FUNCTIONS[-1], "mod/forum:viewdiscussion"}
    (wrong,) = [line for line in check() if line.startswith("WRONG")]
    assert FUNCTIONS[-1] in wrong
    assert "mod/forum:viewdiscussion" in wrong
