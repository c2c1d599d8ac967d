"""The pages around the choice in Debian's Chromium: seven languages, both directions, two answers of one weight."""

import pytest
from sqlalchemy import update

from lti_tool.launch.tables import Institution, LaunchSession
from tests.served import check, opened

pytestmark = [pytest.mark.browser, pytest.mark.long]

LANGUAGES = ("en", "es", "fr", "de", "pt", "zh_Hans", "ar")
WEIGHT = """node => { const style = getComputedStyle(node), box = node.getBoundingClientRect();
    return [box.width, box.height, box.top, style.color, style.backgroundColor, style.borderColor, style.borderWidth,
            style.fontSize, style.fontWeight, style.textDecorationLine, style.opacity, node.tagName]; }"""
SIDE = "node => getComputedStyle(node).direction"


@pytest.fixture
def students(sign_in):
    """Two launches, made before the application is served elsewhere."""
    return sign_in("student", "5"), sign_in("student", "6")


def opened_in(language, chromium, database, address, person, path, **options):
    """A page of the launch, as if its platform had asked for the language."""
    with database.session() as session:
        own = LaunchSession.id == person.launch_id
        session.execute(update(LaunchSession).where(own).values(locale=language.replace("_", "-")))
    return opened(chromium, database, address, person, path, **options)


@pytest.mark.parametrize("language", LANGUAGES)
def test_u8_the_choice_page_my_choices_and_the_declined_page_are_accessible(
    chromium, database, students, address, language
):
    person = students[0]
    page = opened_in(language, chromium, database, address, person, "student")
    assert page.locator("html").get_attribute("lang") == language.replace("_", "-")
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    for layer in page.locator("details.layer > summary").all():
        layer.click()
    check(page)
    page.locator("button[form=decline]").click()
    page.wait_for_url("**/choices/saved")
    check(page)
    for path in ("student", "choices"):
        page.goto(f"{address}/l/{person.launch_id}/{path}")
        check(page)
    page.context.close()


def test_p12_declining_takes_as_many_actions_as_accepting_and_weighs_the_same(
    chromium, database, students, address
):
    """One press for a refusal of all; to accept, an answer to each purpose first: never fewer."""
    page = opened_in("en", chromium, database, address, students[0], "student")
    page.emulate_media(reduced_motion="reduce")
    decline, save = page.locator(".answers .answer").all()
    assert decline.evaluate(WEIGHT) == save.evaluate(WEIGHT)
    decline.hover()
    hovered = decline.evaluate(WEIGHT)
    save.hover()
    assert save.evaluate(WEIGHT) == hovered
    decline.focus()
    page.keyboard.press("Tab")
    assert save.evaluate("node => node === document.activeElement")
    save.click()
    page.wait_for_url("**/choices/saved")
    assert page.locator(".summary-list dd").all_inner_texts() == ["No"] * 4
    other = opened_in("en", chromium, database, address, students[1], "student")
    other.locator("button[form=decline]").click()
    other.wait_for_url("**/choices/saved")
    assert other.locator("h1").inner_text() == page.locator("h1").inner_text()
    for one in (page, other):
        one.context.close()


def test_p12_no_and_yes_of_each_question_weigh_the_same(chromium, database, students, address):
    page = opened_in("de", chromium, database, address, students[0], "student")
    for field in "abcd":
        no, yes = (page.locator(f"label:has(#{field}-{answer})").evaluate(WEIGHT) for answer in ("no", "yes"))
        assert abs(no[0] - yes[0]) <= 2, "as wide, but for the line between them"
        for place, name in (
            (1, "height"),
            (2, "top"),
            (3, "colour"),
            (4, "ground"),
            (7, "size"),
            (8, "weight"),
        ):
            assert no[place] == yes[place], name
    page.context.close()


def test_the_switch_of_languages_turns_the_page_around_without_scripts(chromium, database, students, address):
    page = opened_in("en", chromium, database, address, students[0], "stuck", scripts=False)
    page.locator(".language-switch summary").click()
    page.locator(".language-switch button[value=ar]").click()
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert page.url.endswith("/stuck")
    assert page.locator("main").evaluate(SIDE) == "rtl"
    page.context.close()


def test_on_a_right_to_left_page_names_numbers_and_english_keep_their_own_direction(
    chromium, database, students, address
):
    with database.session() as session:
        session.execute(
            update(Institution).values(help_blocks={"ar": {"crisis": "اتصل بالرقم 555 0100 في أي وقت"}})
        )
    page = opened_in("ar", chromium, database, address, students[0], "stuck")
    assert page.locator(".help-lines bdi bdi").evaluate(SIDE) == "ltr"
    assert page.locator(".page-course bdi").inner_text() == "Ecology 2"
    assert page.locator(".page-course").bounding_box()["x"] > page.locator(".page-links").bounding_box()["x"]
    page.context.close()
