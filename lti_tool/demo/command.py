"""`undertone demo`: start the pair, let the class answer, and keep running; or play the whole story and check it."""

import signal
import threading
from contextlib import suppress
from datetime import UTC, datetime

import click
from tqdm import tqdm

from lti_tool.demo.classroom import answer_all, students_who_answer
from lti_tool.demo.jobs import StoppedError, pull_score_picture
from lti_tool.demo.pair import Pair, running_pair
from lti_tool.demo.story import tell


def run_demo(*, check: bool, port: int) -> int:
    """Run the demonstration; the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    began = datetime.now(UTC)
    with running_pair(port) as pair:
        if check:
            return tell(pair, began)
        _invite(pair, began)
        _bring_to_life(pair, stop)
        if not stop.is_set():
            click.echo("\nEverything is ready. Ctrl-C stops it; what was written is then gone.")
        while not stop.is_set() and pair.tool_is_up():
            stop.wait(0.5)
    if not stop.is_set():
        click.echo("A process of the tool ended by itself, so the demonstration was stopped.", err=True)
        return 1
    click.echo("\nStopped.")
    return 0


def _invite(pair: Pair, began: datetime) -> None:
    seconds = (datetime.now(UTC) - began).total_seconds()
    click.echo(f"Up after {seconds:.1f} s. Open in a browser:\n")
    for words, key in (
        ("a student who has not been asked yet", "visitor"),
        ("the instructor", "instructor"),
        ("the administrator", "admin"),
    ):
        click.echo(f"  {pair.campus_url}/as/{key:<11} {words}")
    click.echo(f"\n  {pair.campus_url}/              everybody else\n")


def _bring_to_life(pair: Pair, stop: threading.Event) -> None:
    """Let the class answer through the choice page, then read, score and picture the course."""
    total = len(students_who_answer(pair.campus))
    for _ in tqdm(
        answer_all(pair.campus, pair.campus_url), "Students answer the choice page", total, disable=None
    ):
        if stop.is_set():
            return
    with suppress(StoppedError):
        for step in pull_score_picture(pair, stop):
            click.echo(f"  {step}")
