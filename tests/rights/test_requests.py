"""Requests to the data-protection staff (P42), and the list after a breach (P65)."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from lti_tool.audit.tables import AuditEvent
from lti_tool.errors import FieldError, NotFoundError
from lti_tool.ingest.tables import Post
from lti_tool.launch import people
from lti_tool.launch.tables import Course, Institution, LaunchSession, Person, PersonKey
from lti_tool.rights import breach, requests
from lti_tool.rights.requests import RequestClosedError
from lti_tool.rights.requests_tables import DataRequest, DataRequestPerson
from tests.classroom import START, Classroom

from .conftest import CONFUSED, WRITTEN, YES, give_texts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def gone(writer, database):
    """The writer has left the course."""
    with database.session() as session:
        for present in ({"5"}, set()):
            people.follow_roster(session, NOW, writer.course, present)
        writer.institution = session.get_one(Course, writer.course).institution_id
    return writer


def test_p42_a_request_is_due_in_a_month():
    due = requests.a_month_after
    assert due(datetime(2026, 11, 20, tzinfo=UTC)) == datetime(2026, 12, 20, tzinfo=UTC)
    assert due(datetime(2027, 1, 31, tzinfo=UTC)) == datetime(2027, 2, 28, tzinfo=UTC)
    assert due(datetime(2026, 12, 31, tzinfo=UTC)) == datetime(2027, 1, 31, tzinfo=UTC)


def test_p42_p43_somebody_who_left_is_found_by_their_id_in_the_lms_and_gets_a_copy(gone, other, database):
    with database.session() as session:
        made = requests.record(session, NOW, gone.institution, "access", " 5 ", None)
        assert requests.subjects(session, made) == [gone.person]
        request_id = made.id
        document = requests.give_copy(session, NOW, made)
    said = json.dumps(document, ensure_ascii=False)
    assert CONFUSED in said
    assert "Somebody else" not in said
    with database.reading() as session:
        acts = [line["act"] for line in session.get_one(DataRequest, request_id).evidence]
        assert acts == ["recorded", "copy_given"]
        exported = select(AuditEvent.subject_id).where(AuditEvent.event == "data_exported")
        assert session.scalars(exported).all() == [gone.person]


def test_p42_an_erasure_is_carried_out_in_every_course_and_leaves_evidence_without_a_person(
    gone, other, database
):
    with database.session() as session:
        made = requests.record(session, NOW, gone.institution, "erasure", "5", None)
        assert requests.erase(session, NOW, made, None, "en") == 5
        request_id = made.id
    with database.session() as session:
        assert session.get(Person, gone.person) is None
        assert set(session.scalars(select(Post.person_id))) == {other.person}
        assert gone.person not in session.scalars(select(PersonKey.person_id)).all()
        row = session.get_one(DataRequest, request_id)
        assert requests.subjects(session, row) == []
        assert [line["act"] for line in row.evidence] == ["recorded", "erased"]
        assert gone.person not in json.dumps(row.evidence)
        requests.close(session, NOW, row, "done", "Told by letter, file 12", None)
        assert row.state == "done"
        with pytest.raises(RequestClosedError):
            requests.erase(session, NOW, row, None, "en")


def test_p42_a_request_about_nobody_known_is_kept_too_and_closing_forgets_whom(gone, database):
    with database.session() as session:
        nobody = requests.record(session, NOW, gone.institution, "access", "no such id", None)
        assert requests.subjects(session, nobody) == []
        assert nobody.evidence[0]["courses"] == 0
        known = requests.record(session, NOW, gone.institution, "objection", "5", None)
        requests.close(session, NOW, known, "refused", "It was withdrawn", None)
        assert session.scalars(select(DataRequestPerson)).all() == []


def test_p35_p42_what_staff_write_about_a_request_is_sealed(gone, database):
    with database.session() as session:
        made = requests.record(session, NOW, gone.institution, "objection", "5", None)
        requests.note(session, NOW, made, "Her brother rang", None)
        request_id = made.id
    with database.session() as session:
        stored = session.execute(text("SELECT evidence FROM data_requests")).scalar_one()
        assert stored.startswith("u1.")
        row = session.get_one(DataRequest, request_id)
        assert [line.get("words") for line in row.evidence] == [None, "Her brother rang"]
        requests.close(session, NOW, row, "done", "Told", None)
        assert [line["act"] for line in row.evidence] == ["recorded", "noted", "done"]


def test_p42_what_does_not_fit_is_refused_and_nothing_is_saved(gone, database):
    wrong = [("party", "5", None), ("access", " ", None), ("access", "5", NOW + timedelta(days=1))]
    for kind, lms_user, received in wrong:
        with pytest.raises(FieldError), database.session() as session:
            requests.record(session, NOW, gone.institution, kind, lms_user, None, received)
    with database.session() as session:
        made = requests.record(session, NOW, gone.institution, "access", "5", None)
        for state, words in (("open", "words"), ("done", " "), ("done", "x" * 501)):
            with pytest.raises(FieldError):
                requests.close(session, NOW, made, state, words, None)
        elsewhere = Classroom(session).institution_id
        with pytest.raises(NotFoundError):
            requests.one(session, elsewhere, made.id)
        assert requests.people_of(session, elsewhere, "5") == []
        assert [one.id for one in requests.listed(session, gone.institution)] == [made.id]


def test_p42_an_overdue_request_is_told_on_every_administrators_page(sign_in, gone, database):
    boss = sign_in("administrator", "8")
    now = datetime.now(UTC)
    with database.session() as session:
        received = now - timedelta(days=20)
        requests.record(session, now, gone.institution, "access", "5", None, received)
    for page in ("connection", "protection"):
        assert "overdue" not in boss.get(page).text
    with database.session() as session:
        session.scalars(select(DataRequest)).one().due_at = now - timedelta(minutes=1)
    for page in ("connection", "protection", "reading"):
        assert "1 request of a person about their data is overdue" in boss.get(page).text


def test_p42_a_request_lives_on_the_page_from_its_record_to_its_end(sign_in, gone, database):
    boss = sign_in("administrator", "8")
    assert boss.get("protection/requests/new").status_code == 200
    assert boss.post("protection/requests", {"kind": "erasure", "lms_user": ""}).status_code == 400
    wrong_day = {"kind": "erasure", "lms_user": "5", "received": "tomorrow"}
    assert boss.post("protection/requests", wrong_day).status_code == 400
    answer = boss.post("protection/requests", {"kind": "erasure", "lms_user": "5", "received": "2026-01-02"})
    assert answer.status_code == 303
    page = answer.headers["Location"]
    assert "1 course" in boss.get(page).text
    assert boss.post(f"{page}/erase").status_code == 400
    assert boss.post(f"{page}/erase", {"sure": "yes"}).status_code == 303
    assert "Everything was erased" in boss.get(page).text
    assert boss.post(f"{page}/close", {"state": "open", "words": "Wrote to them"}).status_code == 303
    assert boss.post(f"{page}/close", {"state": "done", "words": ""}).status_code == 400
    assert boss.post(f"{page}/close", {"state": "done", "words": "Told"}).status_code == 303
    assert "Told" in boss.get(page).text


@pytest.mark.parametrize("answered", [YES, {"decision": "decline"}])
def test_p14_p42_no_page_of_a_request_gives_texts_or_tells_who_agreed(sign_in, database, answered):
    """The same words and the same answers for somebody who agreed and for somebody who declined."""
    boss, student = sign_in("administrator", "8"), sign_in("student", "5")
    student.get("student")
    student.post("choices", answered)
    if answered is YES:
        give_texts(database, student)
    page = boss.post("protection/requests", {"kind": "access", "lms_user": "5"}).headers["Location"]
    assert boss.post(f"{page}/copy").status_code in (404, 405)
    before = boss.get(page).text
    assert "undertone request copy --id" in before
    assert "1 course" in before
    boss.post(f"{page}/erase", {"sure": "yes"})
    for shown in (before, boss.get(page).text):
        assert CONFUSED not in shown
        assert not re.search(r"\d texts?\b", shown)


def test_p48_a_copy_is_on_record_as_a_look_without_a_number_and_told_to_the_person(writer, sign_in, database):
    decliner = sign_in("student", "6")
    decliner.get("student")
    decliner.post("choices", {"decision": "decline"})
    with database.session() as session:
        institution = session.get_one(Course, writer.course).institution_id
        for lms_user in ("5", "6"):
            made = requests.record(session, NOW, institution, "access", lms_user, None)
            requests.give_copy(session, NOW, made)
    with database.reading() as session:
        looks = session.scalars(select(AuditEvent).where(AuditEvent.event == "texts_read")).all()
        assert {look.subject_id for look in looks} == {writer.person, decliner_id(session, decliner)}
        assert all(look.facts == {"page": "copy for a request", "role": "operator"} for look in looks)
    assert "Whoever runs this tool, for a copy that you asked for" in writer.browser.get("data").text


def decliner_id(session, browser):
    return session.get_one(LaunchSession, browser.launch_id).person_id


def test_p65_the_list_names_people_by_pseudonym_with_kinds_and_times(writer, other, database):
    start, end = WRITTEN - timedelta(days=1), datetime.now(UTC) + timedelta(days=1)
    with database.session() as session:
        institution = session.scalars(select(Institution)).one()
        found = breach.report(session, NOW, institution, start, end, lms_ids=False)
        students = {one.pseudonym: one for one in found}
        assert {writer.person, other.person} <= set(students)
        assert {one.lms_user_id for one in found} == {None}
        held = {one.kind: one for one in students[writer.person].held}
        assert (held["posts"].rows, held["posts"].first, held["posts"].last) == (5, WRITTEN, WRITTEN)
        assert held["scores"].rows == 2
        assert {"person_keys", "consent_states", "launch_sessions"} <= set(held)
        assert students[writer.person].events > 0
        row = session.scalars(select(AuditEvent).where(AuditEvent.event == "breach_report")).one()
        assert row.facts == {"subjects": len(found), "lms_ids": 0}


def test_p65_lms_ids_come_only_when_they_are_asked_for_and_that_is_on_record(writer, database):
    with database.session() as session:
        institution = session.scalars(select(Institution)).one()
        window = WRITTEN, datetime.now(UTC) + timedelta(days=1)
        found = breach.report(session, NOW, institution, *window, lms_ids=True)
        assert {one.pseudonym: one.lms_user_id for one in found}[writer.person] == "5"
        row = session.scalars(select(AuditEvent).where(AuditEvent.event == "breach_report")).one()
        assert row.facts["lms_ids"] == 1


def test_p65_what_came_after_the_window_and_other_institutions_are_not_listed(writer, database):
    with database.session() as session:
        institution = session.scalars(select(Institution)).one()
        room = Classroom(session)
        stranger = room.person("A")
        room.post(stranger, room.activity("Forum"))
        window = WRITTEN - timedelta(days=9), WRITTEN - timedelta(days=8)
        found = breach.report(session, NOW, institution, *window, lms_ids=False)
        kinds = {held.kind for one in found for held in one.held if one.pseudonym == writer.person}
        assert "posts" not in kinds
        assert stranger not in {one.pseudonym for one in found}
        with pytest.raises(FieldError):
            breach.report(session, NOW, institution, WRITTEN, WRITTEN, lms_ids=False)


def test_p65_somebody_who_was_erased_meanwhile_is_known_by_the_ledger_alone(gone, database):
    with database.session() as session:
        institution = session.get_one(Institution, gone.institution)
        made = requests.record(session, NOW, gone.institution, "erasure", "5", None)
        requests.erase(session, NOW, made, None, "en")
    with database.session() as session:
        window = START, datetime.now(UTC) + timedelta(days=1)
        found = breach.report(session, NOW, institution, *window, lms_ids=True)
        (one,) = [one for one in found if one.pseudonym == gone.person]
        assert one.lms_user_id is None
        assert {held.kind for held in one.held} <= {"consent_events", "training_withdrawals"}
