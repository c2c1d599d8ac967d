"""`undertone course`: when a course ends, and with it everybody's consent (P19)."""

from datetime import UTC, datetime

import click

WORDS = {"institution": "as the institution said", "lms": "as the LMS said"}


@click.group()
def course() -> None:
    """Courses, and when they end."""


@course.command("list")
def list_() -> None:
    """List the courses with the day on which they end."""
    from datetime import timedelta

    from sqlalchemy import select

    from lti_tool.installation import open_current
    from lti_tool.launch.tables import Course

    with open_current().database.reading() as session:
        for one in session.scalars(select(Course).order_by(Course.title, Course.id)):
            last = one.ends_on - timedelta(microseconds=1) if one.ends_on else None
            ends = f"last day {last:%Y-%m-%d} UTC, {WORDS[one.ends_by]}" if last else "no end known"
            click.echo(f"{one.id} {one.title}: {ends}")


@course.command("end")
@click.option("--course", "course_id", required=True, help="Its id.")
@click.option("--on", "last_day", type=click.DateTime(["%Y-%m-%d"]), help="Its last day, UTC.")
@click.option("--unknown", is_flag=True, help="Take the institution's date back; the LMS's counts again.")
def end(course_id: str, last_day: datetime | None, unknown: bool) -> None:
    """Say on which day a course ends. The night after, everybody's consent ends and what lived by it is deleted."""
    from lti_tool.installation import open_current
    from lti_tool.launch import courses

    if (last_day is None) != unknown:
        raise click.UsageError("Give --on or --unknown.")
    day = last_day.date() if last_day else None
    with open_current().database.session() as session:
        courses.set_end(session, datetime.now(UTC), course_id, day)
    click.echo(f"The last day is {day}." if day else "No end is set.")
