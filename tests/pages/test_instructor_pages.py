"""What every page of an instructor holds, and what none does."""

import json
import re
from collections import Counter
from html import unescape

import pytest
from flask import url_for
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent.tables import ConsentState
from lti_tool.insights.charts import weeks_chart
from lti_tool.insights.service import body_of, latest, phrases
from lti_tool.review.texts import pieces
from lti_tool.scoring.tables import ModelVersion, Score
from tests.classroom import logits
from tests.pages.course import HOSTILE

SCORED = ("overview", "topics", "reflections", "forums", "FINDING", "FINDING/act", "review")
WITHOUT_SCORE = {
    "listing.ask",
    "launch_pages.information",
    "review.guide",
    "review.what_happens",
    "worrying.protocol",
}
ESTIMATE = "Automatic estimate from text. It can be wrong."
PAGES = (*SCORED, "how-it-works", "review/guide", "review/what-happens")
NEVER = re.compile(
    r"you are|confused students?|frustrated students?|\brank|percentile|league|streak|risk score", re.I
)


@pytest.mark.parametrize("path", SCORED)
def test_every_page_with_a_score_leads_to_how_it_works(seen, path):
    page = seen.get(path)
    assert page.status_code == 200
    assert ESTIMATE in page.text
    assert "how-it-works" in page.text


def test_p5_every_page_but_those_without_a_score_says_that_it_is_an_estimate(seen):
    """A page that is new stands here by itself; one that shows no score is added to WITHOUT_SCORE by hand."""
    shown = pages(seen)
    assert len(shown) > len(SCORED)
    assert {endpoint for endpoint, page in shown.items() if ESTIMATE not in page} == WITHOUT_SCORE


@pytest.mark.parametrize("endpoint", sorted(WITHOUT_SCORE))
def test_a_page_without_the_note_shows_no_score(seen, endpoint):
    assert not re.search(r"label-chip|data-chart|sparkline|\d %", pages(seen)[endpoint])


def pages(course):
    """What the instructor sees at every address of the map that one may get, by its endpoint."""
    with course.app.test_request_context():
        found = {
            rule.endpoint: course.client().get(address_of(rule, course), base_url=course.settings.base_url)
            for rule in course.app.url_map.iter_rules()
            if "GET" in rule.methods and "launch_id" in rule.arguments
        }
    assert found.pop("placing.choose").status_code == 404  # this launch did not come from the LMS's editor
    assert found.pop("prompts.opened").status_code == 404  # nor through a reflection's link
    assert {page.status_code for page in found.values()} == {200, 403}
    return {endpoint: page.text for endpoint, page in found.items() if page.status_code == 200}


def address_of(rule, course):
    return url_for(
        rule.endpoint, **{name: value for name, value in known(course).items() if name in rule.arguments}
    )


def known(course):
    """A value for each argument; an address with another cannot be built, and the test says so."""
    return {
        "launch_id": course.launch_id,
        "finding_id": course.finding,
        "post_id": course.posts["b"][0],
        "course_id": course.course_id,
        "kind": "moodle",
        "language": "de",
        **dict.fromkeys(
            ("registration_id", "reflection_id", "event_id", "erasure_id", "request_id", "version_id"),
            "0" * 32,
        ),
    }


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_a_foreign_origin_or_inline_script_or_style(seen, path):
    page = seen.get(path).text
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', page):
        assert re.match(r"(/(?!/)|#|\?|$)", address), address


@pytest.mark.parametrize("path", PAGES)
def test_markup_in_names_titles_and_texts_is_shown_and_never_obeyed(hostile, path):
    page = hostile.get(path)
    assert page.status_code == 200
    assert "alert(1)</script>" not in page.text
    assert "<img" not in page.text


@pytest.mark.parametrize("path", ["overview", "reflections", "topics", "review"])
def test_hostile_words_are_really_on_the_page(hostile, path):
    assert HOSTILE in unescape(hostile.get(path).text)


@pytest.mark.parametrize("path", PAGES)
def test_texts_are_described_and_never_people(seen, path):
    assert not NEVER.search(re.sub(r"<[^>]+>", " ", seen.get(path).text))


@pytest.mark.parametrize("path", PAGES)
def test_each_page_has_one_heading_of_the_first_level_a_title_and_landmarks(seen, path):
    page = seen.get(path).text
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]+ · Algorithms I</title>", page)
    assert '<main id="main"' in page
    assert 'href="#main"' in page


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_at_most_one_primary_action(seen, path):
    assert seen.get(path).text.count("btn-primary") <= 1


@pytest.mark.parametrize("path", ["overview", "reflections", "forums"])
def test_the_table_holds_the_numbers_of_the_chart(seen, path):
    page = seen.get(path).text
    data = json.loads(unescape(re.search(r"data-chart='([^']*)'", page)[1]))
    table = page[page.index("<table") : page.index("</table>")]
    cells = [_words(cell) for cell in re.findall(r"<td>(.*?)</td>", table, re.S)]
    drawn = [series["shown"][row] for row in range(len(data["x"])) for series in data["series"]]
    assert [cell.split(" (")[0] for cell in cells] == drawn
    bands = [cell for cell in cells if "(" in cell]
    low, high = data["series"][0]["low"][0], data["series"][0]["high"][0]
    assert f"({low}–{high} %)" in bands[0]


def _words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_a_week_that_may_not_be_shown_is_a_gap_and_says_so(course):
    with course.database.session() as session:
        row = latest(session, course.course_id)
        body = json.loads(json.dumps(row.body))
        body["series"]["all"]["confusion"][1] = None
        row.body = body
    page = course.get("overview").text
    data = json.loads(unescape(re.search(r"data-chart='([^']*)'", page)[1]))
    confusion = data["series"][0]
    assert confusion["values"][1] is None
    assert confusion["low"][1] is None
    assert confusion["shown"][1] == "Too few to show"
    assert page.count("Too few to show") >= 2


def test_the_overview_tells_of_texts_in_languages_that_are_not_covered(course):
    words = "10 more texts are in a language that is not covered yet"
    assert words not in course.get("overview").text
    with course.database.session() as session:
        row = latest(session, course.course_id)
        row.body = row.body | {"uncovered": 10}
    assert words in course.get("overview").text


def test_a_chart_without_a_single_number_is_no_chart(seen):
    with seen.database.reading() as session:
        body = body_of(latest(session, seen.course_id))
    series = {"all": {"confusion": (None, None, None)}}
    from dataclasses import replace

    with seen.app.test_request_context():
        assert weeks_chart(replace(body, series=series)) is None
        assert weeks_chart(body)["series"][0]["name"] == "Confusion"


@pytest.mark.parametrize("path", ["overview", "reflections", "forums", "FINDING", "review"])
def test_only_texts_of_authors_who_share_them_are_shown(seen, path):
    page = seen.get(path).text
    assert re.search(r"Author \d+ b ", page)
    assert " no b " not in page


@pytest.mark.parametrize("path", ["overview", "reflections", "forums", "FINDING"])
def test_a_withdrawal_hides_texts_at_once(course, path):
    with course.database.session() as session:
        for state in session.scalars(select(ConsentState)):
            state.b = False
    page = course.get(path)
    assert page.status_code == 200
    assert not re.search(r"Author \d+", page.text)


@pytest.mark.parametrize("path", ["overview", "reflections", "forums", "FINDING"])
def test_an_institution_that_shows_classes_only_shows_no_text(course, path):
    course.mode("aggregate_only")
    page = course.get(path)
    assert page.status_code == 200
    assert not re.search(r"Author \d+", page.text)
    assert "Wrong?" not in page.text


def test_reading_texts_is_recorded_with_a_count_per_author(course):
    page = course.get("FINDING").text
    shown = len(re.findall(r'<article class="student-text">', page))
    with course.database.reading() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.event == "texts_read")).all()
    assert shown > 0
    assert sum(row.facts["texts"] for row in rows) == shown
    assert all(row.facts["page"] == "examples" for row in rows)
    assert {row.actor_id for row in rows} == {course.instructor_id}
    assert max(Counter(row.subject_id for row in rows).values()) == 1


def test_a_page_without_texts_records_no_reading(course):
    course.get("topics")
    with course.database.reading() as session:
        assert not session.scalars(select(AuditEvent).where(AuditEvent.event == "texts_read")).all()


def test_texts_are_found_by_week_label_and_place(seen):
    page = seen.get("forums?week=3&label=confusion").text
    assert "in week 3" in page
    assert "in week 1" not in page
    assert "reads as <strong>confused" in page
    assert "No shared post fits" in seen.get("forums?week=1&label=confusion").text


def test_texts_come_twenty_at_a_time(seen):
    first, second = seen.get("reflections").text, seen.get("reflections?page=2").text
    assert first.count("<article") == 20
    assert 0 < second.count("<article") <= 20
    assert "Older" in first
    assert "Newer" in second


@pytest.mark.parametrize(
    "query",
    [
        "week=x",
        "page=-4",
        "label=anger",
        "section=abc",
        "section=99999999999999999999",
        "week=-1",
        "page=9999",
        "activity=none",
    ],
)
def test_an_odd_filter_is_an_ordinary_page(seen, query):
    assert seen.get(f"reflections?{query}").status_code == 200


def test_a_finding_that_is_not_in_the_picture_is_not_found(seen):
    assert seen.get("findings/confusion-all-section-99").status_code == 404


def test_phrases_are_marked_in_the_examples(seen):
    with seen.database.reading() as session:
        finding = body_of(latest(session, seen.course_id)).findings[0]
        said = phrases(session, finding)
    marked = re.findall(r"<mark>(.*?)</mark>", seen.get("FINDING").text)
    assert marked
    assert {words.lower() for words in marked} <= {phrase.lower() for phrase in said}


@pytest.mark.parametrize(
    "text", ["", "when do I stop", "When DO\n I stop? Do I stop at zero?", "unstoppable (do i"]
)
def test_marking_loses_no_letter_and_marks_whole_words_only(text):
    found = pieces(text, ["do i stop", "do i", "stop"])
    assert "".join(words for words, _ in found) == text
    assert all(re.fullmatch(r"(?i)do\s+i\s+stop|do\s+i|stop", words) for words, marked in found if marked)
    assert any(marked for _, marked in found) == bool(text)


def test_an_old_picture_says_so(course):
    with course.database.session() as session:
        row = latest(session, course.course_id)
        row.built_at = row.built_at.replace(year=row.built_at.year - 1)
    assert "This picture is older than it should be" in course.get("overview").text


def test_an_unsure_label_is_told_quietly_beside_the_others(course):
    with course.database.session() as session:
        for score in session.scalars(select(Score).where(Score.post_id.in_(course.posts["b"]))):
            score.logits = logits(engagement=0.9, boredom=0.45)
        for version in session.scalars(select(ModelVersion)):
            labels = version.calibration["labels"]
            low = labels | {"boredom": labels["boredom"] | {"threshold": 0.4}}
            version.calibration = version.calibration | {"labels": low}
    page = course.get("reflections").text
    assert "reads as <strong>engaged</strong> · likely" in page
    assert "unsure: bored" in page
    assert "<strong>bored</strong>" not in page


def test_a_part_of_the_course_leads_to_both_kinds_of_its_texts(seen):
    page = seen.get("forums?section=3").text
    assert "in week 3" in page
    assert "in week 2" not in page
    assert "Its reflections" in page
    assert 'name="section" value="3"' in page


def test_the_sentence_above_the_chart_of_a_kind_is_a_finding(seen):
    assert re.search(
        r"Confusion stood out most in week 3: \d+ % of the reflections", seen.get("reflections").text
    )


@pytest.mark.parametrize("path", ["reflections", "forums", "overview"])
def test_p55_every_text_has_the_link_to_the_protocol(seen, path):
    page = LexborHTMLParser(seen.get(path).text)
    for text in page.css(".student-text"):
        assert text.css_first("a.worrying").attributes["href"].endswith("/worrying")
    assert page.css(".student-text") or path == "overview"
