"""Good launches over real HTTP that must still work (G1 to G9), for a teacher and a student."""

from typing import Any

import pytest
from sqlalchemy import select

from lti_tool.launch.tables import Course, LaunchSession
from tests.launch.platform import LTI, ROLES
from tests.launch.stage import Stage

NUMBERS = range(1, 10)
ROLE, SHORT = "role", "short role"
PERSONAL = {
    "given_name": "Ana",
    "family_name": "Roe",
    "name": "Ana Roe",
    "email": "ana@example.org",
    "locale": "fr",
}
LANDINGS = {"student": "/student", "instructor": "/overview", "none": "/information"}

# What each changes: ROLE stands for the long form of the person's own role, SHORT for the short one.
GOOD: dict[str, dict[str, Any]] = {
    "G1-full_claims": PERSONAL,
    "G2-several_roles": {LTI + "roles": [ROLE, "http://purl.imsglobal.org/vocab/lis/v2/membership#Member"]},
    "G3-short_role": {LTI + "roles": [SHORT]},
    "G4-unknown_extra_role": {LTI + "roles": [ROLE, "https://x.example/role#Odd"]},
    "G5-empty_list_of_roles": {LTI + "roles": []},
    "G5-blank_role": {LTI + "roles": [" "]},
    "G6-only_email": {"email": "ana@example.org"},
    "G7-only_names": {"given_name": "Ana", "family_name": "Roe", "name": "Ana Roe"},
    "G8-no_personal_claims": {},
    "G8-bare_context": {LTI + "context": {"id": "2", "title": None, "label": None, "type": None}},
    "G8-type_of_context_that_names_accounts": {LTI + "context": {"id": "2", "type": "AccountancyCourse"}},
    "G9-no_context": {LTI + "context": None},
    "G9-account": {LTI + "context": {"id": "2", "type": ["Account"]}},
    "G9-account_as_one_string": {LTI + "context": {"id": "2", "type": "Account"}},
}
PUBLIC = ("G5", "G9")
"""These open the information page and nothing else, whoever comes."""


@pytest.mark.parametrize("role", ["student", "instructor"])
@pytest.mark.parametrize("name", GOOD)
def test_row(stage: Stage, name: str, role: str) -> None:
    stage.role = role
    browser = stage.browser()
    asked = stage.log_in(browser)
    said = stage.claims(asked) | {claim: _of(role, value) for claim, value in GOOD[name].items()}
    signed = stage.platform.key.sign({claim: value for claim, value in said.items() if value is not None})
    answer = stage.launch(browser, asked, signed)
    assert answer.status_code == 303, answer.text
    own = "none" if name.startswith(PUBLIC) else role
    page = browser.ask("GET", answer.headers["Location"])
    assert (page.status_code, LANDINGS[own] in answer.headers["Location"]) == (200, True), answer.headers[
        "Location"
    ]
    with stage.database.reading() as session:
        assert session.scalars(select(LaunchSession.role)).one() == own
        assert len(session.scalars(select(Course)).all()) == (not name.startswith("G9"))


def test_outside_a_course_the_page_says_where_to_open_it(stage: Stage) -> None:
    browser = stage.browser()
    asked = stage.log_in(browser)
    said = stage.claims(asked)
    del said[LTI + "context"]
    answer = stage.launch(browser, asked, stage.platform.key.sign(said))
    assert "from inside a course" in browser.ask("GET", answer.headers["Location"]).text


def test_every_row_of_the_requirements_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = {int(name[1]) for name in GOOD}
    with capsys.disabled():
        print(f"\ngood launches: {len(numbers)} of {len(NUMBERS)} rows in {len(GOOD)} forms, for two roles")
    assert sorted(numbers) == list(NUMBERS)


def _of(role: str, value: Any) -> Any:
    forms = {ROLE: ROLES[role][0], SHORT: ROLES[role][0].rpartition("#")[2]}
    return [forms.get(own, own) for own in value] if isinstance(value, list) else value
