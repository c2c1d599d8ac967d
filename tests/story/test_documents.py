"""The documents lead to each other: no link goes nowhere, and none is left out of the index."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CODE = re.compile(r"\([LPSU]\d{1,2}(?:[,–]\s?[LPSU]?\d{1,2})*\)|design decision", re.I)
"""References that the docstrings carry and no reader of the documents can look up."""
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def links(document: Path) -> set[Path]:
    """Files of this project that a document names."""
    found = LINK.findall(document.read_text())
    return {(document.parent / link).resolve() for link in found if "://" not in link}


DOCUMENTS = [ROOT / "README.md", *sorted(DOCS.rglob("*.md")), ROOT / "model" / "starter" / "DATASHEET.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_rule_is_told_in_words_and_not_by_a_code(document):
    assert CODE.findall(document.read_text()) == []


@pytest.mark.parametrize("code", ["(P59)", "(U34–U39)", "(P30, P37)", "Design decision 6"])
def test_a_code_is_recognised(code):
    assert CODE.search(code)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document):
    assert [link.name for link in links(document) if not link.exists()] == []


def test_the_index_names_every_document_and_picture():
    indexes = [DOCS / "README.md", DOCS / "privacy" / "README.md"]
    there = {*DOCS.rglob("*.md"), *(DOCS / "screenshots").glob("*.png")} - {DOCS / "README.md"}
    assert sorted(path.name for path in there - set().union(*map(links, indexes))) == []


def test_pictures_are_small():
    large = [
        picture.name for picture in (DOCS / "screenshots").glob("*.png") if picture.stat().st_size > 300_000
    ]
    assert large == []
