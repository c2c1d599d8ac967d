"""`undertone switch`: stop reading, scoring and training of an institution or a course, and start again (P64)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.launch.tables import Course


@click.group()
def switch() -> None:
    """The off switch of an institution or a course."""


@switch.command("off")
@click.option("--institution", required=True)
@click.option("--course", default=None, help="Id of one course; the whole institution by default.")
@click.option("--reason", required=True, help="Students and instructors read it.")
def off(institution: str, course: str | None, reason: str) -> None:
    """Stop all reading, scoring and training; jobs that run end within a minute."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.launch import stopping

    with open_current().database.session() as session:
        owner, now = require_named(session, institution), datetime.now(UTC)
        if course is None:
            stopping.stop_institution(session, now, owner, reason, None)
        else:
            stopping.stop_course(session, now, _course(session, owner.id, course), reason, None)
    click.echo("Switched off.")


@switch.command("on")
@click.option("--institution", required=True)
@click.option("--course", default=None, help="Id of one course; the whole institution by default.")
@click.option("--reason", required=True, help="Why; it stays on record.")
def on(institution: str, course: str | None, reason: str) -> None:
    """Start again: a course, or an institution in the mode that it had before."""
    from lti_tool.commands.institution import require_named
    from lti_tool.installation import open_current
    from lti_tool.launch import stopping

    with open_current().database.session() as session:
        owner, now = require_named(session, institution), datetime.now(UTC)
        if course is None:
            mode = stopping.resume_institution(session, now, owner, reason, None)
            click.echo(f"Switched on in mode {mode}.")
            return
        stopping.resume_course(session, now, _course(session, owner.id, course), reason, None)
    click.echo("Switched on.")


def _course(session: "Session", institution_id: str, course_id: str) -> "Course":
    from lti_tool.errors import InvalidInputError
    from lti_tool.launch.tables import Course

    found = session.get(Course, course_id)
    if found is None or found.institution_id != institution_id:
        raise InvalidInputError("The institution has no course of this id.")
    return found
