"""One demonstration for all stories; a browser for each file, gone when other tests open one of their own."""

from collections.abc import Iterator

import pytest

from tests.story.demonstration import READY, Demonstration, started


@pytest.fixture(scope="session")
def demonstration() -> Iterator[Demonstration]:
    """`undertone demo`, its class read and scored."""
    with started() as running:
        running.wait_for(READY)
        yield running
