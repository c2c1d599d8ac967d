"""Background work in a real browser: wide and narrow, without scripts, without axe violations, and live with them."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from lti_tool.jobs import Job
from lti_tool.launch.tables import Course
from tests.served import WIDTHS, check, opened

pytestmark = pytest.mark.browser
WORDS = "The weights of the serving model cannot be used."


@pytest.fixture
def administrator(sign_in, database):
    """Signed in to a course that was read, whose scoring failed, and whose overview waits; a retraining runs."""
    person, now = sign_in("administrator", "99"), datetime.now(UTC)
    counts = {"activities": 13, "new": 11, "edited": 0, "gone": 0, "unchanged": 191, "not_read": 0}
    with database.session() as session:
        course = session.scalars(select(Course.id)).one()
        then = {"queued_at": now - timedelta(hours=1), "started_at": now, "finished_at": now}
        session.add_all(
            [
                Job(kind="pull", key=course, state="done", result=counts, **then),
                Job(kind="score", key=course, state="failed", error_words=WORDS, **then),
                Job(kind="snapshot", key=course, queued_at=now),
                Job(kind="retrain", state="running", queued_at=now, started_at=now, done=64, total=320),
            ]
        )
    return person


@pytest.fixture
def open_page(chromium, database, administrator, address):
    """`open_page(width, scripts)`: the page, closed with the test."""
    pages = []

    def open_page(width: int, *, scripts: bool = True) -> Page:
        pages.append(opened(chromium, database, address, administrator, "reading", width, scripts))
        return pages[-1]

    yield open_page
    for page in pages:
        page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_and_is_accessible(open_page, width):
    check(open_page(width))


def test_without_scripts_everything_is_said(open_page):
    section = open_page(1280, scripts=False).get_by_role("region", name="Background work")
    expect(section.get_by_role("listitem").filter(has_text="Scoring the texts")).to_contain_text(WORDS)
    expect(section.get_by_role("listitem").filter(has_text="Learning from")).to_contain_text("· 20 %")
    expect(section.get_by_role("listitem").filter(has_text="Overview for instructors")).to_contain_text(
        "Waiting to start"
    )


def test_with_scripts_it_follows_the_work(open_page, database):
    page = open_page(1280)
    with database.session() as session:
        session.execute(update(Job).where(Job.state == "running").values(done=320))
    retraining = page.locator("[data-work=retrain]")
    expect(retraining).to_contain_text("· >95 %", timeout=10_000)
    expect(retraining).not_to_contain_text("320")
    with database.session() as session:
        now = datetime.now(UTC)
        session.execute(update(Job).where(Job.finished_at.is_(None)).values(state="done", finished_at=now))
    expect(retraining).to_contain_text("Done", timeout=10_000)
    expect(page.locator("#background-work[hx-get]")).to_have_count(0)
