"""The administrator's pages on data protection in a real browser: every width, without axe violations."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from lti_tool.launch import stopping
from lti_tool.launch.tables import Course
from lti_tool.rights import requests
from lti_tool.rights.retention import Enforcing
from tests.served import WIDTHS, check, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def boss(sign_in, database, tmp_path):
    """Signed in before `address` gives the application another address; a night has passed, a course is off."""
    boss, now = sign_in("administrator", "8"), datetime.now(UTC)
    sign_in("student", "5")
    with database.session() as session:
        course = session.scalars(select(Course)).one()
        stopping.stop_course(session, now, course, "A complaint", None)
        stopping.resume_course(session, now, course, "Settled", None)
        stopping.stop_course(session, now, course, "Another complaint", None)
        late = now - timedelta(days=60)
        boss.request = requests.record(session, now, course.institution_id, "erasure", "5", None, late).id
    Enforcing(database, "1" * 32, now, tmp_path / "weights").perform()
    return boss


@pytest.mark.parametrize("width", WIDTHS)
def test_u1_u40_the_pages_on_data_protection_are_accessible(boss, chromium, database, address, width):
    for path in ("protection", "protection/requests/new", f"protection/requests/{boss.request}"):
        page = opened(chromium, database, address, boss, path, width)
        for summary in page.locator("details summary").all():
            summary.click()
        assert "overdue" in " ".join(page.locator("[role=status].notice").all_text_contents())
        check(page)
