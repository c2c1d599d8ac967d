"""A directory that appears whole or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from model.errors import BadInput, ModelError


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
