"""Pictures of the main pages in docs/screenshots, taken while the story of the demonstration is played.

Usage: python scripts/screenshots.py [name …]. With names, only those pictures are taken anew.
"""

import os
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from lti_tool.demo.pair import Pair, running_pair
from lti_tool.demo.story import Story
from scripts.connecting_pictures import connecting_pictures
from tests.story.demonstration import two_free_ports
from tests.story.walk import Person, follow, person

PICTURES = Path(__file__).parents[1] / "docs" / "screenshots"
WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 400, "height": 800}
MOST_HEIGHT = 2200
"""Pixels; what a longer page shows below is more of the same."""
WRITER, NEVER_ASKED = "will", "aiko"


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        connecting_pictures(playwright, path, take)
    if sys.argv[1:] and all(name.startswith("connect-") for name in sys.argv[1:]):
        return
    with running_pair(two_free_ports()) as pair, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-background-networking"])
        story = Story(pair)
        tell(story.the_class_answers())
        tell(story.the_visitor_is_asked())
        students_are_asked(browser, pair)
        tell(story.the_course_is_read())
        tell(story.the_visitor_agrees())
        tell(story.the_course_is_read())
        a_student_looks(browser, pair)
        the_instructor_looks(browser, pair)
        tell(story.the_instructor_reads_a_finding())
        tell(story.the_instructor_corrects())
        tell(story.the_model_is_retrained())
        the_administrator_looks(browser, pair)
        browser.close()


def students_are_asked(browser: Browser, pair: Pair) -> None:
    with person(browser, pair.campus_url, NEVER_ASKED) as student:
        page = student.context.new_page()
        page.goto(pair.campus_url)
        take(page, "campus")
        asked = student.launch()
        take(asked, "student-asked", narrow=True)
        for language, name in (("de", "german"), ("ar", "arabic")):
            asked.locator(".language-switch summary").click()
            follow(asked, asked.locator(f".language-switch button[value={language}]"))
            take(asked, f"student-asked-{name}", narrow=True)


def a_student_looks(browser: Browser, pair: Pair) -> None:
    with person(browser, pair.campus_url, WRITER) as writer:
        page = writer.launch()
        take(page, "student-texts", narrow=True)
        follow(page, page.get_by_role("link", name="This is wrong").first)
        take(page, "student-says-wrong")
        follow(page, page.get_by_role("link", name="My choices"))
        take(page, "student-choices")


def the_instructor_looks(browser: Browser, pair: Pair) -> None:
    with person(browser, pair.campus_url, "instructor") as instructor:
        page = instructor.launch()
        take(page, "instructor-overview", narrow=True)
        in_the_course(instructor)
        page = instructor.launch()
        follow(page, page.get_by_role("link", name="Read examples").first)
        take(page, "instructor-examples")
        follow(page, page.locator(".button-row .btn-primary"))
        take(page, "instructor-plan")
        follow(page, page.get_by_role("link", name="Topics"))
        take(page, "instructor-topics")
        follow(page, page.get_by_role("link", name="Review"))
        take(page, "instructor-review", narrow=True)


def in_the_course(instructor: Person) -> None:
    """The overview where an instructor meets it: in the frame of a course page."""
    page, frame = instructor.launch_in_frame()
    frame.locator(".chart svg text").first.wait_for()
    take(page, "instructor-in-the-course")


def the_administrator_looks(browser: Browser, pair: Pair) -> None:
    with person(browser, pair.campus_url, "admin") as administrator:
        page = administrator.launch()
        follow(page, page.get_by_role("button", name="Check this connection"))
        take(page, "administrator-connection")
        follow(page, page.get_by_role("link", name="Reading the course"))
        take(page, "administrator-reading")
        follow(page, page.get_by_role("link", name="Model"))
        take(page, "administrator-model")


def take(page: Page, name: str, *, narrow: bool = False) -> None:
    """Write the page's picture, and with `narrow` a second one as wide as a telephone."""
    for size, ending in ((WIDE, ""), (NARROW, "-narrow"))[: 1 + narrow]:
        page.set_viewport_size(size)
        page.wait_for_load_state("networkidle")
        path = PICTURES / f"{name}{ending}.png"
        if not sys.argv[1:] or path.stem in sys.argv[1:]:
            height = min(MOST_HEIGHT, page.evaluate("document.scrollingElement.scrollHeight"))
            clip = {"x": 0.0, "y": 0.0, "width": float(size["width"]), "height": float(height)}
            page.screenshot(path=path, full_page=True, clip=clip)  # type: ignore[arg-type]
            shrink(path)
            tell(f"{path.relative_to(PICTURES.parents[1])}, {path.stat().st_size // 1000} kB")
    page.set_viewport_size(WIDE)


def shrink(path: Path) -> None:
    """Fewer colours make a third of the size; 256 are more than these pages use."""
    subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", path, path], check=False)


def tell(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    main()
