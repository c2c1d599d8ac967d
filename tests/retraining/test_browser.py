"""The administrator's pages about the model in a real browser: a report, and the way back."""

import pytest

from lti_tool.jobs import enqueue
from lti_tool.retraining.tables import TrainingRun
from tests.retraining.conftest import NIGHT
from tests.served import WIDTHS, check, opened

pytestmark = pytest.mark.browser
MEASURED = {
    "passed": True,
    "candidate": 0.82,
    "serving": 0.8,
    "held_out": False,
    "corrections": 9,
    "label": "",
}
REPORT = {
    "decision": "kept",
    "reasons": [
        {"rule": "agreement", **MEASURED},
        {"rule": "macro_f1", **MEASURED},
        {"rule": "recall", **MEASURED, "label": "confusion", "passed": False},
    ],
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
