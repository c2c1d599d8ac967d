"""A directory that appears whole or not at all, and places that are tried before the work that fills them."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from safetensors import SafetensorError

from model.errors import BadInput, ModelError


def require_free(out: Path) -> None:
    """BadInput when no new directory can be put at `out`, whose missing parents are made too. Leaves nothing behind."""
    if os.path.lexists(out):
        raise BadInput(f"{out} exists already and is never overwritten.")
    _try(out, next(folder for folder in out.absolute().parents if os.path.lexists(folder)))


def require_folder(out: Path) -> None:
    """BadInput when no files can be put into the folder `out`, which is made where it is missing."""
    folder = next(own for own in (out.absolute(), *out.absolute().parents) if os.path.lexists(own))
    _try(out, folder)


def require_writable(out: Path) -> None:
    """BadInput when no file can be put at `out`, or where it leads if it is a link. Leaves nothing behind."""
    place = Path(os.path.realpath(out))
    if os.path.lexists(place) and not place.is_file():
        raise BadInput(f"{out} is no file that could be replaced.")
    _try(out, place.parent)


def _try(out: Path, folder: Path) -> None:
    try:
        Path(tempfile.mkdtemp(prefix=".writing-", dir=folder)).rmdir()
        with suppress(FileNotFoundError):
            out.lstat()  # tells a name that is too long
    except OSError as error:
        refusal = unwritable(out, error)
        raise BadInput(refusal.words, refusal.code) from error


@contextmanager
def placed(out: Path) -> Iterator[Path]:
    """A new directory beside `out`, to be filled; it becomes `out` in one rename when the block ends well.

    Else nothing is left of it, but after a kill, which may leave a hidden `.writing-…` beside `out`. Raises
    BadInput when `out` exists, ModelError with the code "not_written" when the disk is full or refuses.
    """
    if out.exists() or out.is_symlink():
        raise BadInput(f"{out} exists already and is never overwritten.")
    workshop: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".writing-", dir=out.parent))
        yield workshop
        _readable(workshop)
        workshop.rename(out)
    except (OSError, SafetensorError) as error:
        raise unwritable(out, error) from error
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)


def _readable(folder: Path) -> None:
    """Let everyone read what a temporary folder keeps for its owner: another account may run what was installed."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def unwritable(out: Path, error: Exception) -> ModelError:
    """A full or refusing disk in words; safetensors tells it in its own kind of error, without `strerror`."""
    reason = getattr(error, "strerror", None) or str(error)
    return ModelError(f"{out} could not be written: {reason}.", "not_written")
