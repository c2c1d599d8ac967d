"""A tiny adapter trained for a few steps, once for the session, and rows to go with it."""

import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from model import starter
from model.backbones import ENGLISH, WEIGHTS, resolve
from model.checkpoint import Manifest, verify
from model.rows import Row
from model.scoring import Scorer
from model.training import TrainingOptions, fine_tune

TINY = TrainingOptions(epochs=1, rank=2, batch_size=8, max_length=32, threads=1, seed=3, base=ENGLISH)


@pytest.fixture(scope="session")
def rows() -> list[Row]:
    """Some starter rows, each of which carries all labels."""
    return starter.load("train")[:120]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> Path:
    """A checkpoint directory of a real, hardly trained adapter. Copy it before changing it."""
    out = tmp_path_factory.mktemp("checkpoints") / "tiny"
    fine_tune(rows[:64], rows[64:], None, out, TINY)
    return out


@pytest.fixture(scope="session")
def scorer(tiny: Path) -> Scorer:
    """The tiny adapter, loaded."""
    return Scorer.load(tiny)


@pytest.fixture(scope="session")
def manifest(tiny: Path) -> Manifest:
    """The tiny adapter's manifest."""
    return verify(tiny)


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint that a test may spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


@pytest.fixture(scope="session")
def other_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged encoder with one weight changed: another base."""
    folder = Path(
        shutil.copytree(
            resolve(ENGLISH).source, tmp_path_factory.mktemp("bases") / "other", dirs_exist_ok=True
        )
    )
    weights = load_file(folder / WEIGHTS)
    name = sorted(weights)[0]
    save_file({**weights, name: weights[name] + 1}, folder / WEIGHTS, {"format": "pt"})
    return folder
