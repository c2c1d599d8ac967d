"""`undertone request`: requests of people to the data-protection staff (P42)."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.rights.requests_tables import DataRequest


@click.group()
def request() -> None:
    """Requests of people about their data, and the date by which each must be answered."""


@request.command("add")
@click.option("--institution", required=True)
@click.option("--kind", required=True, help="access, copy, correction, erasure, restriction or objection.")
@click.option("--lms-user", required=True, help="The person's user id in the LMS; it is not kept.")
@click.option(
    "--received", type=click.DateTime(["%Y-%m-%d"]), default=None, help="When it came; today by default."
)
def add(institution: str, kind: str, lms_user: str, received: datetime | None) -> None:
    """Record a request; also of somebody who has left their courses."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.rights import requests

    came = received.replace(tzinfo=UTC) if received else None
    with open_current().database.session() as session:
        owner = require_named(session, institution)
        made = requests.record(session, datetime.now(UTC), owner.id, kind, lms_user, None, came)
        courses = len(requests.subjects(session, made))
        click.echo(f"{made.id} due {made.due_at:%Y-%m-%d}; known in {courses} courses")


@request.command("list")
@click.option("--institution", required=True)
def list_(institution: str) -> None:
    """List requests by their date; what is overdue comes first."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.rights import requests

    now = datetime.now(UTC)
    with open_current().database.reading() as session:
        for one in requests.listed(session, require_named(session, institution).id):
            late = " OVERDUE" if one.state == "open" and one.due_at < now else ""
            click.echo(f"{one.id} {one.kind} {one.state} due {one.due_at:%Y-%m-%d}{late}")


@request.command("show")
@click.option("--id", "request_id", required=True)
def show(request_id: str) -> None:
    """Print what was done about a request."""
    from lti_tool.installation import open_current

    with open_current().database.reading() as session:
        for line in _one(session, request_id).evidence:
            click.echo(json.dumps(line, ensure_ascii=False))


@request.command("copy")
@click.option("--id", "request_id", required=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def copy(request_id: str, out: Path) -> None:
    """Write everything kept about the person to a new JSON file that only its owner can read.

    The person is told under "My data" that whoever runs the tool has seen their texts. Hand the file to them alone.
    """
    from lti_tool.errors import InvalidInputError
    from lti_tool.installation import open_current
    from lti_tool.rights import requests
    from lti_tool.schedule import load_tasks

    installation = open_current()
    load_tasks()  # all tables must be known
    with installation.database.session() as session:
        document = requests.give_copy(session, datetime.now(UTC), _one(session, request_id))
        try:
            handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise InvalidInputError(f"The file cannot be written ({error.strerror}).") from None
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False, indent=2)
    click.echo(f"Written, from {len(document['courses'])} courses.")


@request.command("erase")
@click.option("--id", "request_id", required=True)
@click.confirmation_option(prompt="Everything of this person is deleted, in every course. Go on?")
def erase(request_id: str) -> None:
    """Erase the person in every course, at once and for good."""
    from lti_tool.consent.wording import FIRST_LANGUAGE
    from lti_tool.installation import open_current
    from lti_tool.rights import requests
    from lti_tool.schedule import load_tasks

    installation = open_current()
    load_tasks()  # all tables must be known
    with installation.database.session() as session:
        found = _one(session, request_id)
        texts = requests.erase(session, datetime.now(UTC), found, None, FIRST_LANGUAGE)
    click.echo(f"Erased, with {texts} texts. Close the request once the person was told.")


@request.command("close")
@click.option("--id", "request_id", required=True)
@click.option("--state", required=True, type=click.Choice(["done", "refused"]))
@click.option("--words", required=True, help="What was answered, and where it is filed.")
def close(request_id: str, state: str, words: str) -> None:
    """End a request; whom it was about is then forgotten here."""
    from lti_tool.installation import open_current
    from lti_tool.rights import requests

    with open_current().database.session() as session:
        requests.close(session, datetime.now(UTC), _one(session, request_id), state, words, None)
    click.echo("Closed.")


def _one(session: "Session", request_id: str) -> "DataRequest":
    from lti_tool.errors import NotFoundError
    from lti_tool.rights.requests_tables import DataRequest

    found = session.get(DataRequest, request_id)
    if found is None:
        raise NotFoundError("There is no request of this id. `undertone request list` names them.")
    return found
