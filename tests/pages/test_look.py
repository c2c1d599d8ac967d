"""Contrast of the tokens, and properties that hold for both directions of writing."""

import re
from pathlib import Path

import pytest

import lti_tool

STATIC = Path(lti_tool.__file__).parent.parent / "static"
TOKENS = dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6});", (STATIC / "css" / "undertone.css").read_text()))
SHEETS = sorted(path for path in STATIC.rglob("*.css") if "vendor" not in path.parts)
SCRIPTS = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
PHYSICAL = re.compile(
    r"(?<![\w-])(?:"
    r"(?:margin|padding|border)-(?:left|right)[\w-]*|border-(?:top|bottom)-(?:left|right)-radius|left|right)\s*:"
    r"|(?<![\w-])(?:text-align|float|clear)\s*:\s*(?:left|right)\b"
)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", ["--paper", "--wash", "--accent-wash", "--highlight"])
@pytest.mark.parametrize("words", ["--ink", "--ink-2", "--accent"])
def test_words_stand_out_from_every_ground(words, ground):
    assert contrast(words, ground) >= 4.5


@pytest.mark.parametrize("words", ["--ink-3", "--data-blue", "--data-vermillion", "--data-grey"])
def test_captions_and_names_of_lines_can_be_read_on_paper(words):
    assert contrast(words, "--paper") >= 4.5


def test_edges_of_controls_can_be_seen():
    assert contrast("--line-strong", "--paper") >= 3
    assert contrast("--paper", "--accent") >= 4.5


def name_of(path):
    return path.name


@pytest.mark.parametrize(
    "declaration",
    [
        "margin-left: 1rem",
        "border-right-width: 0",
        "border-top-left-radius: 2px",
        "a { right: 0 }",
        "float:left",
        "text-align: right",
    ],
)
def test_a_physical_property_is_recognised(declaration):
    assert PHYSICAL.search(declaration)


@pytest.mark.parametrize(
    "declaration", ["margin-inline-start: 1rem", "float: none", "text-align: start", "--right: 0"]
)
def test_a_logical_property_is_not_taken_for_a_physical_one(declaration):
    assert not PHYSICAL.search(declaration)


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_a_sheet_uses_logical_properties_only(sheet):
    """`direction: ltr` of a chart and mirrored pictures are the exceptions, each for `[dir]` or a drawing."""
    assert PHYSICAL.findall(sheet.read_text()) == []


@pytest.mark.parametrize("sheet", SHEETS, ids=name_of)
def test_nothing_is_fixed_to_the_window(sheet):
    assert not re.search(r"position:\s*(fixed|sticky)", sheet.read_text())


@pytest.mark.parametrize("path", [*SHEETS, *SCRIPTS], ids=name_of)
def test_nothing_is_fetched_from_elsewhere(path):
    assert not re.search(r"""["'(](?:https?:)?//""", path.read_text())


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_scripts_build_nothing_from_text(path):
    assert not re.search(
        r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", path.read_text()
    )


def test_every_sheet_and_script_of_ours_is_looked_at():
    """The globs find what there is: the tool's, the launch's and the campus's, and nothing of others."""
    names = {path.name for path in [*SHEETS, *SCRIPTS]}
    assert {"undertone.css", "consent.css", "administration.css", "campus.css", "continue.js"} <= names
    assert "bootstrap.min.css" not in names
