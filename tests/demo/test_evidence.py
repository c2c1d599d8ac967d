"""What the story says of a finding is what the pages show and what the rows of the texts hold."""

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from werkzeug.serving import make_server

from lti_tool.demo import evidence
from lti_tool.demo.browser import Browser, Page, UnexpectedPageError
from lti_tool.demo.pair import Pair
from lti_tool.ingest.tables import Post
from lti_tool.installation import Installation
from tests.pages.course import OpenCourse, open_course


@pytest.fixture
def course(tmp_path) -> Iterator[OpenCourse]:
    """A course behind a real server."""
    server = make_server("127.0.0.1", 0, lambda environ, start: opened.app(environ, start), threaded=True)
    opened = open_course(tmp_path, base_url=f"http://localhost:{server.port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield opened
    server.shutdown()
    server.server_close()
    opened.database.dispose()


def pair_of(course: OpenCourse) -> Pair:
    home = course.settings.home
    installation = Installation(course.settings, course.database)
    return Pair(installation, None, "", "", home, home / "log", datetime.now(UTC), [])


ANOTHER = (
    '<li class="finding"><strong>Boredom</strong><a href="/l/x/findings/boredom-all">Read examples</a></li>'
)


def test_a_finding_is_read_under_its_own_link_and_not_under_the_first(course):
    finding = course.draw().findings[0]
    browser = Browser()
    shown = browser.get(f"{course.settings.base_url}/enter")
    overview = replace(shown, html=re.sub(r'(?=<li class="finding">)', ANOTHER, shown.html, count=1))
    assert overview.link("Read examples").endswith("/boredom-all")
    read = evidence.examples(browser, overview, finding)
    assert read.headline == "Confusion in “Recursion, part 3” rose"
    assert len(read.quoted) == len(finding.examples)
    with course.database.reading() as session:
        texts = {" ".join(post.text.split()) for post in session.query(Post)}
    assert set(read.quoted) <= texts


class Elsewhere:
    """A browser whose every page is the same."""

    def __init__(self, html: str) -> None:
        self.html, self.asked = html, []

    def get(self, url: str) -> Page:
        self.asked.append(urlsplit(url).path)
        return Page(url, 200, self.html)


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ("<main><p class=lead-words>{0}</p><blockquote> </blockquote></main>", "No text is quoted"),
        ("<main><p class=lead-words>Other</p><blockquote>text</blockquote></main>", "do not open"),
        ("<main><h1>{0}</h1><blockquote>text</blockquote></main>", "do not open"),
    ],
    ids=["nothing quoted", "another headline", "no headline"],
)
def test_a_page_without_quotes_or_headline_is_refused(course, html, says):
    finding = course.draw().findings[-1]
    browser = Browser()
    overview = browser.get(f"{course.settings.base_url}/enter")
    headline = evidence.examples(browser, overview, finding).headline
    elsewhere = Elsewhere(html.format(headline))
    with pytest.raises(UnexpectedPageError, match=says):
        evidence.examples(elsewhere, overview, finding)
    assert elsewhere.asked[0].endswith(f"/findings/{finding.id}")


def test_a_finding_that_is_not_on_the_page_is_refused(course):
    finding = replace(course.draw().findings[0], id="boredom-course")
    browser = Browser()
    with pytest.raises(UnexpectedPageError, match="No row"):
        evidence.examples(browser, browser.get(f"{course.settings.base_url}/enter"), finding)


def test_authors_are_counted_in_the_texts_and_not_taken_from_the_picture(course):
    finding = course.draw().findings[0]
    counted = evidence.authors(pair_of(course), finding)
    assert counted >= 4
    with course.database.session() as session:
        posts = session.query(Post).filter(Post.id.in_(finding.examples)).all()
        for post in posts:
            post.person_id = posts[0].person_id
    assert evidence.authors(pair_of(course), replace(finding, phrases=())) == 1
