"""`undertone corrections`: take labels out of training in bulk, and put them back (S40)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from lti_tool.review.tables import DroppedLabels

DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def corrections() -> None:
    """Labels that people gave, and which of them may train."""


@corrections.command("list")
def list_() -> None:
    """Count the labels of each annotator, and list the rules that take labels out."""
    from lti_tool.installation import open_current
    from lti_tool.review import counting, dropping

    with open_current().database.reading() as session:
        for one in counting.counted(session):
            out = f", {one.dropped} of them taken out" if one.dropped else ""
            held = f", {one.held} held" if one.held else ""
            click.echo(f"course {one.course_id} annotator {one.annotator_id}: {one.labels} labels{held}{out}")
        for row in dropping.rules(session).rows:
            click.echo(f"rule {row.id}: {_words(row)}")


@corrections.command("drop")
@click.option("--annotator", default=None, help="Whose labels: an id as `list` shows it.")
@click.option("--course", default=None, help="Id of the course.")
@click.option("--since", type=DAY, default=None, help="Given from then on, UTC.")
@click.option("--until", type=DAY, default=None, help="Given before then, UTC.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(
    annotator: str | None, course: str | None, since: datetime | None, until: datetime | None, yes: bool
) -> None:
    """Take labels out of training, as if they had never been given. Nothing is deleted: `restore` puts them back.

    Without a period this holds for labels given later too. Pages go on showing what was corrected. A serving model
    that has learnt from them is replaced at once, unless it is pinned.
    """
    from lti_tool.installation import open_current
    from lti_tool.retraining.learnt import learnt_from
    from lti_tool.retraining.unlearning import unlearn
    from lti_tool.review import dropping

    which = dropping.Which(annotator, course, _utc(since), _utc(until))
    with open_current().database.session() as session:
        found = [one.id for one in dropping.covered(session, which)]
        now = datetime.now(UTC)
        made = dropping.drop(session, now, which)
        if not yes:
            click.confirm(f"{len(found)} answers are taken out of training. Go on?", abort=True)
        for row in made:
            click.echo(f"Rule {row.id}: {_words(row)}")
        learnt = learnt_from(session, dropping.taken_out(session, dropping.Rules(made)))
        _say_who_learnt(session, learnt, replaced=bool(unlearn(session, now)))


@corrections.command("restore")
@click.argument("rules", nargs=-1, required=True)
def restore(rules: tuple[str, ...]) -> None:
    """Lift RULES, by their ids, so that the labels train again."""
    from lti_tool.installation import open_current
    from lti_tool.review import dropping

    with open_current().database.session() as session:
        lifted = dropping.restore(session, datetime.now(UTC), rules)
    click.echo(f"{len(lifted)} lifted. The next run trains with these labels again.")


def _say_who_learnt(session: "Session", versions: list[str], *, replaced: bool) -> None:
    from lti_tool.scoring import pinning, serving

    click.echo("The next run trains without them.")
    if not versions:
        return
    present = {version.id for version in serving.everywhere(session).values()}
    marks = {one: " (serving, pinned)" if pinning.holds(session, one) else " (serving)" for one in present}
    named = ", ".join(one[:8] + marks.get(one, "") for one in versions)
    click.echo(f"Versions that have learnt from them: {named}. No run goes on from one of these.")
    if replaced:
        click.echo(
            "A retraining is queued: a new version takes the place of the serving one, or else the newest that has "
            "learnt from none of them. `undertone rollback` goes back behind it at once."
        )
    if any(pinning.holds(session, one) for one in present.intersection(versions)):
        click.echo("A pinned one serves on until `undertone model unpin` or `undertone rollback`.")


def _words(row: "DroppedLabels") -> str:
    whose = f"annotator {row.annotator_id} in " if row.annotator_id else ""
    since = f" from {row.since:%Y-%m-%d %H:%M}" if row.since else ""
    until = f" before {row.until:%Y-%m-%d %H:%M}" if row.until else ""
    return f"{whose}course {row.course_id}{since}{until}"


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
