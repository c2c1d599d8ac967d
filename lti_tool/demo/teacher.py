"""The instructor of the demonstration: reads shared reflections and labels them as the course's writer meant them."""

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from tqdm import tqdm

from lti_tool.demo.browser import Browser, Form, Page
from lti_tool.demo.campus import Campus
from lti_tool.demo.campus.content import read
from lti_tool.demo.pair import Pair
from lti_tool.errors import UndertoneError
from lti_tool.ingest.own_words import own_words

MOST_PAGES = 10
NEGATIVE = {"confusion", "frustration", "boredom"}
POSITIVE = {"engagement", "enthusiasm", "satisfaction"}
LIKE = 0.5


class Teacher:
    """Corrects through the pages, by the labels in `content/teacher.json`."""

    def __init__(self, pair: Pair, browser: Browser, overview: Page) -> None:
        self.pair, self.browser, self.overview = pair, browser, overview
        self.known = list(_meant(pair.campus))

    def correct_reflections(self, most: int) -> tuple[int, int]:
        """Answer "Wrong?" on up to `most` shared reflections; how many were changed, how many confirmed."""
        changes = islice(self._corrections(), most)
        changed = list(tqdm(changes, "The instructor corrects", most, disable=None, leave=False))
        return sum(changed), len(changed) - sum(changed)

    def _corrections(self) -> Iterator[bool]:
        """Label one text after the other as it was meant; yields whether that changed what it reads as."""
        for address in self._wrong_links():
            self.pair.require_up()
            page = self.browser.get(address)
            meant = self._labels(page)
            if meant is None:
                continue
            form = page.form("answer")
            wanted = {"sentiment": [_sentiment(meant)], "labels": sorted(meant), "act": ["save"]}
            before = {name: sorted(form.fields.get(name, [])) for name in ("sentiment", "labels")}
            self._save(form, wanted)
            yield before != {name: wanted[name] for name in before}

    def _save(self, form: Form, wanted: dict[str, list[str]]) -> None:
        answer = self.browser.submit(form, wanted)
        if answer.status != 200:
            raise UndertoneError(f"A correction was refused: “{answer.title}” (HTTP {answer.status}).")

    def _wrong_links(self) -> Iterator[str]:
        """Addresses of "Wrong?" on the pages of reflections, each once."""
        seen: set[str] = set()
        address = self.overview.link("Reflections")
        for number in range(1, MOST_PAGES + 1):
            page = self.browser.get(f"{address}?page={number}")
            links = [link for link in page.links("Wrong?") if urlsplit(link).path not in seen]
            if not links:
                return
            seen |= {urlsplit(link).path for link in links}
            yield from links

    def _labels(self, page: Page) -> set[str] | None:
        """What was meant by the text on a correction page, found by its words; None when it is not known."""
        text = page.tree.css_first(".review-text")
        words = _words(text.text() if text else "")
        best = max(self.known, key=lambda entry: _likeness(words, entry[0]))
        return best[1] if _likeness(words, best[0]) > LIKE else None


def _meant(campus: Campus) -> Iterator[tuple[set[str], set[str]]]:
    """The words of each reflection and the labels that its writer meant."""
    meant = read("teacher.json")
    for number, task in enumerate(campus.content.assignments, 1):
        for row in campus.submissions(task):
            if row.author in meant[f"r{number}"]:
                yield _words(own_words(row.versions[-1].html)), set(meant[f"r{number}"][row.author])


def _sentiment(labels: set[str]) -> str:
    good, bad = bool(labels & POSITIVE), bool(labels & NEGATIVE)
    return "neutral" if good == bad else "positive" if good else "negative"


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


def _likeness(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0
