"""The documents lead to each other: no link goes nowhere, and none is left out of the index."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def links(document: Path) -> set[Path]:
    """Files of this project that a document names."""
    found = LINK.findall(document.read_text())
    return {(document.parent / link).resolve() for link in found if "://" not in link}


@pytest.mark.parametrize(
    "document", [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda path: path.name
)
def test_every_link_leads_to_a_file(document):
    assert [link.name for link in links(document) if not link.exists()] == []


def test_the_index_names_every_document_and_picture():
    there = {*DOCS.rglob("*.md"), *(DOCS / "screenshots").glob("*.png")} - {DOCS / "README.md"}
    assert sorted(path.name for path in there - links(DOCS / "README.md")) == []


def test_pictures_are_small():
    large = [
        picture.name for picture in (DOCS / "screenshots").glob("*.png") if picture.stat().st_size > 300_000
    ]
    assert large == []
