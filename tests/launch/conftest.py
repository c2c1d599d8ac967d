"""One tool and one platform on real ports for each file of launches, as new for every test."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete

from lti_tool.launch import institutions
from lti_tool.storage import Base, Database, Keyring
from tests.consent.tampering import unguarded
from tests.launch.fixtures import SignedIn, SignIn
from tests.launch.stage import Stage, running_stage

STAYING = ("institutions", "registrations", "tool_keys")


@pytest.fixture(scope="module")
def stages(keyring: Keyring, migrated_file: Path) -> Iterator[Stage]:
    with running_stage(keyring, migrated_file) as stage:
        yield stage


@pytest.fixture
def stage(stages: Stage) -> Iterator[Stage]:
    """As new: no rows of launches, no key set fetched, nobody counted; changes of a row are put back."""
    stages.app.extensions["undertone_key_sets"]._held.clear()
    stages.app.extensions["undertone_limiter"].reset()
    with stages.database.session() as session, unguarded(session):
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in STAYING:
                session.execute(delete(table))
    stages.role = "student"
    with ExitStack() as stages.stack:
        yield stages


@pytest.fixture
def administrator(sign_in: SignIn) -> SignedIn:
    """Somebody whom the operator has listed, on the administrator's pages."""
    return sign_in("administrator", "99")


@pytest.fixture
def new_institution(database: Database) -> str:
    """The id of an institution without a platform."""
    with database.session() as session:
        return institutions.found(session, datetime.now(UTC), "New College").id
