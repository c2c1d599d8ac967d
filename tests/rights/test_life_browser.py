"""A student's life with the tool in a real browser, beside staff who see the same pages throughout (P14, P15).

The class has written, and its picture is there: what staff see can differ. It may do so with a scheduled picture only,
but for a text that is hidden at once.
"""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page
from sqlalchemy import func, select

from lti_tool.ingest.tables import Post
from lti_tool.jobs import enqueue
from lti_tool.jobs.service import finish
from lti_tool.launch.tables import LaunchSession
from lti_tool.scoring.serving import shown_version
from lti_tool.scoring.tables import Score
from tests.blindness.filling import Launched, picture
from tests.served import opened

pytestmark = [pytest.mark.browser, pytest.mark.long]

PAGES = {
    "instructor": ("overview", "topics", "forums", "reflections", "review", "how-it-works"),
    "administrator": ("reading", "reading/background", "model", "connection", "protection"),
}
OWN = "I still do not see why the second step may be left out."
TIMES = re.compile(r"[A-Z][a-z]{2} \d+, \d{4}, \d\d:\d\d|\d\d:\d\d")
LISTS = ("forums", "review")
"""Pages that show single texts."""


@pytest.fixture
def people(sign_in):
    """Signed in before `address` gives the application another address of its own."""
    roles = {"student": "5", "instructor": "9", "administrator": "99"}
    return {role: sign_in(role, sub) for role, sub in roles.items()}


@pytest.fixture
def life(people, chromium, database, settings, address):
    with database.session() as session:
        forum = a_class(Launched(session))
    made = Life(database, settings, address, people, forum)
    for role, person in people.items():
        first = PAGES.get(role, ("student",))[0]
        made.pages[role] = opened(chromium, database, address, person, first)
    made.picture()
    return made


def a_class(room) -> str:
    """Twelve who share their texts and eight who do not, in three weeks; the id of the last week's forum."""
    version = room.version()
    with_b, without = room.people(12, "ABC"), room.people(8, "A")
    for week in (1, 2, 3):
        forum = room.activity(f"Help {week}", "forum", week, f"Recursion, part {week}")
        for number, person in enumerate([*with_b, *without]):
            post = room.post(person, forum, f"Number {number} asks about the base case, {week}.", 7 * week)
            room.score(post, version, **({"confusion": 0.9} if number % 3 else {}))
    now = datetime.now(UTC) - timedelta(hours=1)
    finish(enqueue(room.session, now, "pull", room.course_id), now, {"activities": 3, "not_read": 0})
    return forum


class Life:
    """The student's page, and the staff's as they were after the last picture."""

    def __init__(self, database, settings, address, people, forum):
        self.database, self.settings, self.address = database, settings, address
        self.people, self.forum = people, forum
        self.pages: dict[str, Page] = {}
        self.seen: dict[str, str] = {}

    @property
    def page(self):
        return self.pages["student"]

    def go(self, path: str, role: str = "student"):
        self.pages[role].goto(f"{self.address}/l/{self.people[role].launch_id}/{path}")
        return self.pages[role]

    def staff(self) -> dict[str, str]:
        """Title and words of each page; the times of pictures stand on them, and are left out."""
        found = {}
        for role, paths in PAGES.items():
            for path in paths:
                shown = self.go(path, role)
                found[path] = TIMES.sub("", f"{shown.title()}\n{shown.locator('body').inner_text()}")
        return found

    def same(self, *but: str) -> None:
        """Nothing that staff see has changed since the last look, unless on the pages `but`."""
        now = self.staff()
        changed = [path for path, words in now.items() if words != self.seen[path]]
        assert set(changed) <= set(but)
        self.seen = now

    def picture(self) -> None:
        """The next scheduled picture; what staff see after it."""
        body = picture(self.database, self.settings, datetime.now(UTC), 21)
        assert body.state == "ready"
        assert body.findings
        self.seen = self.staff()

    def pull(self) -> None:
        """The next scheduled reading finds a text of the student's."""
        with self.database.session() as session:
            room = Launched(session)
            person = session.get_one(LaunchSession, self.people["student"].launch_id).person_id
            post = room.post(person, self.forum, OWN, 21)
            post.pulled_at = datetime.now(UTC)
            room.score(post, shown_version(session, room.course_id), confusion=0.9)

    def choose(self, field: str) -> None:
        """Press the button of a choice on "My choices"."""
        self.go("choices").locator(f"form[action$='choices/{field}'] button").click()
        self.page.wait_for_selector(".notice")

    def hold(self, name: str) -> None:
        """Pause, or go on."""
        self.go("data/pause").get_by_role("button", name=name).click()
        self.page.wait_for_selector(".notice")


def test_p14_p15_asked_declined_returned_agreed_contested_shared_paused_exported_withdrew(life):
    asked = life.go("student")
    assert "May this tool read" in heading(asked)
    life.same()
    asked.get_by_role("button", name="No thanks").click()
    assert heading(life.go("student")) == "Nothing of yours is read here"
    life.same()
    before = life.seen
    life.picture()
    assert life.seen == before

    life.choose("a")
    life.same()
    life.picture()
    assert life.seen == before, "agreed, and wrote nothing"
    life.pull()
    assert life.go("texts").get_by_text(OWN).count() == 1
    life.same()
    life.picture()
    assert life.seen == before, "one among many, and of nobody's text to read"

    life.page.get_by_role("link", name="This is wrong").first.click()
    life.page.get_by_label("neutral or balanced").check()
    life.page.get_by_role("button", name="Save").click()
    life.page.wait_for_selector("text=Your word counts.")
    life.same()

    life.choose("b")
    life.same()
    life.picture()
    assert all(OWN in life.seen[path] for path in LISTS), "staff could see a difference where there is one"
    life.hold("Pause")
    life.same(*LISTS, "overview")
    assert not any(OWN in words for words in life.seen.values())
    life.hold("Go on")
    life.same()
    life.picture()
    assert OWN in life.seen["forums"]

    life.go("data")
    with life.page.expect_download() as download:
        life.page.get_by_role("link", name="Download as JSON").click()
    taken = json.loads(download.value.path().read_text())
    assert OWN in {text["text"] for text in taken["texts"]}
    life.same()

    life.choose("a")
    assert heading(life.go("student")) == "Nothing of yours is read here"
    life.same(*LISTS, "overview")
    assert not any(OWN in words for words in life.seen.values())
    life.picture()
    assert life.seen == before
    assert kept(life) == [0, 0]


def kept(life) -> list[int]:
    """How many texts and scores of the student's there are."""
    with life.database.reading() as session:
        person = session.get_one(LaunchSession, life.people["student"].launch_id).person_id
        return [
            session.scalar(select(func.count()).select_from(table).where(table.person_id == person))
            for table in (Post, Score)
        ]


def heading(page) -> str:
    return page.locator("h1").inner_text()
