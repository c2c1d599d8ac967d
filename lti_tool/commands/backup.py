"""`undertone backup`, `undertone backups expire` and `undertone restore` (P62)."""

from datetime import UTC, datetime
from pathlib import Path

import click

A_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything in the database to a new FILE, while the tool runs. Keep the keys file elsewhere."""
    from lti_tool.installation import open_current
    from lti_tool.rights import backup as making
    from lti_tool.rights.backup_list import KEPT

    installation, now = open_current(), datetime.now(UTC)
    made = making.make(installation.settings.database, installation.settings.home, now, file)
    click.echo(f"Backup of {made.made_at:%Y-%m-%d %H:%M} UTC written. It ends on {now + KEPT:%Y-%m-%d}.")
    erasures, seals = installation.settings.home / "erasures", installation.settings.seals_path
    click.echo(f"Copy {erasures} and {seals} too, apart from the backups.", err=True)


@click.group()
def backups() -> None:
    """Backups that were made."""


@backups.command("expire")
@click.argument("folder", required=False, type=A_FOLDER)
def expire(folder: Path | None) -> None:
    """Delete backups older than 35 days: those on the installation's list, and those in FOLDER."""
    from lti_tool.installation import make_home, read_settings
    from lti_tool.rights import backup as making
    from lti_tool.rights import backup_list

    home, now = read_settings().home, datetime.now(UTC)
    make_home(home)
    gone = backup_list.expire(home, now) + (making.expire_in(folder, now) if folder else [])
    click.echo(f"{len(gone)} deleted.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--other-home",
    "homes",
    multiple=True,
    type=A_FOLDER,
    help="A copy of another machine's home with its journal of erasures; once for each.",
)
def restore(file: Path, homes: tuple[Path, ...]) -> None:
    """Put the backup FILE in the place of the database, and erase again what was erased since.

    Stop every web and worker process first.
    """
    from lti_tool.installation import make_home, read_settings
    from lti_tool.rights import restoring
    from lti_tool.schedule import load_tasks
    from lti_tool.storage import use_keys_file

    settings = read_settings().check()
    make_home(settings.home)
    use_keys_file(settings.keys_path)
    load_tasks()  # all tables must be known
    done = restoring.restore(
        settings.database,
        settings.home,
        settings.weights_home,
        datetime.now(UTC),
        file,
        homes,
        settings.seals_path,
    )
    click.echo(
        f"Restored as of {done.made_at:%Y-%m-%d %H:%M} UTC; {done.replayed} erasures since were done again. "
        "Everybody signs in anew. Look through the list of administrators."
    )
    click.echo(_lost_words(done.lost))


def _lost_words(lost: int | None) -> str:
    if lost is None:
        return "No seal told what the ledger held after the backup. Run `undertone ledger verify`."
    return (
        f"{lost} lines of the ledger that were sealed after the backup are missing. The file of seals says so now, and "
        "`undertone ledger verify` names them."
    )
