"""`undertone demo --check`: the whole story over HTTP, a line per step with its seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import click
import requests
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.demo import evidence, traces
from lti_tool.demo.browser import Browser, Page
from lti_tool.demo.classroom import VISITOR, answer, let_all_answer, open_tool
from lti_tool.demo.jobs import course_id, pull_score_picture, run_now, wait_for
from lti_tool.demo.pair import Pair
from lti_tool.demo.stopping import StoppedError, go_on
from lti_tool.demo.teacher import Teacher
from lti_tool.errors import UndertoneError
from lti_tool.insights import service as insights
from lti_tool.insights.snapshot import SnapshotBody

LEAST_AUTHORS = 5
CORRECTIONS = 19
"""Of twenty in a row that are given faster than anybody reads, all would wait for a second reader (S43)."""
MOST_LETTERS = 200
FAULTS = (UndertoneError, requests.RequestException, SQLAlchemyError, LookupError)
"""What a step can meet when the tool does not do as it should: each is a line of the story, never a traceback."""
CHOICE = {"A": True, "earlier": True, "B": True, "C": True, "D": False}


class StoryError(UndertoneError):
    code = "story"


@dataclass
class Story:
    """The story so far; each method is one step and returns what it saw."""

    pair: Pair
    visitor: tuple[Browser, Page] = field(init=False)
    teacher: Teacher = field(init=False)

    def the_class_answers(self) -> str:
        return f"{let_all_answer(self.pair)} students answered the choice page"

    def the_visitor_is_asked(self) -> str:
        self.visitor = open_tool(self.pair.campus_url, VISITOR)
        page = self.visitor[1]
        _demand(any(form.id == "choices" for form in page.forms()), f"No choice page but “{page.title}”.")
        return f"“{page.title}”"

    def the_course_is_read(self) -> str:
        lines = list(pull_score_picture(self.pair))
        return "; ".join(lines)

    def nothing_of_the_visitor_is_there(self) -> str:
        found = traces.found(self.pair, traces.telling(self.pair.campus, VISITOR))
        _demand(not found, f"Before consent, words of the visitor are in: {', '.join(sorted(found))}.")
        return "neither words nor name of the 24th student are in any table, file or log"

    def the_visitor_agrees(self) -> str:
        page = answer(*self.visitor, CHOICE)
        return f"“{page.title}”"

    def the_visitor_sees_their_texts(self) -> str:
        page = open_tool(self.pair.campus_url, VISITOR)[1]
        words = page.text()
        planted = traces.planted(VISITOR)
        seen = sum(word in words for word in planted)
        _demand(seen == len(planted), f"{seen} of {len(planted)} texts are on the page “{page.title}”.")
        _demand("Automatic estimate from text. It can be wrong." in words, "The estimate note is missing.")
        found = traces.in_tables(self.pair, planted)
        _demand("table posts" in found, "The search for planted words does not read the tables.")
        return f"{seen} texts with labels in words"

    def the_instructor_reads_a_finding(self) -> str:
        browser, page = open_tool(self.pair.campus_url, "instructor")
        self.teacher = Teacher(self.pair, browser, page)
        body = self._body()
        _demand(bool(body.findings), f"No finding on the page “{page.title}”.")
        behind = {finding: evidence.authors(self.pair, finding) for finding in body.findings}
        best = max(behind, key=lambda finding: behind[finding])
        _demand(behind[best] >= LEAST_AUTHORS, f"Behind the finding are {behind[best]} authors.")
        read = evidence.examples(browser, page, best)
        return f"“{read.headline}”, {behind[best]} authors, {len(read.quoted)} texts; {len(behind)} findings"

    def the_instructor_corrects(self) -> str:
        changed, confirmed = self.teacher.correct_reflections(CORRECTIONS)
        _demand(changed > 0, "No label was corrected.")
        return f"{changed} texts corrected, {confirmed} confirmed"

    def the_model_is_retrained(self) -> str:
        browser, page = open_tool(self.pair.campus_url, "admin")
        since = datetime.now(UTC)
        model = browser.get(page.link("Model"))
        browser.submit(model.form("run-now"))
        job = wait_for(self.pair, "retrain", "", since)
        decision = str(job.result["decision"])
        _demand(
            decision in ("promoted", "kept", "recalibrated", "unstable"), f"The decision was “{decision}”."
        )
        report = browser.get(page.link("Model")).text()
        _demand(str(job.result["sentence"]) in report, "The report is not on the page.")
        return str(job.result["sentence"])

    def the_class_is_rescored(self) -> str:
        course = course_id(self.pair)
        run_now(self.pair, "score", course)
        run_now(self.pair, "snapshot", course)
        page = open_tool(self.pair.campus_url, "instructor")[1]
        _demand(
            page.status == 200 and bool(self._body().findings), "The overview is empty after the retraining."
        )
        return f"“{page.title}” with {len(self._body().findings)} findings"

    def nothing_of_the_others_is_there(self) -> str:
        campus = self.pair.campus
        words = [word for key in traces.silent(campus) for word in traces.telling(campus, key)]
        found = traces.found(self.pair, words)
        _demand(not found, f"Words of students who did not agree are in: {', '.join(sorted(found))}.")
        return f"none of {len(words)} words and names of those who did not agree is in any table, file, cache or log"

    def _body(self) -> SnapshotBody:
        with self.pair.installation.database.reading() as session:
            row = insights.latest(session, course_id(self.pair))
        if row is None:
            raise StoryError("There is no picture of the course.")
        return insights.body_of(row)


def tell(pair: Pair, began: datetime) -> int:
    """Play every step and print it; 0 when all went as they should. Raises StoppedError."""
    click.echo(
        _line("ok", (datetime.now(UTC) - began).total_seconds(), "start", "campus, web and worker are up")
    )
    story = Story(pair)
    steps: list[Callable[[], str]] = [
        story.the_class_answers,
        story.the_visitor_is_asked,
        story.the_course_is_read,
        story.nothing_of_the_visitor_is_there,
        story.the_visitor_agrees,
        story.the_course_is_read,
        story.the_visitor_sees_their_texts,
        story.the_instructor_reads_a_finding,
        story.the_instructor_corrects,
        story.the_model_is_retrained,
        story.the_class_is_rescored,
        story.nothing_of_the_others_is_there,
    ]
    for step in steps:
        go_on(pair.stop)
        if not _play(step):
            return 1
    click.echo(f"All {len(steps) + 1} steps went as they should.")
    return 0


def _play(step: Callable[[], str]) -> bool:
    start, name = time.monotonic(), step.__name__.replace("_", " ")
    try:
        saw = step()
    except StoppedError:
        raise
    except FAULTS as error:
        click.echo(_line("FAIL", time.monotonic() - start, name, _in_one_line(error)))
        return False
    click.echo(_line("ok", time.monotonic() - start, name, saw))
    return True


def _in_one_line(error: Exception) -> str:
    if isinstance(error, UndertoneError):
        return error.words
    return f"{type(error).__name__}: {' '.join(str(error).split())[:MOST_LETTERS]}"


def _line(state: str, seconds: float, name: str, words: str) -> str:
    return f"{state:<4} {seconds:6.1f} s  {name}: {words}"


def _demand(condition: bool, otherwise: str) -> None:
    if not condition:
        raise StoryError(otherwise)
