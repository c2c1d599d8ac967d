"""The `undertone` command. Each command opens the installation, calls a service and prints what it did."""

import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from lti_tool.commands import GROUPS
from lti_tool.commands.model import rollback
from lti_tool.errors import FieldError, UndertoneError

SETTING_OF = {"lms_token": "UNDERTONE_LMS_TOKEN"}
"""What is no option, since everyone who may list processes would see it."""


class PlainErrors(click.Group):
    """A group whose errors are one clear line on standard error and exit code 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UndertoneError as error:
            click.echo(f"undertone: {error.words}{_options(error)}", err=True)
            context.exit(2)
        except Exception as error:
            if not _is_of_the_database(error):
                raise
            # Its own words quote the statement and its values, and a value can be a student's text (P37).
            click.echo(f"undertone: The database refused or is busy ({type(error).__name__}).", err=True)
            context.exit(2)


def _options(error: UndertoneError) -> str:
    """How the command line calls the fields that did not fit."""
    if not isinstance(error, FieldError) or not error.fields:
        return ""
    called = (SETTING_OF.get(field, f"--{field.replace('_', '-')}") for field in error.fields)
    return f" ({', '.join(called)})"


def _is_of_the_database(error: Exception) -> bool:
    return any(kind.__name__ == "SQLAlchemyError" for kind in type(error).__mro__)


@click.group(cls=PlainErrors)
@click.version_option(package_name="undertone")
def main() -> None:
    """Undertone: where a course is stuck, from texts whose authors agreed."""


@main.command()
@click.option("--host", default=None, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port to listen on.")
def serve(host: str | None, port: int | None) -> None:
    """Run the web pages and the worker until stopped."""
    from lti_tool.installation import open_installation, prepare
    from lti_tool.processes import require_free_port, run_together, web_command, worker_command

    installation = open_installation()
    settings = installation.settings
    address = (host or settings.host, port or settings.port)
    require_free_port(*address)
    prepare(installation)
    installation.database.dispose()
    click.echo(f"Undertone answers at {settings.base_url}. Ctrl-C stops it.")
    sys.exit(run_together([web_command(*address, workers=settings.web_processes), worker_command()]))


@main.command()
def worker() -> None:
    """Run jobs and keep the schedule until stopped."""
    from lti_tool import alive, quiet_hours
    from lti_tool.catching_up import catch_up
    from lti_tool.installation import open_current
    from lti_tool.jobs.worker import Worker
    from lti_tool.processes import keep_memory_out_of_files
    from lti_tool.schedule import entries, load_tasks

    keep_memory_out_of_files()
    installation = open_current()
    alive.hold(installation.settings.home)
    load_tasks()
    scheduled = entries(installation.settings)
    with installation.database.session() as session:
        catch_up(session, datetime.now(UTC), scheduled, quiet_hours.of(installation.settings))
    loop = Worker(installation.database, installation.settings, scheduled)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: loop.stop.set())
    loop.run_forever()


@main.command()
@click.option("--check", is_flag=True, help="Play the whole story over HTTP and say what happened.")
@click.option(
    "--port",
    type=click.IntRange(1, 65534),
    default=8700,
    show_default=True,
    help="Port of the tool; the campus takes the next one.",
)
def demo(check: bool, port: int) -> None:
    """Start the tool with a sample campus, for a first look."""
    from lti_tool.demo.command import run_demo

    sys.exit(run_demo(check=check, port=port))


@main.command()
@click.option("--course", default=None, help="Id of a course; all active ones by default.")
@click.option(
    "--complete", is_flag=True, help="Read everything anew, and erase at once what is not listed any more."
)
def sync(course: str | None, *, complete: bool) -> None:
    """Read the LMS now."""
    _run_for_courses("pull", course, {"complete": True} if complete else {})


@main.command()
@click.option("--course", default=None, help="Id of a course; all active ones by default.")
def score(course: str | None) -> None:
    """Score what has no score by the serving model yet."""
    _run_for_courses("score", course)


@main.command()
def retrain() -> None:
    """Retrain on the corrections now, and say what was decided: for each institution by itself."""
    from lti_tool.installation import read_settings
    from lti_tool.retraining import service
    from lti_tool.schedule import scopes

    lease = timedelta(seconds=read_settings().job_lease_seconds)

    def queue(session: Any, now: datetime) -> list[Any]:
        return [service.request(session, now, lease, scope or None) for scope in scopes(session, now)]

    _run_in_foreground(queue, service.KIND)


@main.command()
def check() -> None:
    """Check the settings, keys, database, model and every connection."""
    from lti_tool.health import lines
    from lti_tool.installation import open_installation

    wrong = 0
    for name, fault in lines(open_installation()):
        click.echo(f"{'ok   ' if fault is None else 'WRONG'} {name}" + (f": {fault}" if fault else ""))
        wrong += fault is not None
    sys.exit(1 if wrong else 0)


@main.command()
def migrate() -> None:
    """Bring the database to this version and install the shipped model."""
    from lti_tool.installation import open_installation, prepare

    prepare(open_installation())
    click.echo("The database is up to date.")


for command in GROUPS:
    main.add_command(command)
main.add_command(rollback)


def _run_for_courses(kind: str, course: str | None, how: dict[str, Any] | None = None) -> None:
    """Have the jobs done; `how` is added to what a pull of this command is told, not to one that runs already."""
    from lti_tool.ingest import breaker
    from lti_tool.jobs import enqueue
    from lti_tool.schedule import active_courses

    def queue(session: Any, now: datetime) -> list[Any]:
        chosen = active_courses(session, now)
        if course is not None and course not in chosen:
            raise UndertoneError("There is no active course of this id.")
        keys = [course] if course else chosen
        if kind == "pull":  # somebody asks for it, so it does not wait for an LMS that was left alone
            return [_told(breaker.ask(session, now, key), how or {}) for key in keys]
        return [enqueue(session, now, kind, key) for key in keys]

    _run_in_foreground(queue, kind)


def _told(job: Any, how: dict[str, Any]) -> Any:
    if how and job.state != "queued":
        raise UndertoneError("A reading of a course is under way. Ask again when it has ended.")
    job.payload = job.payload | how
    return job


def _run_in_foreground(queue: Callable[[Any, datetime], list[Any]], kind: str) -> None:
    """Queue jobs and run or watch them here, with a progress bar, until they end."""
    from lti_tool.foreground import follow
    from lti_tool.installation import open_current
    from lti_tool.schedule import load_tasks

    installation = open_current()
    load_tasks()
    with installation.database.session() as session:
        jobs = [job.id for job in queue(session, datetime.now(UTC))]
    if not jobs:
        click.echo("No course is in use, switched on and known to hold only adults: nothing to do.")
    elif not follow(installation, jobs, kind):
        sys.exit(1)


if __name__ == "__main__":
    main()
