"""The course of these tests: one that is only read, and fresh ones for tests that change it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.storage import use_keyring
from tests.pages.course import HOSTILE, OpenCourse, open_course


@pytest.fixture
def seen(unchanged: OpenCourse) -> OpenCourse:
    """A course whose pages are only looked at, with its keys in use."""
    use_keyring(unchanged.keyring)
    return unchanged


@pytest.fixture(scope="session")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCourse]:
    opened = open_course(tmp_path_factory.mktemp("seen"))
    yield opened
    opened.database.dispose()


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCourse]:
    """The same with markup in every name, title and text."""
    opened = open_course(tmp_path_factory.mktemp("hostile"), words=HOSTILE)
    yield opened
    opened.database.dispose()


@pytest.fixture
def course(tmp_path: Path) -> Iterator[OpenCourse]:
    opened = open_course(tmp_path)
    yield opened
    opened.database.dispose()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[OpenCourse]:
    """A course without a text, a connection or a picture."""
    opened = open_course(tmp_path, filled=False)
    yield opened
    opened.database.dispose()
