"""The choice page and what follows, over HTTP as a student's browser sees it."""

import re
from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import select, update

from lti_tool.consent.service import Choices, choices
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.jobs import Job
from lti_tool.launch.tables import Institution, LaunchSession

YES = {"a": "yes", "b": "no", "c": "no", "d": "no"}
EVERY = {"a": "yes", "b": "yes", "c": "yes", "d": "yes", "earlier": "yes"}
BARRED = re.compile(r"\byou are\b|\byou're\b|percentile|\brank(s|ed|ing)?\b|classmates|streak", re.I)


@pytest.fixture
def student(sign_in):
    """A student to whom the choice page was shown: a Yes counts from nobody else."""
    person = sign_in("student")
    landing(person)
    return person


def landing(student):
    return student.client.get(student.landing)


def dom(response):
    return HTMLParser(response.text)


def stored(database, student):
    """The person's choices and the number of ledger lines besides "shown"."""
    with database.reading() as session:
        person = session.get_one(LaunchSession, student.launch_id).person_id
        said = session.scalars(select(ConsentEvent).where(ConsentEvent.event != "shown")).all()
        return choices(session, person), len(said)


def set_mode(database, mode):
    with database.session() as session:
        session.execute(update(Institution).values(mode=mode))


def test_the_first_launch_shows_the_choice_page_with_nothing_preselected(student):
    page = dom(landing(student))
    assert [box.attributes["name"] for box in page.css("input[type=checkbox]")] == ["earlier"]
    assert len(page.css("input[type=radio]")) == 8
    assert not page.css("input[checked]")
    assert not page.css("[required]")


def test_each_choice_is_one_pair_of_answers_named_by_its_question(student):
    page = dom(landing(student))
    groups = page.css("[role=radiogroup]")
    assert len(groups) == 4
    for group in groups:
        names = {radio.attributes["name"] for radio in group.css("input[type=radio]")}
        assert len(names) == 1
        for attribute in ("aria-labelledby", "aria-describedby"):
            for target in group.attributes[attribute].split():
                assert page.css_first(f"#{target}"), target


def test_both_answers_weigh_the_same(student):
    """Same element, same classes, no primary button, next to each other, one press each (P12)."""
    page = dom(landing(student))
    buttons = page.css("main button")
    assert [button.text(strip=True) for button in buttons] == ["No thanks", "Save my choices"]
    assert len({button.attributes["class"] for button in buttons}) == 1
    assert {button.attributes["type"] for button in buttons} == {"submit"}
    assert buttons[0].parent.mem_id == buttons[1].parent.mem_id
    assert not page.css("main .btn-primary")


def test_enter_in_the_form_never_means_no_thanks(student):
    """The default button of the form with the questions is the one that saves (HTML, implicit submission)."""
    page = dom(landing(student))
    own = [b for b in page.css("#choices button") if b.attributes.get("form", "choices") == "choices"]
    assert [button.text(strip=True) for button in own] == ["Save my choices"]


def test_the_page_says_what_it_never_does_shows_a_mistake_and_opens_in_place(student):
    page = dom(landing(student))
    assert len(page.css(".never li")) == 4
    assert "may read as confused" in page.css_first(".worked-example").text()
    assert "wrong" in page.css_first(".worked-example").text()
    assert [layer.css_first("summary").text() for layer in page.css("details.layer")] == [
        "Who sees what, and for how long",
        "How it works and how often it is wrong",
    ]
    assert "Help: 555 0100" in page.css_first("footer").text()


def test_no_thanks_needs_nothing_filled_in_and_is_never_asked_again(student, sign_in, database):
    answer = student.post("choices", {"decision": "decline"})
    assert answer.status_code == 303
    assert stored(database, student) == (Choices(answered=True), 5)
    again = sign_in("student")
    page = landing(again)
    assert page.status_code == 200
    assert not dom(page).css("input[type=radio]")
    assert "My choices" in page.text


def test_a_missing_answer_is_refused_with_links_to_it_and_nothing_is_written(student, database):
    landing(student)
    answer = student.post("choices", {"a": "yes", "b": "no", "c": "perhaps", "earlier": "yes"})
    assert answer.status_code == 422
    page = dom(answer)
    links = [link.attributes["href"] for link in page.css("#problems a")]
    assert links == ["#c-no", "#d-no"]
    assert all(page.css_first(link) for link in links)
    assert {box.attributes["id"] for box in page.css("input[checked]")} == {"a-yes", "b-no", "earlier"}
    assert stored(database, student) == (Choices(), 0)


def test_a_choice_that_needs_the_first_one_is_explained_and_not_flipped(student, database):
    landing(student)
    answer = student.post("choices", {"a": "no", "b": "no", "c": "yes", "d": "no"})
    assert answer.status_code == 422
    page = dom(answer)
    assert "needs a Yes to the first choice" in page.css_first("#c-problem").text()
    assert {box.attributes["id"] for box in page.css("input[checked]")} == {"a-no", "b-no", "c-yes", "d-no"}
    assert stored(database, student) == (Choices(), 0)


def test_all_that_stands_in_the_way_is_told_at_once(student):
    landing(student)
    page = dom(student.post("choices", {"a": "no", "b": "no", "c": "yes", "earlier": "yes"}))
    links = [link.attributes["href"] for link in page.css("#problems a")]
    assert sorted(links) == ["#c-no", "#earlier"]
    assert all(page.css_first(link) for link in links)


def test_after_saving_the_page_says_who_is_told_and_its_one_limit(student, database):
    answer = student.post("choices", EVERY, follow_redirects=False)
    page = student.client.get(answer.location)
    assert "Your instructors are not told what you chose." in page.text
    assert "One honest limit" in page.text
    assert stored(database, student) == (Choices(True, True, True, True, True, True), 5)


def test_saving_four_times_no_is_fine_and_says_so(student):
    answer = student.post("choices", dict.fromkeys("abcd", "no"))
    assert "That is a fine choice" in student.client.get(answer.location).text


@pytest.mark.parametrize("form", [{}, {"a": "no"}, {"b": "no", "d": "no"}])
def test_what_is_left_open_is_no_where_nothing_is_yes(student, database, form):
    answer = student.post("choices", form)
    assert answer.status_code == 303
    assert stored(database, student)[0] == Choices(answered=True)
    assert "saved as No, also what was left open" in student.client.get(answer.location).text


def pulls(database):
    with database.reading() as session:
        return [job.state for job in session.scalars(select(Job).where(Job.kind == "pull"))]


def ask(database, student, **values) -> None:
    """The schedule asks for a pull of the course."""
    with database.session() as session:
        course_id = session.get_one(LaunchSession, student.launch_id).course_id
        session.add(Job(kind="pull", key=course_id, queued_at=datetime.now(UTC), **values))


def test_p14_agreeing_starts_no_reading_and_both_pages_say_when_the_next_one_comes(student, database):
    answer = student.post("choices", EVERY)
    assert pulls(database) == []
    for page in (student.client.get(answer.location).text, student.get("texts").text):
        assert "at the next regular reading, within about 60 minutes" in page
        assert "being read now" not in page


def test_a_reading_that_is_asked_for_is_told(student, database):
    student.post("choices", EVERY)
    ask(database, student)
    for path in ("texts", "choices/saved"):
        assert "being read now" in student.get(path).text


def test_a_reading_that_began_before_the_yes_is_not_promised(student, database):
    student.post("choices", EVERY)
    ask(database, student, state="running", started_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert "being read now" not in student.get("texts").text


def test_without_the_box_only_later_texts_are_promised(student):
    answer = student.post("choices", YES)
    for page in (student.client.get(answer.location).text, student.get("texts").text):
        assert "Only what you write after your Yes is read" in page
        assert "being read now" not in page


def test_declining_reads_nothing(student, database):
    student.post("choices", {"decision": "decline"})
    assert pulls(database) == []


def test_stopping_says_what_was_stopped_what_was_deleted_and_when(student):
    student.post("choices", EVERY)
    answer = student.post("choices/a", {"value": "no"})
    notice = dom(student.client.get(answer.location)).css_first(".notice")
    words = " ".join(notice.text().split())
    assert words.startswith("Stopped: Read my texts, for me and the class picture.")
    assert "Your texts, their estimates" in words
    assert "deleted" in words
    assert re.search(r"[A-Z][a-z]{2} \d+, \d{4}, \d\d:\d\d UTC$", words)
    assert notice.css_first("time")


def test_allowing_says_what_follows_and_no_page_speaks_of_hashes(student):
    student.post("choices", YES)
    answer = student.post("choices/b", {"value": "yes"})
    page = student.client.get(answer.location)
    assert "Allowed: Show instructors my texts and results." in page.text
    assert "hash" not in dom(page).css_first("main").text()


def test_with_the_first_choice_the_landing_is_the_page_of_own_texts(student):
    student.post("choices", YES)
    assert landing(student).location.endswith("/texts")


def test_my_choices_says_what_stopping_does_before_the_button(student):
    student.post("choices", EVERY)
    page = dom(student.get("choices"))
    rows = page.css(".my-choice")
    assert len(rows) == 5
    for row in rows:
        assert "If you stop" in row.text()
        assert row.css_first("button").text().startswith("Stop")


def test_stopping_takes_two_actions_from_any_page(student, database):
    """The link in the header, then the button (P16)."""
    student.post("choices", EVERY)
    for path in ("texts", "data", "stuck"):
        link = [a for a in dom(student.get(path)).css("nav a") if a.text(strip=True) == "My choices"]
        assert len(link) == 1
        form = dom(student.client.get(link[0].attributes["href"])).css_first("#choice-b form")
        assert form.css_first("input[name=value]").attributes["value"] == "no"
    assert student.post(form.attributes["action"], {"value": "no"}).status_code == 303
    assert stored(database, student)[0] == Choices(True, True, True, False, True, True)


def test_stopping_the_first_choice_stops_all_that_need_it(student, database):
    student.post("choices", EVERY)
    student.post("choices/a", {"value": "no"})
    assert stored(database, student)[0] == Choices(answered=True)
    page = student.get("choices")
    assert "you stopped it" in page.text
    assert len(dom(page).css(".my-choice button")) == 1


def test_a_dependent_choice_is_refused_while_the_first_is_no(student, database):
    student.post("choices", {"decision": "decline"})
    answer = student.post("choices/c", {"value": "yes"})
    assert answer.status_code == 422
    assert stored(database, student)[0] == Choices(answered=True)


@pytest.mark.parametrize(
    ("field", "value"), [("answered", "yes"), ("person_id", "no"), ("a", "maybe"), ("a", "")]
)
def test_an_unknown_choice_or_value_changes_nothing(student, database, field, value):
    student.post("choices", YES)
    before = stored(database, student)
    assert student.post(f"choices/{field}", {"value": value}).status_code == 404
    assert stored(database, student) == before


def test_no_get_changes_a_choice(student, database, app):
    student.post("choices", YES)
    before = stored(database, student)
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("consent.", "rights.")):
            path = rule.rule.replace("/l/<launch_id>/", "").replace("<field>", "a").replace("<post_id>", "x")
            student.get(f"{path}?value=no&decision=decline&a=no&b=no&c=no&d=no")
    assert stored(database, student) == before


def test_a_post_without_the_token_changes_nothing(student, database):
    assert student.post("choices", {"csrf_token": "", "decision": "decline"}).status_code == 403
    assert stored(database, student) == (Choices(), 0)


@pytest.mark.parametrize("role", ["instructor", "administrator", "none"])
@pytest.mark.parametrize(
    "path", ["student", "choices", "choices/saved", "stuck", "texts", "data", "data/export"]
)
def test_only_students_are_asked(sign_in, database, role, path):
    person = sign_in("http://purl.imsglobal.org/vocab/lis/v2/membership#Mentor" if role == "none" else role)
    assert person.get(path).status_code == 403
    assert person.post("choices", EVERY).status_code == 403
    with database.reading() as session:
        assert session.scalars(select(ConsentState)).all() == []
        assert session.scalars(select(ConsentEvent)).all() == []


def test_while_the_tool_is_off_nobody_is_asked_and_stopping_still_works(student, sign_in, database):
    student.post("choices", EVERY)
    set_mode(database, "off")
    other = sign_in("student", "6")
    page = landing(other)
    assert "paused" in page.text
    assert not dom(page).css("main input")
    assert other.post("choices", YES).status_code == 403
    assert student.post("choices/c", {"value": "no"}).status_code == 303
    assert student.post("choices/c", {"value": "yes"}).status_code == 403
    assert stored(database, student)[0] == Choices(True, True, True, True, False, True)


def test_every_page_of_a_student_has_the_help_block_in_the_same_place(student):
    asked = dom(landing(student))
    student.post("choices", YES)
    pages = [
        asked,
        *(dom(student.get(path)) for path in ("choices", "choices/saved", "texts", "data", "stuck")),
    ]
    for page in pages:
        last = page.css("body > .page > *")[-1]
        assert (last.tag, last.attributes["class"]) == ("footer", "help-block")


def test_no_page_judges_or_compares(student):
    texts = [landing(student).text]
    student.post("choices", YES)
    texts += [student.get(path).text for path in ("choices", "choices/saved", "texts", "data", "stuck")]
    for text in texts:
        assert not BARRED.search(HTMLParser(text).body.text()), BARRED.search(text)


def test_no_page_needs_a_script_of_its_own(student):
    """Everything is a link or a form: no handler in the page, no script that the page cannot do without."""
    page = dom(landing(student))
    for node in page.css("main *"):
        assert not [name for name in node.attributes if name.startswith(("on", "hx-", "data-needs-script"))]
