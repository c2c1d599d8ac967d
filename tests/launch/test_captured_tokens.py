"""Tokens as Moodle 4.5 sent them, and Canvas's as its source writes them, signed anew and sent over real HTTP.

Each stands in `id_tokens` or `deep_links` with the claims that the platform sent. Four are replaced, because they
belong to one launch: `nonce`, `iat`, `exp`, and `target_link_uri`, which names this tool. All others are sent as they
were: the registration has the issuer, the client id and the addresses of the captured platform, but for its keys,
which are those of the test.
"""

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import select, text

from lti_tool.launch.deep_links import DL
from lti_tool.launch.id_token import NRPS
from lti_tool.launch.tables import Course, Institution, LaunchSession, Membership, PersonKey, Registration
from lti_tool.storage import opened
from tests.launch.platform import LTI, Key
from tests.launch.stage import Browser, Stage

HERE = Path(__file__).parent
CONSENT, OVERVIEW, INFORMATION, PLACING = "/student", "/overview", "/information", "/place"
# Where each leads, and words of that page.
LEADS: dict[str, tuple[str, str]] = {
    "moodle_student": (CONSENT, 'name="decision"'),
    "moodle_student_no_name_no_email": (CONSENT, 'name="decision"'),
    "moodle_instructor": (OVERVIEW, "Not connected yet"),
    "moodle_nonediting_teacher": (OVERVIEW, "Not connected yet"),
    "moodle_site_admin": (OVERVIEW, "Not connected yet"),
    "moodle_deep_linking": (PLACING, "Course mood"),
    "canvas_student": (CONSENT, 'name="decision"'),
    "canvas_student_who_teaches_elsewhere": (CONSENT, 'name="decision"'),
    "canvas_teacher": (OVERVIEW, "Not connected yet"),
    "canvas_observer": (INFORMATION, "Nothing to show for your role"),
    "canvas_student_view": (INFORMATION, "Nothing to show for your role"),
    "canvas_admin_not_enrolled": (INFORMATION, "Nothing to show for your role"),
    "canvas_deep_linking": (PLACING, "Course mood"),
}
ROLES = {CONSENT: "student", OVERVIEW: "instructor", INFORMATION: "none", PLACING: "instructor"}
PERSONAL = ("name", "given_name", "family_name", "email")


def captured() -> dict[str, dict[str, Any]]:
    """The claims of every captured token by its name."""
    found = {
        path.stem: json.loads(path.read_text())["claims"] for path in (HERE / "id_tokens").glob("*.json")
    }
    links = (HERE / "deep_links").glob("*.json")
    return found | {f"{path.stem}_deep_linking": json.loads(path.read_text()) for path in links}


TOKENS = captured()


@pytest.fixture
def registered(stage: Stage) -> Stage:
    """Beside the stage's own platform those of the captures, whose keys lie at the stage's."""
    with stage.database.session() as session:
        institution = session.scalars(select(Institution)).first()
        for claims in TOKENS.values():
            known = Registration.issuer == claims["iss"], Registration.client_id == claims["aud"]
            if session.scalars(select(Registration).where(*known)).first() is None:
                session.add(_registration(stage, institution, claims))
                session.flush()
    return stage


def _registration(stage: Stage, institution: Institution, claims: dict[str, Any]) -> Registration:
    """Endpoints on the hosts that the captured claims name: Canvas's differ from its issuer's."""
    own = urlsplit(claims[NRPS]["context_memberships_url"])
    return Registration(
        institution_id=institution.id,
        issuer=claims["iss"],
        client_id=claims["aud"],
        authorization_url=f"{claims['iss']}/auth",
        token_url=f"{own.scheme}://{own.netloc}/token",
        keys_url=f"{stage.platform.url}/keys",
        status="active",
        deployment_policy="auto",
        created_at=institution.created_at,
    )


def send(stage: Stage, browser: Browser, name: str, key: Key | None = None) -> requests.Response:
    """Log in as the captured platform does and post its token, signed with `key` or the registered one."""
    claims, now = TOKENS[name], int(time.time())
    asked = stage.log_in(browser, iss=claims["iss"], client_id=claims["aud"])
    replaced = {"nonce": asked["nonce"], "iat": now, "exp": now + claims["exp"] - claims["iat"]}
    said = claims | replaced | {LTI + "target_link_uri": stage.target}
    return stage.launch(browser, asked, (key or stage.platform.key).sign(said))


@pytest.mark.parametrize("name", LEADS)
def test_it_validates_and_leads_to_its_page(registered: Stage, name: str) -> None:
    browser, (page, words) = registered.browser(), LEADS[name]
    answer = send(registered, browser, name)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].endswith(page)
    opened = browser.ask("GET", answer.headers["Location"])
    assert (opened.status_code, words in opened.text) == (200, True), opened.text
    with registered.database.reading() as session:
        assert session.scalars(select(LaunchSession.role)).one() == ROLES[page]
        assert session.scalars(select(Membership.role)).one() == ROLES[page]


@pytest.mark.parametrize("name", LEADS)
def test_what_it_says_of_course_and_person_is_taken_from_it(registered: Stage, name: str) -> None:
    send(registered, registered.browser(), name)
    claims = TOKENS[name]
    with registered.database.reading() as session:
        course = session.scalars(select(Course)).one()
        launch = session.scalars(select(LaunchSession)).one()
        person = session.scalars(select(opened(PersonKey.lms_user_id))).one()
    assert (course.context_key, course.title) == (
        claims[LTI + "context"]["id"],
        claims[LTI + "context"]["title"],
    )
    assert course.roster_url == claims[NRPS]["context_memberships_url"]
    assert launch.return_url == claims[LTI + "launch_presentation"].get("return_url")
    custom = claims.get(LTI + "custom", {})
    assert course.lms_course_id == custom.get("canvas_course_id")
    assert person == custom.get("canvas_user_id", claims["sub"])


@pytest.mark.parametrize("name", LEADS)
def test_nothing_personal_of_it_is_kept(registered: Stage, name: str) -> None:
    send(registered, registered.browser(), name)
    said = [value for claim in PERSONAL if (value := TOKENS[name].get(claim))]
    said += [value for value in TOKENS[name].get(LTI + "ext", {}).values() if value != "moodle-2"]
    said += [value for value in TOKENS[name].get(LTI + "lis", {}).values() if value]
    with registered.database.reading() as session:
        tables = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        rows = [str(row) for table in tables for row in session.execute(text(f"SELECT * FROM {table}"))]
    assert [value for value in said if any(f"'{value}'" in row for row in rows)] == []


@pytest.mark.parametrize("name", LEADS)
def test_signed_by_anyone_else_it_opens_nothing(registered: Stage, name: str) -> None:
    answer = send(registered, registered.browser(), name, Key(registered.platform.key.kid))
    assert (answer.status_code, registered.refusal().code) == (401, "signature")
    with registered.database.reading() as session:
        assert session.scalars(select(LaunchSession)).all() == []


def test_an_editors_question_is_answered_to_the_address_it_gave(registered: Stage) -> None:
    for name in ("moodle_deep_linking", "canvas_deep_linking"):
        browser = registered.browser()
        landing = send(registered, browser, name).headers["Location"]
        assert landing.endswith(PLACING)
        with registered.database.reading() as session:
            asked = session.get_one(LaunchSession, landing.split("/")[-2]).deep_link
        assert (
            TOKENS[name][DL + "deep_linking_settings"]["deep_link_return_url"]
            == json.loads(asked)["return_url"]
        )


def test_every_captured_token_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\ncaptured tokens: {len(TOKENS)}, each led to its page")
    assert sorted(TOKENS) == sorted(LEADS)
    for path in (HERE / "id_tokens").glob("*.json"):
        assert json.loads(path.read_text())["role"] == ROLES[LEADS[path.stem][0]]
