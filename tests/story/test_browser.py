"""The whole story in Chromium, in order: asked, agreed, read, scored, seen, corrected, learnt from.

Each test goes on where the one before ended, on one running demonstration.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.story.walk import Person, follow, look, person, tab_to

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]

ESTIMATE = "Automatic estimate from text. It can be wrong."
PATIENCE = 240_000
"""Milliseconds for work in the background, on a busy machine."""
SITTING = 20
TRIES = 5


@pytest.fixture(scope="module")
def visitor(chromium, demonstration) -> Iterator[Person]:
    with person(chromium, demonstration.campus, "visitor") as someone:
        yield someone


@pytest.fixture(scope="module")
def instructor(chromium, demonstration) -> Iterator[Person]:
    with person(chromium, demonstration.campus, "instructor") as someone:
        yield someone


@pytest.fixture(scope="module")
def administrator(chromium, demonstration) -> Iterator[Person]:
    with person(chromium, demonstration.campus, "admin") as someone:
        yield someone


@pytest.fixture(autouse=True)
def nothing_goes_wrong(visitor, instructor, administrator) -> Iterator[None]:
    """No error in a console, nothing that a content policy refused, no foreign or failed request."""
    yield
    said = [
        (one.key, complaint) for one in (visitor, instructor, administrator) for complaint in one.complaints
    ]
    for one in (visitor, instructor, administrator):
        one.complaints.clear()
    assert said == []


def test_the_student_is_asked_in_the_frame_and_answers_by_keyboard(visitor):
    page, frame = visitor.launch_in_frame()
    assert "May this tool read" in frame.inner_text("h1")
    assert frame.locator("input:checked").count() == 0
    look(frame, "choice page")
    tab_to(page, frame, "#a-no")
    for keys in ("ArrowRight", "Tab", "Space", "Tab", "ArrowRight", "Tab", "ArrowRight"):
        page.keyboard.press(keys)
    page.keyboard.press("Enter")
    frame.wait_for_selector("#problems")
    visitor.forgive("422")
    assert frame.evaluate("document.activeElement.id") == "problems"
    look(frame, "error summary")
    assert frame.locator("input:checked").count() == 4
    tab_to(page, frame, "#d-no")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    frame.get_by_role("heading", name="Your choices are saved").wait_for()
    look(frame, "saved")
    look(page, "campus with the tool")


def test_the_student_finds_the_choices_again_and_reads_when_the_course_is_read(visitor):
    page = visitor.launch()
    expect(page.locator("h1")).to_have_text("My texts")
    assert page.locator("article").count() or "regular reading" in page.inner_text("main")
    look(page, "my texts at first")
    follow(page, page.get_by_role("link", name="My choices", exact=True))
    expect(page.locator(".my-choice .state-yes")).to_have_count(4)
    look(page, "my choices")
    follow(page, page.get_by_role("link", name="If you get stuck"))
    look(page, "stuck")


def test_the_administrator_checks_the_connection_and_reads_the_course(administrator):
    page = administrator.launch()
    look(page, "connection")
    follow(page, page.get_by_role("button", name="Check this connection"))
    lines = page.locator("[role=status] li").all_inner_texts()
    assert len(lines) >= 3
    others = [line for line in lines if not line.startswith("Works")]
    assert [line[:34] for line in others] == [
        "Not tried: Cookies in the course p"
    ]  # it stands in its own window
    look(page, "connection checked")
    follow(page, page.get_by_role("link", name="Reading the course"))
    look(page, "reading")
    follow(page, page.get_by_role("button", name="Read now"))
    expect(page.locator("main progress")).to_be_visible()
    expect(page.get_by_text("The last reading is complete.")).to_be_visible(timeout=PATIENCE)
    assert re.search(r"[1-9]\d* activities were read", page.inner_text("main"))
    look(page, "read")


def test_the_student_sees_their_texts_and_says_that_one_is_wrong(visitor):
    page = visitor.launch()
    wrong = page.get_by_role("link", name="This is wrong")
    for _ in range(PATIENCE // 1000):
        if wrong.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    assert page.locator("article").count() >= 6
    assert ESTIMATE in page.inner_text("main")
    look(page, "my texts")
    follow(page, wrong.first)
    look(page, "contest")
    page.get_by_label("neutral or balanced").check()
    for box in page.locator("[name=labels]").all():
        box.set_checked(box.get_attribute("value") == "confusion")
    page.get_by_label("A comment, if you like").fill("I was asking, not complaining.")
    follow(page, page.get_by_role("button", name="Save"))
    expect(page.locator(".just-said")).to_contain_text("You say: confused.")
    look(page, "contested")
    follow(page, page.get_by_role("link", name="My data", exact=True))
    look(page, "my data")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as JSON").click()
    assert "I was asking, not complaining." in download.value.path().read_text()


def test_a_student_who_declined_is_left_alone(chromium, demonstration):
    with person(chromium, demonstration.campus, "hannah") as hannah:
        page = hannah.launch()
        expect(page.locator("h1")).to_have_text("Nothing of yours is read here")
        look(page, "declined")
        assert hannah.complaints == []


def test_the_instructor_sees_findings_with_their_evidence(instructor):
    page, frame = instructor.launch_in_frame()
    assert ESTIMATE in frame.inner_text("main")
    look(frame, "overview in the frame")
    page = instructor.launch()
    assert page.locator(".finding").count() >= 1
    page.locator(".chart svg text").first.wait_for()
    page.get_by_text("Show as table").click()
    assert page.locator(".table-twin tbody tr").count() == 6
    look(page, "overview")
    read_examples(instructor, page)
    assert page.locator(".student-text blockquote").count() >= 1
    look(page, "examples")
    follow(page, page.locator(".button-row .btn-primary"))
    look(page, "act")
    follow(page, page.get_by_role("link", name="Back to the overview"))
    follow(page, page.get_by_role("link", name="How it works"))
    look(page, "how it works")


def read_examples(instructor: Person, page: Page) -> None:
    """Open the first finding's texts; when new work has renewed the overview meanwhile, open it again, as one would."""
    overview = page.url
    for _ in range(TRIES):
        follow(page, page.get_by_role("link", name="Read examples").first)
        if page.locator(".student-text blockquote").count():
            return
        instructor.forgive("404")
        page.goto(overview)


@pytest.mark.parametrize("tab", ["Topics", "Reflections", "Forums"])
def test_the_instructor_looks_closer(instructor, tab):
    page = instructor.launch()
    follow(page, page.get_by_role("link", name=tab, exact=True))
    expect(page.locator("h1")).to_have_text(tab)
    assert page.locator(".topics tbody tr, .student-text").count() >= 5
    look(page, tab)


def chosen(page: Page) -> list[str]:
    return list(page.evaluate("[...document.querySelectorAll('#answer :checked')].map(one => one.value)"))


def press(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_the_instructor_corrects_a_label_by_keys_and_sees_it_at_once(instructor):
    page = instructor.launch()
    follow(page, page.get_by_role("link", name="Reflections", exact=True))
    text = page.locator(".student-text").first.locator("blockquote").inner_text()
    follow(page, page.get_by_role("link", name="Wrong?").first)
    page.locator("#answer").wait_for()
    look(page, "correction")
    press(page, "0qwe012345670")
    assert chosen(page) == ["positive"]
    press(page, "w23")
    assert chosen(page) == ["neutral", "frustration", "boredom"]
    page.keyboard.press("?")
    look(page, "guide in a dialog")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    notice = page.locator(".notice")
    expect(notice).to_contain_text("bored · corrected by a person")
    look(page, "corrected")
    follow(page, notice.get_by_role("link", name="Back to where you were"))
    shown = page.locator(".student-text").filter(has_text=text)
    expect(shown).to_contain_text("frustrated · corrected by a person")
    expect(shown).to_contain_text("bored · corrected by a person")


def wait_for_the_next_picture(page, words: str) -> None:
    """Who shares now appears with the next picture, which the demonstration makes every minute."""
    for _ in range(60):
        if words in page.inner_text("main"):
            return
        page.wait_for_timeout(2000)
        page.reload()
    raise AssertionError(f"“{words}” did not appear within two minutes")


def test_a_sitting_by_keys_alone_ends_by_itself(instructor):
    """Twenty answers: they also are what the model learns from afterwards."""
    page = instructor.launch()
    follow(page, page.get_by_role("link", name=re.compile("^Review")))
    wait_for_the_next_picture(page, "Shown because the author sees it otherwise")
    look(page, "queue")
    with page.expect_navigation():
        page.keyboard.press("s")
    expect(page.locator(".notice")).to_contain_text("Nobody can tell")
    with page.expect_navigation():
        page.keyboard.press("u")
    expect(page.locator(".notice")).to_contain_text("Taken back.")
    with page.expect_navigation():
        press(page, "w01")
        page.keyboard.press("Enter")
    follow(page, page.get_by_role("link", name="What happens with my answers"))
    look(page, "what happens")
    follow(page, page.get_by_role("link", name="Back to the texts"))
    for number in range(SITTING):
        if not page.locator("#answer").count():
            break
        with page.expect_navigation():
            press(page, ("q012", "e04", "w0", "q01")[number % 4])
            page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("That is enough for one sitting")
    look(page, "end of a sitting")
    page.goto(page.url.partition("/review")[0] + "/review/guide")
    look(page, "guide")


def test_the_administrator_lets_it_learn(administrator):
    """So few corrections train nothing; `undertone demo --check` has enough of them."""
    page = administrator.launch()
    follow(page, page.get_by_role("link", name="Model", exact=True))
    look(page, "model")
    follow(page, page.get_by_role("button", name="Run now"))
    ended = page.get_by_text("The run has ended.").or_(page.locator("#report-title"))
    expect(ended.first).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#cancel")).to_be_hidden()
    page.reload()
    expect(page.locator("main")).to_contain_text("Not trained.")
    look(page, "model after a run")
