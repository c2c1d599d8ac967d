"""Recorded LMSs on a free port, and connectors that reach them."""

from collections.abc import Iterator

import pytest

from lti_tool.lms import retrying
from tests.lms.captured_lms import Served, canvas, moodle, serving


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.01)


@pytest.fixture
def moodle_site() -> Iterator[Served]:
    with serving(moodle()) as site:
        yield site


@pytest.fixture
def canvas_site() -> Iterator[Served]:
    with serving(canvas()) as site:
        yield site
