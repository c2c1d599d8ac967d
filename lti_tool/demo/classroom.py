"""The class answers: students open the tool from the campus and fill in the choice page, through the real endpoint."""

from collections.abc import Mapping

from tqdm import tqdm

from lti_tool.demo.browser import Browser, Page
from lti_tool.demo.campus import Campus
from lti_tool.demo.campus.records import Person
from lti_tool.demo.pair import Pair

TOOL = "/mod/lti/launch.php?id=1"
VISITOR = "visitor"
FIELDS = {"a": "A", "b": "B", "c": "C", "d": "D"}


def open_tool(campus_url: str, key: str) -> tuple[Browser, Page]:
    """Log in at the campus as `key` and launch the tool; the browser and the page it lands on."""
    browser = Browser()
    home = browser.get(f"{campus_url}/")
    browser.submit(home.form(f"/login/{key}"))
    return browser, browser.get(f"{campus_url}{TOOL}")


def answer(browser: Browser, page: Page, wanted: Mapping[str, bool]) -> Page:
    """Fill in the choice page; nobody who wants nothing is made to fill in anything (P12)."""
    if not any(wanted.values()):
        return browser.submit(page.form("decline"))
    changes = {field: ["yes" if wanted[name] else "no"] for field, name in FIELDS.items()}
    changes["earlier"] = ["yes"] if wanted["earlier"] else []
    return browser.submit(page.form("choices"), changes)


def students_who_answer(campus: Campus) -> list[Person]:
    """Those whose intention is known; the visitor's seat is left free and some never answer."""
    return [person for person in campus.students() if isinstance(person.choice, dict)]


def let_all_answer(pair: Pair) -> int:
    """Let each student answer, with a bar on a terminal; how many did."""
    people = students_who_answer(pair.campus)
    for person in tqdm(people, "Students answer the choice page", disable=None, leave=False):
        pair.require_up()
        browser, page = open_tool(pair.campus_url, person.key)
        if isinstance(person.choice, dict):
            answer(browser, page, person.choice)
    return len(people)
