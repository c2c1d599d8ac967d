"""Asking once, freely, in layers, and only adults, as a browser sees it (P10 to P13, P22, U8 to U13)."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import func, select, update

from lti_tool.consent import facts, notice, texts
from lti_tool.consent.service import Choices, choices
from lti_tool.consent.tables import ConsentEvent, ConsentState, Wording
from lti_tool.launch import stopping
from lti_tool.launch.roles import MEMBERSHIP, TEST_USER, role_of
from lti_tool.launch.tables import Course, Institution, LaunchSession
from lti_tool.launch.tables import Course as CourseTable

YES = {"a": "yes", "b": "no", "c": "no", "d": "no"}
EVERY = {"a": "yes", "b": "yes", "c": "yes", "d": "yes", "earlier": "yes"}
PAGES = ("student", "choices", "choices/saved", "texts", "data", "stuck", "how-often-wrong")


@pytest.fixture
def student(sign_in):
    return sign_in("student")


@pytest.fixture
def asked(student):
    """A student to whom the choice page was shown."""
    assert landing(student).status_code == 200
    return student


def landing(student):
    return student.client.get(student.landing)


def dom(response):
    return HTMLParser(response.text)


def stored(database, student) -> Choices:
    with database.reading() as session:
        return choices(session, session.get_one(LaunchSession, student.launch_id).person_id)


def lines(database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(ConsentEvent)) or 0


def say(database, **institution):
    with database.session() as session:
        session.execute(update(Institution).values(**institution))


# P10 ---------------------------------------------------------------------------------------------------


def test_p10_the_basis_is_a_field_of_every_purpose_of_the_wording_and_is_shown(asked, database):
    with database.reading() as session:
        published = session.scalars(select(Wording).where(Wording.language == "en")).one()
    assert published.text["bases"] == dict.fromkeys("abcd", "explicit_consent")
    shown = dom(landing(asked)).css("#who #bases li")
    assert len(shown) == 4
    for line, field in zip(shown, "abcd", strict=True):
        assert published.text["first"]["choices"][field]["title"] in line.text()
        assert "your explicit consent" in line.text()


def test_p10_the_record_states_the_basis_that_the_notice_shows():
    for field, basis in notice.BASES.items():
        found = facts.of_purpose(texts.VERSION, field.upper())[field.upper()]
        assert basis == "explicit_consent"
        assert found.basis.startswith("explicit consent: GDPR Art. 6(1)(a)")


def test_p10_another_basis_is_another_wording():
    """Else a basis could be swapped under words that people agreed to."""
    assert texts.texts(str)["bases"] is notice.BASES


# P11, P12 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left_out", "bcd")
def test_p11_a_grant_without_an_answer_of_its_own_for_each_purpose_is_refused(asked, database, left_out):
    form = {name: value for name, value in YES.items() if name != left_out}
    answer = asked.post("choices", form)
    assert answer.status_code == 422
    assert [link.attributes["href"] for link in dom(answer).css("#problems a")] == [f"#{left_out}-no"]
    assert not stored(database, asked).answered


@pytest.mark.parametrize("value", ["on", "true", "YES", "1", ""])
def test_p11_a_value_that_the_page_does_not_offer_is_no_answer(asked, database, value):
    assert asked.post("choices", YES | {"c": value}).status_code == 422
    assert not stored(database, asked).answered


def test_p11_four_separate_choices_none_ticked_and_no_button_that_accepts_all(asked):
    page = dom(landing(asked))
    assert len(page.css("[role=radiogroup]")) == 4
    assert not page.css("input[checked]")
    submits = [button.text(strip=True) for button in page.css("main button[type=submit]")]
    assert submits == ["No thanks", "Save my choices"]


def test_p12_after_a_refusal_no_launch_asks_again(asked, sign_in, database):
    asked.post("choices", {"decision": "decline"})
    before = lines(database)
    for _launch in range(2):
        again = sign_in("student")
        page = landing(again)
        assert page.status_code == 200
        assert not dom(page).css("input[type=radio]")
    assert lines(database) == before


def test_p12_no_word_shames_who_declines(asked):
    asked.post("choices", {"decision": "decline"})
    for path in ("student", "choices/saved"):
        words = dom(asked.get(path)).css_first("main").text()
        assert not re.search(r"are you sure|miss out|sorry|unfortunately|help us|reconsider", words, re.I)


# P13 ---------------------------------------------------------------------------------------------------


def test_p13_who_declined_reaches_every_page_that_needs_nothing_of_theirs(asked):
    asked.post("choices", {"decision": "decline"})
    for path in ("student", "choices", "choices/saved", "data", "stuck", "how-often-wrong"):
        assert asked.get(path).status_code == 200, path
    assert asked.client.get(asked.get("texts").location).status_code == 200


def test_p13_the_notice_says_that_nothing_depends_on_it(asked):
    words = dom(landing(asked)).css_first("#voluntary").text()
    for thing in ("course function", "grade", "badge", "credit"):
        assert thing in words


# P22 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["", "minors"])
def test_p22_where_minors_may_be_or_nobody_has_said_no_purpose_is_offered(student, database, policy):
    say(database, ages=policy)
    page = landing(student)
    assert page.status_code == 200
    assert not dom(page).css("main input, main form")
    assert "18 or older" in dom(page).css_first("main").text()
    assert lines(database) == 0
    for form in (YES, EVERY):
        assert student.post("choices", form).status_code == 403
    assert student.post("choices/a", {"value": "yes"}).status_code == 403
    with database.reading() as session:
        assert session.scalars(select(ConsentState)).all() == []
    assert student.get("stuck").status_code == 200
    assert dom(page).css_first("footer.help-block")


def test_p22_a_course_that_may_hold_minors_offers_nothing_and_others_do(sign_in, database):
    other = sign_in("student", "6", "3")
    with database.session() as session:
        session.execute(update(Course).where(Course.context_key == "3").values(may_hold_minors=True))
    assert not dom(landing(other)).css("input[type=radio]")
    assert dom(landing(sign_in("student"))).css("input[type=radio]")


def test_p22_who_agreed_before_is_read_no_more_and_can_still_stop(asked, database):
    from datetime import UTC, datetime

    asked.post("choices", EVERY)
    say(database, ages="minors")
    with database.reading() as session:
        course = session.scalars(select(CourseTable.id)).first()
        stop = stopping.stop_of(session, datetime.now(UTC), course)
        assert stop is not None
        assert stop.level == "ages"
        assert course not in stopping.running_courses(session)
        with pytest.raises(stopping.StoppedError):
            stopping.require_running(session, datetime.now(UTC), course)
    assert "My choices" in dom(landing(asked)).css_first("nav").text()
    assert asked.post("choices/b", {"value": "no"}).status_code == 303
    assert asked.post("choices/b", {"value": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "roles",
    [
        [MEMBERSHIP + "Mentor"],
        [MEMBERSHIP + "Observer", MEMBERSHIP + "Learner"],
        [MEMBERSHIP + "Learner", TEST_USER],
        [MEMBERSHIP + "Member"],
        [MEMBERSHIP + "Learner", MEMBERSHIP + "Instructor"],
        [MEMBERSHIP + "ContentDeveloper"],
        ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Guest"],
        ["http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student"],
        ["http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant"],
        [],
    ],
)
def test_p22_guests_observers_test_students_and_staff_are_no_students(roles):
    assert role_of(roles) != "student"


@pytest.mark.parametrize(
    "role", ["instructor", "administrator", MEMBERSHIP + "Mentor", MEMBERSHIP + "Member"]
)
def test_p22_nobody_but_a_student_is_asked(sign_in, database, role):
    person = sign_in(role)
    for path in PAGES:
        assert person.get(path).status_code == 403
    assert person.post("choices", EVERY).status_code == 403
    assert lines(database) == 0


def test_p22_the_administrators_page_says_who_is_in_the_courses(sign_in, database):
    say(database, ages="")
    person = sign_in("administrator")
    assert "no student is asked" in person.get("connection").text
    decision = {"mode": "aggregate_only", "approver": "the dean", "reason": "to see", "ages": "adults"}
    assert person.post("connection/mode", decision).status_code == 303
    page = person.get("connection/mode")
    assert "Everybody in every course is 18 or older." in page.text
    course = dom(page).css_first("form[action*='/ages']").attributes["action"]
    assert person.post(course, {"ages": "minors"}).status_code == 303
    assert "may hold people under 18" in person.get("connection/mode").text
    assert not dom(landing(sign_in("student"))).css("input[type=radio]")


def test_p22_a_decision_that_says_nothing_of_ages_keeps_what_was_said(sign_in, database):
    person = sign_in("administrator")
    decision = {"mode": "aggregate_only", "approver": "the dean", "reason": "to see"}
    assert person.post("connection/mode", decision).status_code == 303
    with database.reading() as session:
        institution = session.scalars(select(Institution)).one()
        assert (institution.mode, institution.ages) == ("aggregate_only", "adults")
    assert person.post("connection/mode", decision | {"ages": "children"}).status_code == 400


def test_p22_nobody_marks_a_course_of_another_institution(sign_in, database):
    person = sign_in("administrator")
    assert person.post("connection/courses/" + "0" * 32 + "/ages", {"ages": "minors"}).status_code == 404


# U8 to U14 ---------------------------------------------------------------------------------------------


def test_u8_the_first_page_holds_everything_and_its_layers_open_in_place(student):
    page = dom(landing(student))
    assert page.css_first(".lead-words").text()
    assert len(page.css(".question")) == 4
    assert all(question.css_first(".quiet").text(strip=True) for question in page.css(".question"))
    assert len(page.css(".never li")) == 4
    assert [layer.attributes["id"] for layer in page.css("details.layer")] == ["who", "how"]
    assert page.css_first("footer.help-block")
    assert not page.css("nav.tabs")


def test_u9_nothing_is_on_at_first_and_all_off_is_fine_and_says_so(asked):
    answer = asked.post("choices", dict.fromkeys("abcd", "no"))
    assert "That is a fine choice" in asked.client.get(answer.location).text


def test_u10_a_choice_that_needs_the_first_is_explained_and_flips_nothing(asked, database):
    answer = asked.post("choices", {"a": "no", "b": "no", "c": "yes", "d": "no"})
    assert answer.status_code == 422
    page = dom(answer)
    assert "needs a Yes to the first choice" in page.css_first("#c-problem").text()
    assert page.css_first("#a-no").attributes.get("checked", "absent") != "absent"
    assert not stored(database, asked).answered
    assert page.css_first("#needs-a").text(strip=True) == "These need the first choice:"


def test_u11_the_worked_example_has_a_wrong_label_and_how_to_contest_it(student):
    example = dom(landing(student)).css_first(".worked-example")
    assert example.css_first("mark").text() == "Nothing was confusing"
    assert example.css_first(".label-chip-wrong").text() == "may read as confused"
    assert "This is wrong" in example.text()


def test_u12_after_saving_it_says_who_is_told_and_the_one_limit(asked):
    page = asked.client.get(asked.post("choices", EVERY).location)
    assert "Your instructors are not told what you chose." in page.text
    assert "One honest limit" in page.text
    assert "looks the same as having nothing to show" in page.text


def test_u13_every_page_of_a_student_leads_to_my_choices_and_each_stop_tells_its_effect(asked):
    asked.post("choices", EVERY)
    for path in ("texts", "data", "stuck", "choices/saved", "how-often-wrong", "choices"):
        links = [link.text(strip=True) for link in dom(asked.get(path)).css("nav.tabs a")]
        assert "My choices" in links, path
    rows = dom(asked.get("choices")).css(".my-choice")
    assert len(rows) == 5
    for row in rows:
        told, button = row.text().index("If you stop"), row.text().index("Stop:")
        assert told < button


# Bad input ---------------------------------------------------------------------------------------------


def test_a_form_made_from_other_words_is_told_so_and_changes_nothing(asked, database):
    answer = asked.post("choices", EVERY | {"wording": "0" * 64})
    assert answer.status_code == 409
    assert "Please read the new ones" in answer.text
    assert not stored(database, asked).answered


def test_the_form_names_the_words_it_was_made_from(asked, database):
    page = dom(landing(asked))
    with database.reading() as session:
        published = session.scalars(select(Wording.sha256).where(Wording.language == "en")).one()
    assert {one.attributes["value"] for one in page.css("[name=wording]")} == {published}
    assert len(page.css("#choices [name=wording]")) == len(page.css("#decline [name=wording]")) == 1
