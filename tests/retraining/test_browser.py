"""The administrator's pages about the model in a real browser: a report, and the way back."""

from dataclasses import asdict

import pytest

from lti_tool.jobs import enqueue
from lti_tool.retraining.rules import Reason
from lti_tool.retraining.tables import TrainingRun
from tests.retraining.conftest import NIGHT
from tests.served import WIDTHS, check, opened

pytestmark = [pytest.mark.browser, pytest.mark.long]
MEASURED = asdict(Reason("agreement", True, 0.82, 0.8, held_out=True, low=0.01))
REPORT = {
    "decision": "kept",
    "reasons": [
        MEASURED,
        {**MEASURED, "rule": "macro_f1"},
        {**MEASURED, "rule": "recall", "label": "confusion", "candidate": 0.75, "passed": False},
        {**MEASURED, "rule": "gap", "label": "toxicity", "group": "identity"},
        {**MEASURED, "rule": "speed", "candidate": 1.02, "serving": 1.0},
    ],
    "way": "training",
    "changes": {"confusion": [0.9, 0.8], "boredom": [0.7, 0.8]},
    "held": ["sure", "pace"],
    "frozen": 1050,
    "replayed": 2000,
    "seconds": 544.0,
}


@pytest.fixture
def decided(database):
    with database.session() as session:
        job = enqueue(session, NIGHT, "retrain")
        job.state = "done"
        session.add(
            TrainingRun(job_id=job.id, decision="kept", report=REPORT, started_at=NIGHT, finished_at=NIGHT)
        )


@pytest.mark.parametrize("width", WIDTHS)
def test_the_report_and_the_way_back_are_accessible(
    administrator, decided, chromium, database, address, width
):
    for path, heading in (("model", "Model"), ("model/rollback", "Go back to the version before?")):
        page = opened(chromium, database, address, administrator, path, width)
        assert page.locator("h1").inner_text() == heading
        check(page)
        page.context.close()


def test_an_administrator_reads_a_refusal_and_goes_back(
    administrator, decided, chromium, database, address, installed
):
    """Last night's report says why nothing changed; going back names the older version as the serving one."""
    page = opened(chromium, database, address, administrator, "model", WIDTHS[-1])
    said = page.locator("#report").inner_text()
    assert (
        "Kept the serving model. Recall of confusion: 75.0 % for the candidate, 80.0 % for the serving"
        in said
    )
    assert page.locator("#report tr", has_text="Recall of confusion").inner_text().endswith("broken")
    assert "less often on boredom" in said
    page.locator("#report summary").click()
    assert page.get_by_text("Macro-F1 sums up").is_visible()
    serving_now = page.locator("section", has=page.locator("#serving-title"))
    assert installed[1][:8] in serving_now.inner_text()
    page.get_by_role("link", name="Go back to the version before").click()
    page.get_by_role("button", name="Go back").click()
    page.wait_for_url("**/model")
    said = page.locator("section", has=page.locator("#serving-title")).inner_text()
    assert installed[0][:8] in said
    assert "An earlier version serves again." in said
    page.context.close()
