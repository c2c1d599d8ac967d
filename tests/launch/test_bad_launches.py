"""Bad launches over real HTTP: each gets its status, its reason in the log, a plain page, no session and no echo."""

import pytest
from sqlalchemy import func, select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch.tables import (
    Course,
    Deployment,
    LaunchSession,
    Membership,
    Person,
    PersonKey,
    Registration,
)
from tests.launch.bad_rows import BAD, ROWS
from tests.launch.forging import Row
from tests.launch.platform import M
from tests.launch.stage import Stage

NOTHING_OF = (LaunchSession, Course, Person, PersonKey, Membership)


@pytest.mark.parametrize("role", ["student", "instructor"])
@pytest.mark.parametrize("name", BAD)
def test_row(stage: Stage, name: str, role: str) -> None:
    row, stage.role = BAD[name], role
    answer = row.attempt(stage)
    assert (answer.status_code, stage.refusal().code) == (row.status, row.code)
    assert_plain(answer.text, stage.refusal(), row, stage)
    assert not [own for own in answer.raw.headers.getlist("Set-Cookie") if "undertone-login" not in own]
    with stage.database.reading() as session:
        for table in NOTHING_OF:
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalar(select(func.count()).select_from(Deployment)) == row.deployments


def test_every_row_of_the_requirements_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = {int(name[1:3]) for name in BAD}
    with capsys.disabled():
        print(f"\nbad launches: {len(numbers)} of {len(ROWS)} rows in {len(BAD)} forms, for two roles")
    assert sorted(numbers) == list(ROWS)


def test_the_log_names_the_registration_once_it_is_known(stage: Stage) -> None:
    BAD["L13-signature_altered"].attempt(stage)
    with stage.database.reading() as session:
        assert stage.refusal().registration_id == session.scalars(select(Registration.id)).one()
    BAD["L32-unknown_issuer"].attempt(stage)
    assert stage.refusal().registration_id is None


def assert_plain(page: str, event: AuditEvent, row: Row, stage: Stage) -> None:
    """A reference that is in the log, no claim or value of the request, and a way back only when it is verified."""
    assert event.correlation_id
    assert event.correlation_id in page
    assert event.facts == {}
    for sent in (M, "Planted", "evil.example", "never-issued", "Ecology", "Traceback"):
        assert sent not in page
    assert ("/course/view.php" in page) == row.verified
    assert ("lti_errormsg=" in page) == row.verified
