"""What is written to hurt, from the LMS through a pull onto every page, in a browser (S28, S29, S31)."""

import csv
import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from lti_tool.demo.browser import Browser
from lti_tool.ingest.own_words import own_words
from lti_tool.ingest.tables import Activity, Post
from lti_tool.launch.tables import Course
from lti_tool.lms import retrying
from tests.ingest import hostile_course
from tests.ingest.campus_and_tool import CampusAndTool, running
from tests.ingest.hostile_course import CORPUS, LINES
from tests.lms import faulty_server as faults
from tests.lms.faulty_server import faulty

pytestmark = [pytest.mark.browser, pytest.mark.long]
OF_A_KIND = 2
"""Pages looked at of those whose addresses differ by an id only."""
START = {
    "student": ("texts", "data", "choices", "how-often-wrong", "student"),
    "instructor": ("overview", "topics", "reflections", "forums", "review", "how-it-works"),
    "administrator": ("reading", "connection", "model"),
}
DOWNLOADS = ("/export", ".zip", ".json", "/csv", "/papers")
"""How the addresses end at which a file is answered and no page."""
PROSE = (".md", ".txt")
"""Files whose lines are no cells: a list in them begins with a dash."""
IDS = re.compile(r"[0-9a-f]{32}|\d+")
SPOILT = "spoilt answer "
SPOILING: dict[str, tuple[str, faults.Fault]] = {
    "moodle": (
        "mod_assign_get_submissions",
        faults.with_json(
            {
                "exception": SPOILT + CORPUS[0],
                "errorcode": CORPUS[1],
                "message": SPOILT + CORPUS[12],
                "debuginfo": SPOILT + CORPUS[18],
            }
        ),
    ),
    "canvas": (
        "/api/v1/courses/2/students/submissions",
        faults.saying(
            403, json.dumps({"status": CORPUS[1], "errors": [{"message": SPOILT + CORPUS[12]}]}).encode()
        ),
    ),
}
"""The call that is answered so the third time, by kind of LMS."""
FORMULA = re.compile(r"^[=+\-@\t\r]")
LOOK = """() => ({
    scripts: [...document.scripts].map(one => one.src || "inline: " + one.textContent.slice(0, 80)),
    handlers: [...document.querySelectorAll("*")].flatMap(one => [...one.attributes]
        .filter(own => /^(on|hx-on|data-hx-on)/i.test(own.name)).map(own => own.name + "=" + own.value)),
    strange: [...document.querySelectorAll("iframe, object, embed, base, math, foreignObject, link[rel=prefetch], "
        + "meta[http-equiv=refresh], style, template, video, audio, img:not([src^='/static/']), [style*='url(']")]
        .map(one => one.outerHTML.slice(0, 200)),
    addresses: [...document.querySelectorAll("*")].flatMap(one => [...one.attributes]
        .filter(own => /^(href|src|srcset|action|formaction|data|ping|poster|xlink:href|(data-)?hx-(get|post))$/i
            .test(own.name)).map(own => own.value)),
    pages: [...document.querySelectorAll("a[href]")].map(one => one.href),
    text: document.documentElement.textContent,
    ran: window.ran || 0,
})"""
REFUSED_LAUNCH = """words => {
    const form = document.createElement("form");
    form.method = "post"; form.action = "/lti/launch";
    for (const name of ["error", "error_description", "error_uri", "state", "iss"]) {
        const field = document.createElement("input");
        field.name = name; field.value = words; form.append(field);
    }
    document.body.append(form); form.submit();
}"""


@dataclass
class Seen:
    """What the browser met on its way."""

    complaints: list[str] = field(default_factory=list)
    visited: dict[str, list[str]] = field(default_factory=dict)
    text: str = ""
    files: dict[str, str] = field(default_factory=dict)
    """What was downloaded, by path."""


@pytest.fixture(scope="module", params=["moodle", "canvas"])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Any
) -> Iterator[CampusAndTool]:
    """The course after one pull; one reflection could not be read, and the LMS said why in its own words."""
    kind = request.param
    folder = tmp_path_factory.mktemp("hostile")
    with (
        pytest.MonkeyPatch.context() as patch,
        running(folder, migrated_file) as running_both,
        faulty(running_both.campus.settings.base_url) as server,
    ):
        patch.setattr(retrying, "FIRST_PAUSE", 0.001)
        hostile_course.fill(running_both)
        for key in hostile_course.writers(running_both):
            if "\0" not in running_both.campus.person(key).name:  # such a launch is refused
                running_both.answer(key)
        if kind == "canvas":
            hostile_course.open_topics(running_both)
        settings = running_both.campus.settings
        token = settings.service_token if kind == "moodle" else settings.canvas_token
        running_both.read_by(kind, server.url, token)
        name, spoilt = SPOILING[kind]
        server.plan = lambda call: spoilt if call.name == name and call.count == 3 else None
        hostile_course.read(running_both)
        assert hostile_course.score(running_both) > 200
        yield running_both


def test_every_form_is_read_and_is_words(both):
    """Texts lose markup and hidden characters and nothing else; names lose what turns or hides letters."""
    with both.database.reading() as session:
        texts = [post.text for post in session.scalars(select(Post))]
        titles = [post.title for post in session.scalars(select(Post)) if post.title]
        places = [
            words for row in session.scalars(select(Activity)) for words in (row.name, row.section_name)
        ]
        course = session.scalars(select(Course.title)).one()
    assert sum("confused by the base case" in text for text in texts) > 200
    assert len(set(titles)) > 80
    for words in (*texts, *titles, *places, course):
        assert not hidden(words)
        assert len(words) <= 20_000
    for words in (*places, course, *titles):
        assert "\n" not in words


def hidden(words: str) -> set[str]:
    """Control characters, and those that turn the direction of what follows or take no room."""
    bad = {letter for letter in words if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    return bad - {"\n", "\u200c", "\u200d"}


def test_own_words_of_every_form_can_be_shown():
    for form in CORPUS:
        assert not hidden(own_words(f"<p>{LINES}</p>{form}")), form


def test_nothing_of_it_runs_or_leaves_and_every_link_stays_in_its_place(both, chromium):
    seen = Seen()
    for role, key in (("student", "maria"), ("instructor", "instructor"), ("administrator", "admin")):
        look_around(chromium, both, role, key, seen)
    refused(chromium, both, seen)
    assert seen.complaints == [], "\n".join(seen.complaints)
    kinds = {kind for kinds in seen.visited.values() for kind in kinds}
    assert len(kinds) > 18, kinds
    shown = [form for form in CORPUS if as_shown(form) in seen.text]
    assert len(shown) > 0.75 * len(CORPUS), set(CORPUS) - set(shown)
    assert SPOILT not in seen.text
    assert "77847" not in seen.text
    assert seen.files
    for path, content in seen.files.items():
        check_file(path, content)


def as_shown(form: str) -> str:
    """A form as words on a page: spaces run together, and no hidden characters."""
    words = " ".join(own_words(f"<p>{hostile_course.escape(form)}</p>").split())
    return words[:120]


def look_around(chromium: Chromium, both: CampusAndTool, role: str, key: str, seen: Seen) -> None:
    """Every page that the person can reach by links, and a few of each kind."""
    browser, landing = both.launch(key)
    root = urljoin(landing.url, "/".join(urlsplit(landing.url).path.split("/")[:3]) + "/")
    context = opened(chromium, both, browser, seen)
    page = context.new_page()
    page.on("console", lambda said: seen.complaints.append(f"console: {said.text} {page.url}"))
    if role == "student":
        contest(browser, root)
    waiting = [landing.url, *(root + path for path in START[role])]
    met, kinds = set[str](), seen.visited.setdefault(role, [])
    while waiting:
        url = waiting.pop(0).split("#")[0]
        kind = IDS.sub("#", url.removeprefix(root))
        most = 1 if "?" in kind else OF_A_KIND
        if not url.startswith(root) or url in met or kinds.count(kind) >= most:
            continue
        met.add(url)
        kinds.append(kind)
        if urlsplit(url).path.endswith(DOWNLOADS):
            seen.files |= files_of(kind, context.request.get(url).body())
        else:
            waiting += visit(page, both, url, seen)
    context.close()


def opened(chromium: Chromium, both: CampusAndTool, browser: Browser, seen: Seen) -> BrowserContext:
    """A window with the person's cookies, in which whatever runs or leaves is written down."""
    context = chromium.new_context()
    context.add_init_script("window.ran = 0; window.planted = () => { window.ran += 1 }")
    tool = both.settings.base_url
    for cookie in browser._session.cookies:
        place = {"url": tool.replace("http:", "https:"), "secure": True}
        context.add_cookies([{"name": cookie.name, "value": cookie.value or "", **place}])
    context.on(
        "dialog", lambda dialog: (seen.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss())
    )
    context.on("weberror", lambda error: seen.complaints.append(f"error: {error.error}"))

    def asked(request: Any) -> None:
        if not request.url.startswith((tool + "/", "data:image/svg+xml")):
            seen.complaints.append(f"asked for {request.url}")

    context.on("request", asked)
    return context


def visit(page: Page, both: CampusAndTool, url: str, seen: Seen) -> list[str]:
    """Look at a page; the addresses on it that lead on."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200, url
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    return judge(page, both, seen)


def judge(page: Page, both: CampusAndTool, seen: Seen) -> list[str]:
    found = page.evaluate(LOOK)
    tool, places = both.settings.base_url, places_of(both)
    complain = seen.complaints.append
    for script in found["scripts"]:
        if not script.startswith(f"{tool}/static/"):
            complain(f"script {script} on {page.url}")
    for what in ("handlers", "strange"):
        if found[what]:
            complain(f"{what} {found[what]} on {page.url}")
    for address in found["addresses"]:
        if place_of(page.url, address) not in places:
            complain(f"leads to {address} on {page.url}")
    if found["ran"]:
        complain(f"a script ran on {page.url}")
    if hidden(found["text"]) - {"\t", "\u2066", "\u2069"}:
        complain(f"hidden {hidden(found['text'])} on {page.url}")
    seen.text += " ".join(found["text"].split()) + "\n"
    return list(found["pages"])


def place_of(page: str, address: str) -> str:
    try:
        parts = urlsplit(urljoin(page, address))
    except ValueError:
        return "nowhere"
    return f"{parts.scheme}://{parts.netloc}"


def places_of(both: CampusAndTool) -> set[str]:
    """Where links may lead: the tool, the platform, and the address at which the course is read."""
    with both.database.reading() as session:
        url = urlsplit(session.scalars(select(Post)).all()[0].url)
    assert url.scheme == "http"
    return {both.settings.base_url, both.campus.settings.base_url, f"{url.scheme}://{url.netloc}"}


def contest(browser: Browser, root: str) -> None:
    """The student's own comment, which only they see; the page speaks the language of their account."""
    link = browser.get(root + "texts").links("Esto no es así")[0]
    form = next(one for one in browser.get(link).forms() if "comment" in one.fields)
    words = " ".join(CORPUS)[:900]
    browser.submit(form, {"sentiment": ["positive"], "comment": [words]})


def refused(chromium: Chromium, both: CampusAndTool, seen: Seen) -> None:
    """A launch that the LMS refuses in words of its own, and addresses that hold them."""
    context = opened(chromium, both, Browser(), seen)
    page = context.new_page()
    page.goto(f"{both.settings.base_url}/health/live")
    with page.expect_navigation():
        page.evaluate(REFUSED_LAUNCH, SPOILT + " ".join(CORPUS[:20]))
    judge(page, both, seen)
    for path in (
        "/l/<script>planted( )</script>/",  # in no text as here: a log of requests may tell an address (P37)
        "/lti/login?iss=%22%3E%3Cimg%20src=x%20onerror=planted()%3E",
    ):
        page.goto(both.settings.base_url + path)
        judge(page, both, seen)
    context.close()


def files_of(path: str, body: bytes) -> dict[str, str]:
    """What was downloaded, by path; of an archive each file in it."""
    if not body.startswith(b"PK"):
        return {path: body.decode()}
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return {f"{path}/{name}": packed.read(name).decode() for name in packed.namelist()}


def check_file(path: str, content: str) -> None:
    """A file opens as what it is: JSON as JSON, a table without a formula, a page without a script."""
    if content.lstrip().startswith(("{", "[")):
        document = json.loads(content)
        assert not hidden(json.dumps(document, ensure_ascii=False))
        return
    assert path.endswith(PROSE) or not formulas(content), path
    assert path.endswith(".csv") or "<script" not in content.lower(), path


def formulas(table: str) -> list[str]:
    """Cells that a spreadsheet would compute."""
    return [
        cell
        for row in csv.reader(io.StringIO(table))
        for cell in row
        if FORMULA.match(cell) and not re.fullmatch(r"[+-]?[\d.]+", cell)
    ]


def test_a_formula_would_be_found():
    assert formulas('a,"=1+1"\nb,-2.5\nc,"@SUM(1)"\n') == ["=1+1", "@SUM(1)"]
