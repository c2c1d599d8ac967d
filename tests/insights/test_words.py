"""Every finding has its sentence, and none speaks of people."""

from dataclasses import replace
from itertools import product
from typing import get_args

import pytest

from lti_tool.insights import words
from lti_tool.insights.candidates import HIGH
from lti_tool.insights.charts import peak_sentence
from lti_tool.insights.snapshot import Change, ChartFinding, Finding, Place, Point, SnapshotBody, Week
from lti_tool.insights.weeks import chart_findings

pytestmark = pytest.mark.usefixtures("page")

FOUND = Finding(
    id="confusion-all-section-3",
    label="confusion",
    change="more_than_doubled",
    place=Place("section", "3", "Recursion"),
    source="all",
    share="about_half",
    before="about_a_fifth",
    texts=30,
    of=60,
    authors=15,
    certainty="likely",
    next_step="plan_q_and_a",
    trend=(5, 20, 50),
    examples=(),
)


def said(finding):
    return "".join(words.finding_sentence(finding))


def test_a_finding_reads_as_one_sentence():
    wanted = (
        "Confusion in “Recursion” more than doubled: about half of about 60 texts, up from about a fifth."
    )
    assert said(FOUND) == wanted


def test_a_level_names_no_week_before():
    high = replace(FOUND, change="high", before=None, place=Place("course", "", ""), source="reflection")
    assert said(high) == "Confusion in the reflections is high: about half of about 60 texts."


@pytest.mark.parametrize(("label", "change"), list(product(HIGH, get_args(Change))))
def test_every_label_and_change_has_words(label, change):
    sentence = said(replace(FOUND, label=label, change=change)).lower()
    assert label in sentence
    assert "student" not in sentence


def test_the_chart_sentence_names_the_peak_and_the_direction():
    from datetime import date

    weeks = tuple(Week(number, date(2026, 9, 7)) for number in range(1, 7))
    chart = (
        ChartFinding("confusion", 3, "Recursion", "rising"),
        ChartFinding("frustration", 6, "", "rising"),
    )
    body = SnapshotBody("ready", 5, week=6, weeks=weeks, chart=chart)
    assert words.chart_sentence(body) == (
        "Confusion peaked in week 3 (Recursion) and is rising again. Frustration is at its highest in week 6."
    )


@pytest.mark.parametrize(
    ("heights", "wanted"),
    [
        ((5, 10, 10), "No week stands out: confusion and frustration stay low."),
        ((5, 30, 30), "No single week stands out: confusion and frustration come and go."),
    ],
)
def test_without_a_peak_the_chart_says_whether_it_was_low_or_level(heights, wanted):
    line = tuple(Point(height, height, height) for height in heights)
    assert words.chart_sentence(SnapshotBody("ready", 5, series={"all": {"confusion": line}})) == wanted


def test_weeks_that_tie_for_the_highest_are_no_peak():
    tied = {
        label: tuple(Point(height, 0, 0) for height in (10, 30, 30)) for label in ("confusion", "frustration")
    }
    assert chart_findings(tied, {}) == ()
    alone = {
        label: tuple(Point(height, 0, 0) for height in (10, 35, 30)) for label in ("confusion", "frustration")
    }
    assert [found.peak_week for found in chart_findings(alone, {})] == [2, 2]


@pytest.mark.parametrize(
    ("heights", "wanted"),
    [
        ((10, 40), "Confusion stood out most in week 2: 40 % of the reflections."),
        ((40, 40), "No single week stands out: no label reaches more than 40 % of the reflections."),
    ],
)
def test_the_chart_of_the_reflections_names_one_week_or_none(heights, wanted):
    from datetime import date

    weeks = tuple(Week(number, date(2026, 9, 7)) for number in (1, 2))
    line = tuple(Point(height, height, height) for height in heights)
    body = SnapshotBody("ready", 5, weeks=weeks, series={"reflection": {"confusion": line}})
    assert peak_sentence(body, "reflection") == wanted


def test_a_finding_on_shared_texts_alone_says_so():
    assert said(replace(FOUND, shared=True, before=None)).endswith(": about half of about 60 shared texts.")


def test_coverage_is_in_words_or_not_told():
    assert words.coverage(SnapshotBody("ready", 5, coverage="under_half")) == "under half of the class"
    assert words.coverage(SnapshotBody("ready", 5)) == ""
