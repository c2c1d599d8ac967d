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
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs" / "screenshots"
ROLES = ("instructor", "student", "administrator")
WIDE = (1200, 900)
NARROW = (390, 844)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with demonstration() as addresses, sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-background-networking"])
        for role in ROLES:
            for name, page in pages_of(browser, role, addresses[role]):
                page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
                print(f"docs/screenshots/{name}.png")
        browser.close()


@contextmanager
def demonstration() -> Iterator[dict[str, str]]:
    """The addresses by role of a demonstration on free ports, with a home of its own; stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="undertone-pictures-") as home:
        command = [sys.executable, "-m", "lti_tool.cli", "demo", "--port", str(two_free_ports())]
        environment = os.environ | {"UNDERTONE_HOME": home, "PYTHONUNBUFFERED": "1"}
        running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            yield addresses(running)
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(timeout=60)


def addresses(running: subprocess.Popen[str]) -> dict[str, str]:
    """Read what the demonstration prints until it has named an address for every role."""
    found: dict[str, str] = {}
    for line in running.stdout or ():
        print(line, end="")
        for role in ROLES:
            if match := re.search(rf"\b{role}\b.*?(http://\S+)", line, re.IGNORECASE):
                found.setdefault(role, match[1])
        if len(found) == len(ROLES):
            return found
    raise SystemExit("The demonstration ended before it named its addresses.")


def pages_of(browser: Browser, role: str, address: str) -> Iterator[tuple[str, Page]]:
    """The page a role lands on, wide and narrow, then each page that its navigation leads to."""
    page = browser.new_context(viewport={"width": WIDE[0], "height": WIDE[1]}).new_page()
    page.goto(address, wait_until="networkidle")
    frame = page.locator("iframe").first
    if frame.count():
        # The tool by itself, as large as its content: the same launch in the whole window.
        source = urljoin(page.url, frame.get_attribute("src") or "")
        page.goto(f"{source}{'&' if '?' in source else '?'}window=1", wait_until="networkidle")
    yield role, page
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    yield f"{role}-narrow", page
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    links = page.locator("nav a[href], .page-links a[href]:not([target])")
    for words, link in [(each.inner_text(), each.get_attribute("href") or "") for each in links.all()]:
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
