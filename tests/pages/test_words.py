"""Filled pages in the pseudo-locale: every word of ours went through a catalogue (U45)."""

import re
import runpy
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from lti_tool.app import create_app
from lti_tool.launch import languages
from lti_tool.launch.tables import LaunchSession
from tests.pages.course import open_course
from tests.pages.test_instructor_pages import PAGES

MESSAGES = Path(__file__).parents[2] / "scripts" / "messages.py"
THEIRS = "bdi, blockquote, q, mark, time, title, option[value]:not([value='']), script, code"
"""Words of the course and its students, and elements that are not shown."""
RAW = re.compile(r"[A-Za-z]{3,}")
NAMES = {"Algorithms", "UTC", "Recursion", "part", "Sep", "September"}


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("translations")
    runpy.run_path(str(MESSAGES))["write"](folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(languages, "CATALOGUES", folder)
        opened = open_course(tmp_path_factory.mktemp("pseudo"))
        with opened.database.session() as session:
            session.get_one(LaunchSession, opened.launch_id).locale = languages.PSEUDO
        opened.app = create_app(opened.settings, opened.database, opened.keyring)
        yield opened
        opened.database.dispose()


@pytest.mark.parametrize("path", PAGES)
def test_no_filled_page_holds_a_raw_word(pseudo, path):
    page = pseudo.get(path)
    assert page.status_code == 200
    tree = LexborHTMLParser(page.text)
    for node in tree.css(THEIRS):
        node.decompose()
    texts = [tree.body.text(separator="\n")]
    texts += [
        node.attributes.get(name) or "" for name in ("aria-label", "alt") for node in tree.css(f"[{name}]")
    ]
    found = {word for text in texts for word in RAW.findall(text)} - NAMES
    assert found == set()
