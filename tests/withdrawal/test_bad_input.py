"""Forged, replayed and overtaken choices over HTTP: a clear answer, nothing lost, a line in the log (P16, P17)."""

import re

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import service as consent
from lti_tool.consent.choices import Choices
from tests.launch.fixtures import SignedIn

YES = {"a": "yes", "b": "yes", "c": "yes", "d": "no"}
GIVEN = Choices(True, a=True, b=True, c=True)


@pytest.fixture
def student(sign_in, database) -> SignedIn:
    """Somebody who was asked and has agreed to three purposes."""
    person = sign_in("student", "5")
    assert person.get("student").status_code == 200
    assert person.post("choices", YES).status_code == 303
    return person


def chosen(database):
    with database.reading() as session:
        return consent.choices(session, whose(database))


def whose(database):
    with database.reading() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.event == "consent_changed"))
        return next(iter(rows)).subject_id


def refusals(database):
    with database.reading() as session:
        refused = select(AuditEvent.code).where(AuditEvent.event == "access_refused")
        return session.scalars(refused).all()


def revision(page):
    return re.search(r'name="revision" value="(\d+)"', page)[1]


def test_p16_a_stop_takes_two_actions_and_tells_its_effects_first(student, database):
    """From any page of a student: open “My choices”, press the button."""
    for page in ("student", "stuck", "choices/saved"):
        shown = student.get(page)
        shown = student.get(shown.headers["Location"]) if shown.status_code in (302, 303) else shown
        assert re.search(r'href="[^"]*/choices"', shown.text), page
    mine = student.get("choices").text
    for field in ("a", "b", "c"):
        assert f'/choices/{field}"' in mine
    assert mine.count("If you stop:") == 3
    assert student.post("choices/a", {"value": "no"}).status_code == 303
    assert chosen(database) == Choices(True)


@pytest.mark.parametrize(
    ("field", "form", "status", "code"),
    [
        ("a", {"value": "no", "person_id": "0" * 32}, 400, "unknown_field"),
        ("z", {"value": "no"}, 404, "not_found"),
        ("b", {"value": "perhaps"}, 404, "not_found"),
    ],
)
def test_p16_a_forged_choice_changes_nothing_and_is_logged(student, database, field, form, status, code):
    assert student.post(f"choices/{field}", form).status_code == status
    assert chosen(database) == GIVEN
    assert refusals(database) == [code]


def test_p16_a_choice_without_the_token_of_the_page_changes_nothing_and_is_logged(student, database):
    answer = student.client.post(student.address("choices/a"), data={"value": "no", "csrf_token": "x"})
    assert answer.status_code == 403
    assert chosen(database) == GIVEN
    assert refusals(database) == ["forgery"]


def test_p16_a_choice_from_another_site_changes_nothing_and_is_logged(student, database):
    answer = student.post("choices/a", {"value": "no"}, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 403
    assert chosen(database) == GIVEN
    assert refusals(database) == ["forgery"]


def test_p16_a_choice_in_somebody_elses_launch_changes_nothing_and_is_logged(student, sign_in, database):
    other = sign_in("student", "6")
    answer = other.client.post(student.address("choices/a"), data={"value": "no"})
    assert answer.status_code in (403, 404)
    assert chosen(database) == GIVEN
    assert len(refusals(database)) == 1


def test_p16_a_form_that_was_overtaken_shows_what_stands_now(student, database):
    drawn_from = revision(student.get("choices").text)
    student.post("choices/d", {"value": "yes", "revision": drawn_from})
    answer = student.post("choices/earlier", {"value": "yes", "revision": drawn_from})
    assert answer.status_code == 409
    assert "changed in another window" in answer.text
    assert "If you stop:" in answer.text, "the page of what stands now"
    assert chosen(database) == Choices(True, a=True, b=True, c=True, d=True)
    assert refusals(database) == ["choices_moved"]
    fresh = student.post("choices/earlier", {"value": "yes", "revision": revision(answer.text)})
    assert fresh.status_code == 303


def test_p16_a_replayed_first_answer_brings_back_nothing_that_was_stopped(student, database):
    student.post("choices/a", {"value": "no"})
    answer = student.post("choices", YES | {"revision": "0"})
    assert answer.status_code == 409
    assert chosen(database) == Choices(True)


def test_p17_a_stop_counts_from_a_page_that_was_overtaken_too(student, database):
    drawn_from = revision(student.get("choices").text)
    student.post("choices/d", {"value": "yes", "revision": drawn_from})
    assert student.post("choices/a", {"value": "no", "revision": drawn_from}).status_code == 303
    assert chosen(database) == Choices(True)
