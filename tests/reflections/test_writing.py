"""The student's page: who may write, drafts, two windows, handing in, closing, taking back."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from lti_tool.consent.tables import ConsentState
from lti_tool.launch.tables import Institution
from lti_tool.reflections import writing
from lti_tool.reflections.errors import TooLongError
from lti_tool.storage import Base
from tests.reflections.conftest import ASKED, OTHERWISE, TEXT, YES

AS_SCRIPT = {"headers": {"Accept": "application/json"}}
SECRET = "zephyrmarmalade"


def editor(page):
    found = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return found[1] if found else None


def below_the_head(page):
    """The page without its head, where the choice of language stands."""
    return page[page.index("<main") :]


def test_the_choice_page_comes_first_and_leads_back(course):
    course.set()
    person = course.open()
    assert person.landing.endswith("/writing")
    assert person.get("writing").headers["Location"].endswith("/student")
    assert person.get(course.page()).headers["Location"].endswith("/student")
    person.post("choices", YES)
    assert f'href="/l/{person.launch_id}/writing"' in person.get("choices/saved").text
    assert person.get("writing").headers["Location"].endswith(course.page())
    page = person.get(course.page()).text
    assert ASKED in page
    assert editor(page) == ""
    assert page.index("for your own view and the class picture") < page.index("<textarea")


def test_a_link_without_a_prompt_says_so(course):
    assert "Not ready yet" in course.student().get("writing").text


def test_a_link_of_the_course_leads_to_no_reflection(course, sign_in):
    course.set()
    person = sign_in("student")
    person.post("choices", YES)
    assert person.get("writing").status_code == 404
    assert "/writing" not in person.get("texts").text
    assert person.get(course.page()).status_code == 200


@pytest.mark.parametrize(
    ("b", "mode", "readable"),
    [("no", "individual", 0), ("yes", "individual", 1), ("yes", "aggregate_only", 0)],
)
def test_what_happens_with_a_text_is_said_as_it_is(course, b, mode, readable):
    course.set()
    person = course.student(choices=YES | {"b": b})
    with course.database.session() as session:
        session.scalars(select(Institution)).one().mode = mode
    page = person.get(course.page()).text
    assert ("your instructors can read it too" in page) == bool(readable)
    assert ("groups of 5 or more" in page) == (not readable)


def test_who_said_no_has_nothing_to_type_into_and_the_same_other_way(course):
    course.set()
    declined = course.student("5", {"decision": "decline"}).get(course.page()).text
    agreed = course.student("6").get(course.page()).text
    assert editor(declined) is None
    assert "<form" not in below_the_head(declined)
    assert "<form" in below_the_head(agreed)
    assert ASKED in declined
    for page in (declined, agreed):
        assert OTHERWISE in page
        assert "Your instructors are not told who writes here and who does not" in page
    assert "must" not in declined
    assert "please" not in declined.lower()


@pytest.mark.parametrize("choices", [None, {"decision": "decline"}])
@pytest.mark.parametrize("act", ["draft", "hand_in"])
def test_no_text_of_who_did_not_agree_is_written_anywhere(course, choices, act):
    course.set()
    person = course.student("5", choices) if choices else course.open()
    answer = person.post(course.page(), {"text": SECRET, "act": act, "version": ""})
    assert answer.status_code == 403
    assert SECRET not in answer.text
    assert course.texts() == []
    assert course.jobs("reflections") == 0
    for file in course.settings.home.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_a_draft_is_kept_encrypted_and_read_by_nothing(course):
    course.set()
    person = course.student()
    assert course.write(person, SECRET, "draft").status_code == 303
    assert editor(person.get(course.page()).text) == SECRET
    row = course.own(person)
    assert (row.draft, row.text, row.waiting, row.handed_in_at) == (SECRET, None, False, None)
    assert course.jobs("reflections") == 0
    with course.database.reading() as session:
        assert SECRET not in session.execute(text("SELECT draft FROM reflection_texts")).scalar_one()
    assert SECRET not in course.student("6").get(course.page()).text


def test_the_page_itself_saves_and_hears_what_became_of_it(course):
    course.set()
    person = course.student()
    first = course.write(person, "One", "draft", **AS_SCRIPT)
    assert first.json["version"] == course.own(person).version
    assert re.fullmatch(r"\d\d:\d\d", first.json["at"])
    second = course.write(person, "One two", "draft", **AS_SCRIPT)
    assert second.json["version"] != first.json["version"]
    emptied = course.write(person, "  ", "draft", **AS_SCRIPT)
    assert emptied.json["version"] == ""
    assert course.texts() == []


def test_two_windows_do_not_overwrite_each_other(course):
    course.set()
    person = course.student()
    course.write(person, "From the first", "draft")
    stale = course.write(person, "From the second", "draft", version="", **AS_SCRIPT)
    assert (stale.status_code, stale.json["code"]) == (409, "windows_differ")
    assert stale.json["version"] == course.own(person).version
    shown = course.write(person, "From the second", "hand_in", version="f" * 32)
    assert shown.status_code == 409
    assert editor(shown.text) == "From the second"
    assert "From the first" in shown.text
    assert course.own(person).draft == "From the first"
    mark = re.search(r'name="version" value="(\w+)"', shown.text)[1]
    assert course.write(person, "From the second", "draft", version=mark).status_code == 303
    assert course.own(person).draft == "From the second"


def test_a_text_deleted_in_another_window_does_not_come_back_by_itself(course):
    course.set()
    person = course.student()
    course.write(person, "Old", "draft")
    version = course.own(person).version
    person.post(course.page() + "/delete")
    assert course.write(person, "Old", "draft", version=version, **AS_SCRIPT).status_code == 409
    assert course.texts() == []


def test_handing_in_changing_and_handing_in_again(course):
    course.set()
    person = course.student()
    answer = course.write(person)
    assert answer.headers["Location"].endswith("?done=handed_in")
    page = person.get(answer.headers["Location"]).text
    assert "Handed in." in page
    assert editor(page) is None
    assert TEXT in page
    first = course.own(person)
    assert (first.text, first.draft, first.waiting) == (TEXT, None, True)
    assert course.jobs("reflections") == 1
    assert editor(person.get(course.page() + "?change=1").text) == TEXT
    course.write(person, "Changed", "draft")
    kept = course.own(person)
    assert (kept.text, kept.draft, kept.handed_in_at) == (TEXT, "Changed", first.handed_in_at)
    course.write(person, "Changed")
    last = course.own(person)
    assert (last.text, last.draft, last.first_handed_in_at) == ("Changed", None, first.first_handed_in_at)
    assert last.handed_in_at > first.handed_in_at
    assert course.jobs("reflections") == 1


@pytest.mark.parametrize("nothing", ["", " \n ", "> quoted\n> only", "\x00\u202e"])
def test_nothing_of_ones_own_is_not_handed_in(course, nothing):
    course.set()
    answer = course.write(course.student(), nothing)
    assert (answer.status_code, "nothing of your own" in answer.text) == (422, True)
    assert course.texts() == []


def test_too_long_a_text_stays_in_the_editor(course):
    course.set()
    person = course.student()
    answer = course.write(person, "é" * 20_001, "draft")
    assert (answer.status_code, editor(answer.text)) == (422, "é" * 20_001)
    assert course.write(person, "\U0001f600" * 20_000, "draft").status_code == 303
    assert len(course.own(person).draft) == 20_000


def test_what_is_typed_is_tidied_and_no_more():
    assert writing.as_typed("a\x00\u202e\r\n\r\n> b\t c \u200d\x1b") == "a\n\n> b\t c \u200d"
    assert writing.as_typed("e\u0301") == "é"
    with pytest.raises(TooLongError):
        writing.as_typed("x" * 20_001)


def test_before_and_after_its_dates_nothing_is_taken(course):
    course.set()
    person = course.student()
    course.write(person, "A draft", "draft")
    soon = datetime.now(UTC) + timedelta(hours=1)
    course.move(opens_at=soon)
    page = person.get(course.page()).text
    assert ASKED not in page
    assert editor(page) is None
    assert course.write(person, "More", "draft").status_code == 409
    course.move(opens_at=None, closes_at=datetime.now(UTC) - timedelta(seconds=1))
    late = course.write(person, "More")
    assert (late.status_code, "is not open now" in late.text) == (409, True)
    page = person.get(course.page()).text
    assert editor(page) is None
    assert "A draft" in page
    assert "which was not handed in" in page
    assert course.own(person).draft == "A draft"
    assert person.post(course.page() + "/delete").status_code == 303
    assert course.texts() == []


def test_an_opening_that_is_moved_into_the_future_hides_the_question_and_no_text_of_ones_own(course):
    course.set()
    person, other = course.student("5"), course.student("6")
    course.write(person)
    course.move(opens_at=datetime.now(UTC) + timedelta(hours=1))
    page = person.get(course.page()).text
    assert ASKED not in page
    assert editor(page) is None
    assert TEXT in page
    assert "Change it" not in page
    assert "Delete it now" in page
    nothing = other.get(course.page()).text
    assert "Delete it now" not in nothing
    assert "It is closed" not in nothing


@pytest.mark.parametrize(
    ("typed", "told"), [(TEXT, False), ("a  <b> &\n\n  -> c", False), ("Mine\n> too, I meant", True)]
)
def test_lines_that_were_taken_for_quotations_are_told(course, typed, told):
    course.set()
    person = course.student()
    page = person.get(course.write(person, typed).headers["Location"]).text
    assert ("taken for quotations" in page) == told


def test_while_the_tool_is_paused_nothing_is_kept(course):
    course.set()
    person = course.student()
    with course.database.session() as session:
        session.scalars(select(Institution)).one().mode = "off"
    assert person.get(course.page()).headers["Location"].endswith("/student")
    assert course.write(person, SECRET, "draft").status_code == 403
    assert course.texts() == []


@pytest.mark.parametrize("act", ["draft", "hand_in"])
@pytest.mark.parametrize("held", ["pause", "changed words"])
def test_while_nothing_of_ones_own_is_read_nothing_is_taken_and_the_page_says_so(course, act, held):
    course.set()
    person = course.student()
    course.write(person, "As it was")
    before = course.own(person)
    hold(course, person, held)
    page = person.get(course.page() + "?change=1").text
    assert ("You have paused" in page, "have changed" in page) == (held == "pause", held != "pause")
    assert "is read by this tool" not in page
    assert editor(page) is None
    assert "As it was" in page
    assert "Delete it now" in page
    assert "Change it" not in page
    answer = course.write(person, SECRET, act)
    assert (answer.status_code, editor(answer.text)) == (409, SECRET), "what was typed can still be copied"
    assert "so nothing was saved" in answer.text
    assert course.write(person, SECRET, act, **AS_SCRIPT).json["code"] == "not_read_now"
    after = course.own(person)
    assert (after.text, after.draft, after.version) == (before.text, None, before.version)


def test_after_a_pause_writing_goes_on(course):
    course.set()
    person = course.student()
    course.write(person, "A draft", "draft")
    person.post("data/pause", {"value": "pause"})
    assert "A draft" in person.get(course.page()).text
    person.post("data/pause", {"value": "resume"})
    page = person.get(course.page()).text
    assert "You have paused" not in page
    assert editor(page) == "A draft"
    assert course.write(person, "A draft").status_code == 303


def hold(course, person, held):
    if held == "pause":
        assert person.post("data/pause", {"value": "pause"}).status_code == 303
        return
    with course.database.session() as session:
        session.scalars(select(ConsentState)).one().suspended = "A"


def test_withdrawing_erases_draft_and_text_and_closes_the_editor(course):
    course.set()
    person, other = course.student("5"), course.student("6")
    for one in (person, other):
        course.write(one)
    course.write(person, SECRET, "draft")
    version = course.own(person).version
    person.post("choices/a", {"value": "no"})
    assert [row.person_id for row in course.texts()] == [course.own(other).person_id]
    assert editor(person.get(course.page()).text) is None
    assert person.post(course.page(), {"text": SECRET, "act": "draft", "version": version}).status_code == 403


def test_my_data_counts_and_exports_what_is_typed_here_for_its_writer_alone(course):
    course.set()
    person, other = course.student("5"), course.student("6")
    course.write(person, SECRET, "draft")
    course.write(other, "Not yours")
    assert "Reflections that you wrote in this tool" in person.get("data").text
    rows = person.get("data/export").json["tables"]["reflection_texts"]
    assert [(row["draft"], row["text"]) for row in rows] == [(SECRET, None)]
    assert "Not yours" not in person.get("data/export").text


def test_every_write_holds_the_writers_consent_row(course, monkeypatch):
    """S16's rule by its effect: what is granted is looked at in the writing transaction (P16)."""
    course.set()
    person = course.student()
    with course.database.session() as session:
        session.scalars(select(ConsentState)).one().a = False
    assert course.write(person, SECRET, "draft").status_code == 403


def test_saving_too_often_is_refused(course):
    course.set()
    person = course.student()
    statuses = {
        course.write(person, f"Text {number}", "draft", **AS_SCRIPT).status_code for number in range(61)
    }
    assert statuses == {200, 429}


def test_no_row_counts_drafts_or_tells_their_times(course):
    """Writing rhythm is not collected (P1): each table has the same number of rows after many drafts."""
    course.set()
    person = course.student()

    def counted():
        with course.database.reading() as session:
            return {
                table.name: len(session.execute(select(table)).all()) for table in Base.metadata.sorted_tables
            }

    course.write(person, "One", "draft")
    before = counted()
    for number in range(3):
        course.write(person, f"Text {number}", "draft")
    assert counted() == before
