"""A student's life with the tool in a real browser, beside an instructor who sees the same page throughout (P14)."""

import json

import pytest
from sqlalchemy import func, select

from lti_tool.ingest.tables import Post
from lti_tool.scoring.tables import Score
from tests.served import opened

from .conftest import CONFUSED, give_texts

pytestmark = pytest.mark.browser


@pytest.fixture
def pair(sign_in):
    """Signed in before `address` gives the application another address of its own."""
    return sign_in("student", "5"), sign_in("instructor", "9")


def test_p14_asked_declined_returned_agreed_contested_exported_withdrew_and_staff_see_no_difference(
    pair, chromium, database, address
):
    student, instructor = pair
    page = opened(chromium, database, address, student, "student")
    staff = opened(chromium, database, address, instructor, "overview")
    seen = [staff_words(staff)]

    def go(path: str) -> None:
        page.goto(f"{address}/l/{student.launch_id}/{path}")
        seen.append(staff_words(staff))

    assert "May this tool read" in heading(page)
    page.get_by_role("button", name="No thanks").click()
    go("student")
    assert heading(page) == "Nothing of yours is read here"

    go("choices")
    page.get_by_role("button", name="Allow").first.click()
    give_texts(database, student)
    go("texts")
    assert page.get_by_text(CONFUSED).count() == 1

    page.get_by_role("link", name="This is wrong").first.click()
    page.get_by_label("neutral or balanced").check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_selector("text=Your word counts.")

    go("data")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as JSON").click()
    taken = json.loads(download.value.path().read_text())
    assert CONFUSED in {text["text"] for text in taken["texts"]}

    go("choices")
    page.get_by_role("button", name="Stop").first.click()
    go("student")
    assert heading(page) == "Nothing of yours is read here"
    with database.reading() as session:
        assert [session.scalar(select(func.count()).select_from(table)) for table in (Post, Score)] == [0, 0]
    assert len(set(seen)) == 1


def heading(page) -> str:
    return page.locator("h1").inner_text()


def staff_words(page) -> str:
    page.reload()
    return page.locator("body").inner_text()
