"""Contrast of the tokens, and properties that hold for both directions of writing."""

import re
from pathlib import Path

import pytest

import lti_tool

STATIC = Path(lti_tool.__file__).parent.parent / "static"
SHEET = (STATIC / "css" / "undertone.css").read_text()
TOKENS = dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6});", SHEET))


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


def test_the_sheet_uses_logical_properties_only():
    """`direction: ltr` of a chart and mirrored pictures are the exceptions, each for `[dir]` or a drawing."""
    physical = re.findall(
        r"^\s*(?:margin|padding|border)-(?:left|right)\b.*|^\s*(?:left|right|float): (?!none).*", SHEET, re.M
    )
    assert physical == []
    assert not re.search(r"text-align: (left|right)", SHEET)


def test_nothing_is_fixed_to_the_window_and_nothing_is_fetched_from_elsewhere():
    assert not re.search(r"position: (fixed|sticky)", SHEET)
    for path in [*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js"), *STATIC.glob("fonts/*.css")]:
        assert not re.search(r"""["'(](?:https?:)?//""", path.read_text()), path.name


def test_scripts_build_nothing_from_text():
    for path in STATIC.glob("js/*.js"):
        assert not re.search(
            r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", path.read_text()
        )
