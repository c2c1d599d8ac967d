"""The instructor's page: setting a prompt and its dates, and about how many have written, never who."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.ingest.tables import Activity
from lti_tool.reflections.tables import Reflection
from lti_tool.storage import new_id
from tests.reflections.conftest import ASKED, FORM, OTHERWISE, TEXT, in_days, member


def test_the_link_leads_an_instructor_to_the_form_with_the_links_title(course):
    teacher = course.open("instructor", "3")
    assert teacher.landing.endswith("/prompt")
    page = teacher.get("prompt").text
    assert 'value="Week three"' in page
    assert "Not counted yet" not in page


def test_a_prompt_is_set_shown_and_changed(course):
    teacher = course.set()
    page = teacher.get("prompt").text
    assert ASKED in page
    assert "Open until" in page
    changed = teacher.post(
        "prompt", FORM | {"prompt": "And in week 4?", "opens": in_days(1), "closes": in_days(9)}
    )
    assert changed.status_code == 303
    assert "And in week 4?" in teacher.get("prompt").text
    row = course.reflection
    assert row.opens_at == datetime.fromisoformat(in_days(1)).replace(tzinfo=UTC)
    with course.database.reading() as session:
        activity = session.scalars(select(Activity)).one()
        logged = session.scalars(select(AuditEvent).where(AuditEvent.event == "reflection_set")).all()
    assert (activity.id, activity.name, activity.kind) == (row.activity_id, "Week 3", "reflection")
    assert activity.due_at == row.closes_at
    assert [event.facts for event in logged] == [{"reflection": row.id}] * 2


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"title": " \u202e "}, ["title"]),
        ({"title": "x" * 101}, ["title"]),
        ({"prompt": "\x00\n"}, ["prompt"]),
        ({"prompt": "x" * 5001}, ["prompt"]),
        ({"otherwise": ""}, ["otherwise"]),
        ({"words": "0"}, ["words"]),
        ({"words": "many"}, ["words"]),
        ({"words": "-5"}, ["words"]),
        ({"words": "٣"}, ["words"]),
        ({"opens": "tomorrow"}, ["opens"]),
        ({"closes": ""}, ["closes"]),
        ({"closes": in_days(400)}, ["closes"]),
        ({"closes": "9999-12-31T23:59"}, ["closes"]),
        ({"opens": "0001-01-01T00:00", "zone": "Asia/Tokyo"}, ["opens"]),
        ({"opens": in_days(8)}, ["closes"]),
        ({"closes": in_days(7) + "+02:00"}, ["closes"]),
        ({"zone": "Mars/Olympus"}, ["zone", "closes"]),
        ({"zone": "../../etc/passwd"}, ["zone", "closes"]),
        ({"title": "", "prompt": ""}, ["title", "prompt"]),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_saved(course, changes, names):
    teacher = course.open("instructor", "3")
    answer = teacher.post("prompt", FORM | changes)
    assert answer.status_code == 422
    for name in FORM:
        assert (f'href="#{name}"' in answer.text) == (name in names), name
    assert "opens" in names or 'href="#opens"' not in answer.text
    assert FORM["otherwise"] in answer.text or "otherwise" in names
    with course.database.reading() as session:
        assert session.scalars(select(Reflection)).all() == []


def test_markup_in_a_prompt_is_shown_as_it_was_typed(course):
    evil = "<script>alert(1)</script>"
    teacher = course.set(title=evil, prompt=evil, otherwise=evil)
    for page in (teacher.get("prompt").text, course.student().get(course.page()).text):
        assert evil not in page
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 3


def test_a_launch_through_another_link_has_no_such_page(course, sign_in):
    course.set()
    assert sign_in("instructor", "3").get("prompt").status_code == 404
    assert course.open("student", "5").get("prompt").status_code == 403
    assert course.open("instructor", "3").get(course.page()).status_code == 403


@pytest.mark.parametrize("key", ["$Custom.unknown", "x" * 65, "a b", "<b>", "", 5.5, None, ["x"]])
def test_a_parameter_that_is_no_key_opens_the_usual_pages(course, key):
    assert course.open("instructor", "3", key=key).landing.endswith("/overview")


def test_one_key_in_two_courses_is_two_activities(course):
    """A course is copied with its links."""
    course.set()
    teacher = course.open("instructor", "3", course="9")
    assert ASKED not in teacher.get("prompt").text
    assert teacher.post("prompt", FORM | {"prompt": "Another question"}).status_code == 303
    with course.database.reading() as session:
        rows = session.scalars(select(Reflection)).all()
    assert sorted(row.prompt for row in rows) == ["Another question", ASKED]
    stranger = course.student("5", course="9")
    ours = next(row for row in rows if row.prompt == ASKED)
    assert stranger.get(f"writing/{ours.id}").status_code == 404


def write_as(course, count, choices, first=100):
    """`count` students hand something in."""
    course.platform.members += [member(str(number)) for number in range(first, first + count)]
    for number in range(first, first + count):
        assert course.write(course.student(str(number), choices)).status_code == 303


A, AB = ({"a": "yes", "b": b, "c": "no", "d": "no"} for b in ("no", "yes"))


def test_the_number_is_told_from_five_on_in_steps_and_only_with_the_picture(course):
    teacher = course.set()
    write_as(course, 4, A)
    course.picture()
    assert "Too few to show." in teacher.get("prompt").text
    write_as(course, 3, A, 200)
    assert "Too few to show." in teacher.get("prompt").text, (
        "nobody can watch the number while somebody writes"
    )
    course.picture()
    page = teacher.get("prompt").text
    assert "texts of about 5 students" in page
    assert TEXT not in page


def test_p50_a_few_who_do_not_share_are_not_found_by_subtraction(course):
    teacher = course.set()
    write_as(course, 6, AB)
    course.picture()
    assert "about 5 students" in teacher.get("prompt").text
    write_as(course, 2, A, 200)
    course.picture()
    assert "about 5 students" in teacher.get("prompt").text, "eight, of whom two are not among those told of"


def test_p15_of_five_who_do_not_share_one_shares_and_the_number_stays(course):
    teacher = course.set()
    write_as(course, 6, AB)
    write_as(course, 5, A, 200)
    course.picture()
    assert "about 10 students" in teacher.get("prompt").text
    assert course.open(sub="200").post("choices/b", {"value": "yes"}).status_code == 303
    course.picture()
    assert "about 10 students" in teacher.get("prompt").text


def test_the_page_is_the_same_whatever_a_student_chose(course):
    """A decliner and somebody who agreed and wrote nothing look alike (P14)."""
    teacher = course.set()
    course.student("5", {"decision": "decline"})
    course.picture()
    before = course.reflection
    course.student("6")
    course.picture()
    after = course.reflection
    assert (before.writers, after.writers) == (None, None)
    assert OTHERWISE in teacher.get("prompt").text


def test_dates_are_told_on_the_clock_they_were_typed_on(course):
    closes = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT23:59")
    teacher = course.set(closes=closes, zone="America/New_York")
    assert course.reflection.closes_at > datetime.fromisoformat(closes).replace(tzinfo=UTC)
    page = teacher.get("prompt").text
    assert f'value="{closes}"' in page
    assert "(America/New York)" in page
    another = course.open("instructor", "3", key=new_id())
    assert '<option value="America/New_York" selected>' in another.get("prompt").text
