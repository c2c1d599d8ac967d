"""One tool and one platform on real ports for each file of launches, as new for every test."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import delete

from lti_tool.storage import Base, Keyring
from tests.launch.stage import Stage, running_stage

STAYING = ("institutions", "registrations", "tool_keys")


@pytest.fixture(scope="module")
def stages(keyring: Keyring, migrated_file: Path) -> Iterator[Stage]:
    with running_stage(keyring, migrated_file) as stage:
        yield stage


@pytest.fixture
def stage(stages: Stage) -> Iterator[Stage]:
    """As new: no rows of launches, no key set fetched; changes of a row are put back."""
    stages.app.extensions["undertone_key_sets"]._held.clear()
    with stages.database.session() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in STAYING:
                session.execute(delete(table))
    stages.role = "student"
    with ExitStack() as stages.stack:
        yield stages
