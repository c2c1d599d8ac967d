"""One demonstration for all stories; a browser for each file, gone when other tests open one of their own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.story.demonstration import READY, Demonstration, started


@pytest.fixture(scope="session")
def demonstration() -> Iterator[Demonstration]:
    """`undertone demo`, its class read and scored."""
    with started() as running:
        running.wait_for(READY)
        yield running


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()
