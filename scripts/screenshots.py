"""Pictures of the main pages in docs/screenshots, from a demonstration that is started for the purpose.

Each address that the demonstration prints is opened as a person would, in a wide window, and the page a role
lands on also as narrow as a telephone.
"""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "screenshots"
ANSWERED = "student-who-answered"
ROLES = ("instructor", "student", "administrator")
WIDE: ViewportSize = {"width": 1200, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demonstration() as addresses, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-background-networking"])
        people = addresses | {ANSWERED: addresses["student"].rsplit("/", 1)[0] + "/will"}
        for role, address in people.items():
            for name, page in pages_of(browser, role, address):
                page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
                print(f"docs/screenshots/{name}.png")
        browser.close()


@contextmanager
def demonstration() -> Iterator[dict[str, str]]:
    """The addresses by role of a demonstration on free ports; stopped at the end."""
    command = [sys.executable, "-m", "lti_tool.cli", "demo", "--port", str(two_free_ports())]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield addresses(running)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=60)


def addresses(running: subprocess.Popen[str]) -> dict[str, str]:
    """The addresses by role that the demonstration prints, once it says that everything is ready."""
    found: dict[str, str] = {}
    for line in running.stdout or ():
        print(line, end="")
        for role in ROLES:
            if match := re.search(rf"(http://\S+) .*\b{role}\b", line):
                found[role] = match[1]
        if line.startswith("Everything is ready"):
            return found
    raise SystemExit("The demonstration ended before it was ready.")


def pages_of(browser: Browser, role: str, address: str) -> Iterator[tuple[str, Page]]:
    """The page a role lands on, wide and narrow, then each page that its navigation leads to."""
    page = browser.new_context(viewport=WIDE).new_page()
    page.goto(address)
    page.locator("a[href*='/lti/view.php']").first.click()
    launch = page.locator("a[href*='window=1']").get_attribute("href") or ""
    # The launch as a window of its own, so that the picture is as long as the page.
    page.goto(urljoin(page.url, launch))
    page.wait_for_load_state("networkidle")
    yield role, page
    page.set_viewport_size(NARROW)
    yield f"{role}-narrow", page
    page.set_viewport_size(WIDE)
    links = page.locator("nav a[href], .page-links a[href]:not([target])").all()
    for words, link in [(each.inner_text(), each.get_attribute("href") or "") for each in links]:
        page.goto(urljoin(page.url, link), wait_until="networkidle")
        yield f"{role}-{re.sub(r'[^a-z0-9]+', '-', words.lower()).strip('-')}", page


def two_free_ports() -> int:
    """A port that is free together with the next one, which the campus takes."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


if __name__ == "__main__":
    main()
