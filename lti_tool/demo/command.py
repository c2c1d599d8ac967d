"""`undertone demo`: start the pair, let the class answer, and keep running; or play the whole story and check it."""

import signal
import threading
from datetime import UTC, datetime

import click

from lti_tool.demo.classroom import let_all_answer
from lti_tool.demo.jobs import pull_score_picture
from lti_tool.demo.pair import Pair, running_pair
from lti_tool.demo.stopping import ProcessEndedError, StoppedError
from lti_tool.demo.story import tell

LOOK_SECONDS = 0.5
UNFINISHED = 130
"""Exit code of a check that was stopped: neither passed nor failed (128 and the number of SIGINT, as shells say)."""


def run_demo(*, check: bool, port: int) -> int:
    """Run the demonstration; the exit code."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    began = datetime.now(UTC)
    try:
        with running_pair(port, stop) as pair:
            return tell(pair, began) if check else _keep_running(pair, began)
    except StoppedError as stopped:
        click.echo(f"\n{stopped.words}")
        return UNFINISHED if check else 0
    except ProcessEndedError as ended:
        click.echo(ended.words, err=True)
        return 1


def _keep_running(pair: Pair, began: datetime) -> int:
    """Bring the class to life and wait; ends only by StoppedError or ProcessEndedError."""
    _invite(pair, began)
    let_all_answer(pair)
    for step in pull_score_picture(pair):
        click.echo(f"  {step}")
    click.echo("\nEverything is ready. Ctrl-C stops it; what was written is then gone.")
    while True:
        pair.require_up()
        pair.stop.wait(LOOK_SECONDS)


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
