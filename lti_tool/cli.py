"""The `undertone` command. Each command opens the installation, calls a service and prints what it did."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import click

from lti_tool.errors import ConfigurationError, UndertoneError


class PlainErrors(click.Group):
    """A group whose errors are one clear line on standard error and exit code 2."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except UndertoneError as error:
            click.echo(f"undertone: {error.words}", err=True)
            context.exit(2)
        except Exception as error:
            if not _is_of_the_database(error):
                raise
            # Its own words quote the statement and its values, and a value can be a student's text (P37).
            click.echo(f"undertone: The database refused or is busy ({type(error).__name__}).", err=True)
            context.exit(2)


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
    sys.exit(run_together([web_command(*address), worker_command()]))


@main.command()
def worker() -> None:
    """Run jobs and keep the schedule until stopped."""
    from lti_tool.installation import open_current
    from lti_tool.jobs.worker import Worker
    from lti_tool.schedule import entries, load_tasks

    installation = open_current()
    load_tasks()
    loop = Worker(installation.database, installation.settings, entries(installation.settings))
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
def sync(course: str | None) -> None:
    """Read the LMS now."""
    _run_for_courses("pull", course)


@main.command()
@click.option("--course", default=None, help="Id of a course; all active ones by default.")
def score(course: str | None) -> None:
    """Score what has no score by the serving model yet."""
    _run_for_courses("score", course)


@main.command()
def retrain() -> None:
    """Retrain on the corrections now, and say what was decided."""
    from lti_tool.installation import read_settings
    from lti_tool.retraining import service

    lease = timedelta(seconds=read_settings().job_lease_seconds)
    _run_in_foreground(lambda session, now: [service.request(session, now, lease)], service.KIND)


@main.command()
def rollback() -> None:
    """Serve the model that served before."""
    from lti_tool.installation import open_current
    from lti_tool.scoring import serving

    with open_current().database.session() as session:
        version = serving.rollback(session, datetime.now(UTC), who="command line")
    click.echo(
        f"Serving version {version.id[:8]} again ({version.origin}). Courses are scored by it in the background."
    )


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


@main.group()
def keys() -> None:
    """Keys that stay outside the database."""


@keys.command("init")
def keys_init() -> None:
    """Make a new keys file that only its owner can read."""
    from lti_tool.installation import make_home, read_settings
    from lti_tool.storage import Keyring

    settings = read_settings()
    make_home(settings.home)
    try:
        Keyring.generate().save(settings.keys_path)
    except FileExistsError:
        raise UndertoneError("There is a keys file already; it was left as it is.") from None
    except OSError as error:
        raise ConfigurationError(f"The keys file cannot be written here ({error.strerror}).") from None
    click.echo("Keys made. Keep a copy in a safe place: without them the stored texts cannot be read.")


@keys.command("list")
def keys_list() -> None:
    """List the published signing keys, oldest first, and say which of them signs."""
    from lti_tool.installation import open_current
    from lti_tool.launch import keys as signing

    with open_current().database.session() as session:
        current = signing.ensure(session, datetime.now(UTC)).kid
        for key in signing.published(session)["keys"]:
            click.echo(key["kid"] + (" (signs)" if key["kid"] == current else ""))


@keys.command("rotate")
@click.option("--at-once", is_flag=True, help="For a key that has become known: retire all others now.")
def keys_rotate(at_once: bool) -> None:
    """Publish the next signing key; it signs once the platforms have had a day to fetch it."""
    from lti_tool.installation import open_current
    from lti_tool.launch import keys as signing

    with open_current().database.session() as session:
        key = signing.rotate(session, datetime.now(UTC), at_once=at_once)
        since = "now" if at_once else f"{key.created_at + signing.LEAD:%Y-%m-%d %H:%M} UTC"
    click.echo(f"New signing key {key.kid}. It signs from {since}.")


@main.group()
def admin() -> None:
    """People who may administer an institution."""


@admin.command("add")
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--sub", required=True, help="The person's id in the LMS, as its launches send it.")
def admin_add(issuer: str, client_id: str, sub: str) -> None:
    """List a person as administrator of the institution that owns a registration."""
    from lti_tool.installation import open_current
    from lti_tool.launch import registrations

    with open_current().database.session() as session:
        found = registrations.find(session, issuer, client_id)
        registrations.add_operator(session, datetime.now(UTC), found.institution_id, issuer, client_id, sub)
    click.echo("Listed. They land on the administrator's pages at their next launch.")


@main.command()
@click.option("--institution", required=True, help="Name of the institution.")
@click.option("--issuer", required=True, help="The platform's issuer (Moodle: the site's address).")
@click.option("--client-id", required=True)
@click.option("--authorization-url", required=True)
@click.option("--token-url", required=True)
@click.option("--keys-url", required=True)
@click.option(
    "--mode",
    type=click.Choice(["off", "aggregate_only", "individual"]),
    help="Needed for a new institution; one that exists keeps its own.",
)
@click.option("--approved-by", help="Who decided on the mode.")
@click.option("--lms", type=click.Choice(["moodle", "canvas"]), required=True)
@click.option("--lms-url", required=True, help="Root address of the LMS.")
def register(
    lms: str, lms_url: str, institution: str, mode: str | None, approved_by: str | None, **facts: str
) -> None:
    """Register a platform and the account that reads its courses.

    The account's token comes from UNDERTONE_LMS_TOKEN or is asked for; as an argument, everyone who may list
    processes would see it.
    """
    from lti_tool.installation import open_current
    from lti_tool.launch import registrations
    from lti_tool.launch.tables import Institution
    from lti_tool.lms.connections import LmsKind, connect

    installation = open_current()
    token = os.environ.get("UNDERTONE_LMS_TOKEN") or click.prompt("Token of the account", hide_input=True)
    now, hosts = datetime.now(UTC), installation.settings.outbound_hosts
    with installation.database.session() as session:
        made = registrations.add(
            session,
            now,
            institution_name=institution,
            mode=mode,
            approved_by=approved_by,
            plain_http_hosts=hosts,
            **facts,
        )
        connect(session, now, made.id, cast(LmsKind, lms), lms_url, token, plain_http_hosts=hosts)
        owner = session.get_one(Institution, made.institution_id)
        done = f"Registered {made.issuer} for {owner.name}; it is active in mode {owner.mode}."
    click.echo(done)


def _run_for_courses(kind: str, course: str | None) -> None:
    from lti_tool.jobs import enqueue
    from lti_tool.schedule import active_courses

    def queue(session: Any, now: datetime) -> list[Any]:
        chosen = active_courses(session, now)
        if course is not None and course not in chosen:
            raise UndertoneError("There is no active course of this id.")
        return [enqueue(session, now, kind, key) for key in ([course] if course else chosen)]

    _run_in_foreground(queue, kind)


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
        click.echo("No active course: nothing to do.")
    elif not follow(installation, jobs, kind):
        sys.exit(1)


if __name__ == "__main__":
    main()
