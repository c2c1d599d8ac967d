"""Error pages of a launch: seen in the course's frame, true about a form, with a way on, silent to strangers."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.errors import UndertoneError
from lti_tool.launch import origins, registrations
from lti_tool.launch.pages import launch_blueprint
from lti_tool.launch.tables import LaunchSession, Registration
from tests.launch.platform import DECIDED, facts_of

OTHER = "https://other.example"
AGAIN = "Open the tool again from your course."
NOT_SAVED = "What you wrote was not saved"
OURS = {"Origin": "http://localhost"}
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def app(app):
    """The application with a form for everybody, a page for nobody and one that meets a conflict."""
    everybody = launch_blueprint("part", __name__, ("student", "instructor", "administrator", "none"))
    everybody.post("/write", endpoint="write")(lambda: "written")
    everybody.get("/write", endpoint="form")(lambda: "form")

    @everybody.get("/conflict")
    def conflict():
        raise UndertoneError(status=409)

    @everybody.get("/broken")
    def broken():
        raise ZeroDivisionError

    nobody = launch_blueprint("nobody", __name__, roles=())
    nobody.get("/closed", endpoint="closed")(lambda: "closed")
    app.register_blueprint(everybody)
    app.register_blueprint(nobody)
    return app


@pytest.fixture
def other_platform(database, registration):
    """A second active platform and a suspended third."""
    with database.session() as session:
        for issuer in (OTHER, "https://gone.example"):
            added = registrations.add(session, datetime.now(UTC), issuer, facts_of(issuer), DECIDED)
        added.status = "suspended"


def framed_by(answer):
    return re.search("frame-ancestors ([^;]+)", answer.headers["Content-Security-Policy"])[1]


def leave_alone(database, person):
    """Half an hour and a minute pass."""
    with database.session() as session:
        session.get_one(LaunchSession, person.launch_id).seen_at -= timedelta(minutes=31)


def told(answer):
    """What a stranger could learn from an answer, its reference aside."""
    words = re.sub("<code.*</code>", "", answer.text)
    return answer.status_code, sorted(answer.headers.to_wsgi_list()), words


def test_after_half_an_hour_the_words_are_seen_in_the_frame(sign_in, database, platform, other_platform):
    person = sign_in()
    leave_alone(database, person)
    answer = person.get("write")
    assert answer.status_code == 403
    assert framed_by(answer) == platform.url
    assert "closed for your safety" in answer.text
    assert AGAIN in answer.text


def test_after_a_second_launch_the_first_frame_says_why(app, sign_in, platform):
    """In another browser the first cookie stays; in the same one it is gone."""
    first = sign_in()
    second = sign_in()
    answer = first.get("write")
    assert (answer.status_code, framed_by(answer)) == (403, platform.url)
    assert "closed for your safety" in answer.text
    sign_in(client=second.client)
    answer = second.get("write")
    assert (answer.status_code, framed_by(answer)) == (404, platform.url)
    assert "This page is closed" in answer.text
    assert AGAIN in answer.text


def test_an_unknown_address_is_answered_in_the_frame(sign_in, database, platform, other_platform):
    person = sign_in("instructor")
    answer = person.get("nosuch")
    assert (answer.status_code, framed_by(answer)) == (404, platform.url)
    assert "Back to the overview" in answer.text
    leave_alone(database, person)
    answer = person.get("nosuch")
    assert (answer.status_code, framed_by(answer)) == (404, platform.url)
    assert AGAIN in answer.text


@pytest.mark.parametrize("path", ["write", "nosuch"])
def test_without_the_cookie_every_platform_may_frame_the_page(app, sign_in, platform, other_platform, path):
    answer = app.test_client().get(sign_in().address(path))
    assert (answer.status_code, framed_by(answer)) == (404, f"{platform.url} {OTHER}")
    assert AGAIN in answer.text


@pytest.mark.parametrize("path", ["write", "nosuch"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("state", ["open", "idle"])
def test_a_stranger_cannot_tell_whether_there_is_such_a_launch(
    app, sign_in, database, other_platform, path, method, state
):
    person = sign_in()
    if state == "idle":
        leave_alone(database, person)
    stranger = app.test_client()
    stranger.set_cookie(f"__Host-undertone-{person.launch_id}", "guessed", secure=True)
    real = stranger.open(person.address(path), method=method)
    invented = app.test_client().open(f"/l/{'0' * 32}/{path}", method=method)
    assert told(real) == told(invented)


def test_the_header_names_a_bounded_number_of_platforms(database, other_platform, platform, monkeypatch):
    monkeypatch.setattr(origins, "MOST_PLATFORMS", 1)
    with database.reading() as session:
        assert origins.of_every_platform(session) == platform.url


def test_an_error_page_survives_a_database_that_fails(app, settings, database):
    database.dispose()
    (settings.home / "undertone.db").unlink()
    (settings.home / "undertone.db").mkdir()
    answer = app.test_client().get("/l/x/nosuch")
    assert (answer.status_code, framed_by(answer)) == (404, "'none'")


BACK = [
    ("instructor", "Back to the overview"),
    ("student", "Back to your page"),
    ("administrator", "Back to the connection"),
    ("none", "Back to the first page"),
]


@pytest.mark.parametrize(("role", "words"), BACK)
@pytest.mark.parametrize(
    ("path", "status"), [("nosuch", 404), ("closed", 403), ("conflict", 409), ("broken", 500)]
)
def test_every_error_page_leads_back(sign_in, role, words, path, status):
    person = sign_in(role)
    answer = person.get(path)
    assert answer.status_code == status
    assert f'href="{person.landing}">{words}</a>' in answer.text
    assert AGAIN not in answer.text


@pytest.mark.parametrize(
    "sent", [{"headers": {"Origin": "https://evil.example"}}, {"data": {"csrf_token": "x"}}]
)
def test_a_refused_form_is_told_the_truth_and_leads_back(sign_in, sent):
    person = sign_in()
    answer = person.post("write", **sent)
    assert answer.status_code == 403
    assert "did not come from a page of this tool that is still open" in answer.text
    assert "Nothing was saved" in answer.text
    assert "too long" not in answer.text
    assert f'href="{person.landing}"' in answer.text


def test_a_form_to_a_closed_page_is_told_that_nothing_was_saved(app, sign_in, database):
    person = sign_in()
    leave_alone(database, person)
    answer = person.post("write")
    assert answer.status_code == 403
    assert NOT_SAVED in answer.text
    assert AGAIN in answer.text
    answer = app.test_client().post(person.address("write"), headers=OURS)
    assert answer.status_code == 404
    assert NOT_SAVED in answer.text
    assert AGAIN in answer.text


def test_a_page_that_was_only_read_says_nothing_of_saving(sign_in, database):
    person = sign_in()
    leave_alone(database, person)
    assert "saved" not in person.get("write").text


def test_outside_a_launch_the_advice_is_to_open_the_tool_from_the_course(app):
    assert AGAIN in app.test_client().get("/nowhere").text


def test_a_refused_fragment_reloads_its_page_and_a_failed_one_is_asked_for_again(sign_in, database):
    person = sign_in()
    assert "HX-Refresh" not in person.get("broken", headers=FRAGMENT).headers
    leave_alone(database, person)
    assert person.get("write", headers=FRAGMENT).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in person.get("write").headers


def test_a_suspended_platform_is_not_named(app, sign_in, database, registration):
    person = sign_in()
    with database.session() as session:
        session.scalars(select(Registration)).one().status = "suspended"
    assert framed_by(app.test_client().get(person.address("write"))) == "'none'"
