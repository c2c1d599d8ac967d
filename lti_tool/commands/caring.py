"""`undertone institution …`: help and protocol, ages of single courses, confirmed translations."""

from datetime import UTC, datetime
from typing import Any

import click

from lti_tool.commands.institution import institution, require_named
from lti_tool.errors import InvalidInputError

BY_NAME = click.option("--institution", "name", required=True)


@institution.command("help")
@BY_NAME
@click.option("--language", required=True, help="Code of the language, such as en or de.")
@click.option("--services", default="", help="Who helps and advises, how to reach them, and when.")
@click.option("--crisis", default="", help="A line that answers day and night.")
@click.option("--emergency", default="", help="The emergency number.")
def set_help(name: str, language: str, **lines: str) -> None:
    """Say what students read in a language on every page about where to find help (P53)."""
    from lti_tool.installation import open_current
    from lti_tool.launch import caring
    from lti_tool.launch.help_contacts import HelpBlock

    with open_current().database.session() as session:
        owner = require_named(session, name)
        caring.set_help(session, datetime.now(UTC), owner, language, HelpBlock(**lines), None)
    click.echo(f"Students of {name} read it on every page from now on.")


@institution.command("protocol")
@BY_NAME
@click.option("--steps", required=True, help="What staff do about a text that worries them.")
@click.option("--contacts", required=True, help="Whom they call.")
@click.option("--address", default="", help="Where the whole protocol lies.")
def set_protocol(name: str, **given: str) -> None:
    """Say what staff do about a text that worries them (P55)."""
    from lti_tool.installation import open_current
    from lti_tool.launch import caring

    with open_current().database.session() as session:
        owner = require_named(session, name)
        caring.set_protocol(session, datetime.now(UTC), owner, caring.Protocol(**given), None)
    click.echo(f"A link beside every text leads staff of {name} to it.")


@institution.command("course-ages")
@BY_NAME
@click.option("--course", "course_id", help="The course's id; without one the courses are listed.")
@click.option("--minors/--as-institution", default=None, help="Whether somebody in it may be under 18.")
def course_ages(name: str, course_id: str | None, minors: bool | None) -> None:
    """List the courses, or say of one that somebody in it may be under 18: then nobody in it is asked (P22)."""
    from lti_tool.installation import open_current
    from lti_tool.launch import ages, courses

    with open_current().database.session() as session:
        owner = require_named(session, name)
        if course_id is None:
            for one in courses.seen_from(session, owner.id, ""):
                click.echo(f"{one.id}  {ages.of(owner, one.may_hold_minors) or 'not said'}  {one.title}")
            return
        if minors is None:
            raise InvalidInputError("Say --minors or --as-institution. Nothing was changed.")
        ages.set_course(
            session, datetime.now(UTC), owner.id, course_id, may_hold_minors=minors, actor_id=None
        )
    click.echo(
        "Kept. Nobody in it is asked." if minors else "Kept. What the institution has said holds for it."
    )


@institution.command("confirm-translation")
@BY_NAME
@click.option("--language", required=True)
@click.option(
    "--by", required=True, help="Who has checked that it tells students the same as the English text."
)
@click.option("--sha256", default="", help="Hash of the text that was checked; without one it is printed.")
def confirm_translation(name: str, language: str, by: str, sha256: str) -> None:
    """Take the mark "not checked yet" off a translation of the choice page (U48)."""
    from lti_tool.consent import translating
    from lti_tool.installation import open_current

    now = datetime.now(UTC)
    with open_current().database.session() as session:
        owner = require_named(session, name)
        if not sha256:
            if language not in translating.whole_languages()[1:]:
                raise translating.NoTranslationError
            _print(translating.publish(session, now, language))
            return
        translating.confirm(session, now, owner, language, sha256, by, None)
    click.echo(f"{name} has confirmed the choice page in {language}.")


def _print(published: Any) -> None:
    import json

    click.echo(json.dumps(published.text, ensure_ascii=False, indent=1))
    click.echo(f"--sha256 {published.sha256}")
