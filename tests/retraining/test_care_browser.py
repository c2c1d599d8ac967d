"""What an administrator decides about the model, in a real browser: accessible, and done with the keyboard."""

import pytest

from lti_tool.launch.tables import Institution
from lti_tool.retraining import drift
from lti_tool.retraining.tables import DriftReport, RollbackProposal
from lti_tool.scoring import pinning, serving
from tests.retraining.conftest import NIGHT
from tests.served import WIDTHS, check, opened

pytestmark = [pytest.mark.browser, pytest.mark.long]
SHIFTS = (
    drift.Shift("language", True, 0.81, 0.25, (("en", 20, 95), ("fr", 80, 5))),
    drift.Shift("topics", False, 0.01, 0.06),
)


@pytest.fixture
def troubled(database):
    """Disagreement rose, and the texts are in another language."""
    with database.session() as session:
        move = serving.history(session)[-1]
        figures = {"before": 20, "after": 65, "low": 25, "high": 60}
        own = session.query(Institution.id).one()[0]
        session.add(RollbackProposal(serving_id=move.id, figures=figures, made_at=NIGHT))
        session.add(DriftReport(institution_id=own, until=NIGHT, body=drift.as_data(SHIFTS), made_at=NIGHT))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_notice_the_drift_and_a_versions_page_are_accessible(
    administrator, installed, troubled, chromium, database, address, width
):
    for path in ("model", *(f"model/versions/{version}" for version in installed)):
        page = opened(chromium, database, address, administrator, path, width)
        for summary in page.locator("summary").all():
            summary.click()
        check(page)
        page.context.close()


def test_a_proposal_is_answered_and_the_version_pinned_by_keyboard(
    administrator, installed, troubled, chromium, database, address
):
    page = opened(chromium, database, address, administrator, "model", WIDTHS[0])
    page.get_by_role("button", name="Keep it").press("Enter")
    page.wait_for_load_state()
    assert page.locator("#proposal").count() == 0
    page.get_by_role("button", name="Pin this version").press("Enter")
    page.locator("#pinned").wait_for()
    assert page.url.endswith("/model")
    with database.reading() as session:
        assert pinning.pin_of(session).version_id == installed[1]
    page.context.close()
