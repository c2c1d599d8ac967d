"""`undertone check` against a Canvas whose developer key lacks one scope: it is named as Canvas names it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.demo.campus import Campus, CampusSettings, campus_of, create_campus, serve
from lti_tool.launch.tables import Course, Deployment, Registration
from lti_tool.lms.canvas_scopes import SCOPES
from tests.cli.conftest import platform


@pytest.fixture
def canvas() -> Iterator[Campus]:
    app = create_campus(CampusSettings(environment="test"))
    server, thread = serve(app, 0)
    yield campus_of(app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def check(undertone, canvas, monkeypatch):
    """The command's lines about the LMS, with a course opened or none; the model is not looked at."""
    monkeypatch.setattr("lti_tool.health._models", lambda installation: iter(()))
    root = canvas.settings.base_url
    undertone.settings["UNDERTONE_OUTBOUND_HOSTS"] = json.dumps([root.removeprefix("http://")])
    token = canvas.settings.canvas_token
    made = undertone("register", *platform(root), "--lms", "canvas", UNDERTONE_LMS_TOKEN=token)
    assert made.exit_code == 0, made.output

    def lines():
        return [line for line in undertone("check").output.splitlines() if f"LMS of {root}" in line]

    return lines


def open_course(undertone):
    """A course of that Canvas was opened."""
    now = datetime.now(UTC)
    with undertone.database.session() as session:
        one = session.scalars(select(Registration)).one()
        deployment = Deployment(registration_id=one.id, deployment_key="1", created_at=now)
        session.add(deployment)
        session.flush()
        own = {"institution_id": one.institution_id, "deployment_id": deployment.id, "context_key": "4f1d"}
        session.add(Course(**own, lms_course_id="2", last_launch_at=now))


@pytest.mark.parametrize("opened", [False, True])
def test_each_scope_that_is_missing_is_named_and_no_other(undertone, check, canvas, opened):
    if opened:
        open_course(undertone)
    switches = canvas.settings.canvas
    switches.scopes = frozenset(SCOPES)
    assert [line.split()[0] for line in check()] == ["ok"] * (1 if opened else 2)
    assert opened or "none was opened yet" in check()[1]
    for name in SCOPES:
        switches.scopes = frozenset(SCOPES) - {name}
        (wrong,) = [line for line in check() if line.startswith("WRONG")]
        assert [scope for scope in SCOPES if f"{scope}." in wrong] == [name]


def test_a_permission_that_is_missing_in_the_course_and_emptied_includes_are_told(undertone, check, canvas):
    open_course(undertone)
    switches = canvas.settings.canvas
    switches.forbidden = frozenset({"submissions"})
    assert any(line.startswith("WRONG") and "teacher of the course" in line for line in check())
    switches.forbidden, switches.scopes, switches.allow_includes = frozenset(), frozenset(SCOPES), False
    told = check()
    assert not [line for line in told if line.startswith("WRONG")]
    assert any("Allow Include Parameters" in line for line in told)
