"""The one install script: torch by itself and first, everything else by the versions that were tried."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALL = ROOT / "scripts" / "install.sh"
TORCH = next(
    line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.startswith("torch==")
)


def install(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHON", "TORCH_INDEX")}
    return subprocess.run(
        [INSTALL, *arguments], cwd=ROOT, env=own | environment, capture_output=True, text=True
    )


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """An environment whose interpreter only notes what it was asked."""
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\n[ "$3" = --version ] || echo "$*" >>{tmp_path}/log\n')
    python.chmod(0o755)
    return tmp_path


def test_torch_comes_alone_and_first_and_the_rest_by_constraints(noted: Path):
    assert install(str(noted / "venv"), "-e", ".[dev]").returncode == 0
    first, second, last = (noted / "log").read_text().splitlines()
    assert first == f"-m pip install --no-input --no-deps {TORCH}"
    assert second == f"-m pip install --no-input --constraint {ROOT}/constraints.txt -e .[dev]"
    assert last == "-m model prepare", "encoders are rebuilt at installation, not at a first request"


def test_the_index_of_torch_is_used_for_torch_only(noted: Path):
    assert install(str(noted / "venv"), ".", TORCH_INDEX="file:///builds").returncode == 0
    first, second, _ = (noted / "log").read_text().splitlines()
    assert first == f"-m pip install --no-input --no-deps --index-url file:///builds {TORCH}"
    assert "builds" not in second


def test_an_unsuitable_python_is_refused_in_plain_words(tmp_path: Path):
    shown = install(str(tmp_path / "venv"), ".", PYTHON="/bin/false")
    assert shown.returncode == 1
    assert "Python 3.11, 3.12 or 3.13" in shown.stderr
    assert not (tmp_path / "venv").exists()


@pytest.mark.campaign
@pytest.mark.timeout(1500)
def test_a_bare_environment_is_complete_and_consistent(tmp_path: Path):
    venv = tmp_path / "venv"
    done = install(str(venv), ".[scale]")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    asked = "import torch, transformers, psycopg; print(torch.__version__.split('+')[0])"
    python = venv / "bin" / "python"
    shown = subprocess.run([python, "-c", asked], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert f"torch=={shown.stdout.strip()}" == TORCH
    subprocess.run([python, "-m", "pip", "check"], cwd=tmp_path, check=True)
    assert subprocess.run([venv / "bin" / "undertone", "--help"], cwd=tmp_path).returncode == 0
