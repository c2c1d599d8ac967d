"""What make does, in which order, and that it does nothing twice."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OUTSIDE_MAKE = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("ARGS", "MAKE", "MFLAGS", "UNDERTONE"))
}
"""The environment without what an outer make hands down."""
INSTALL = """mkdir -p .venv/bin
for name in undertone python; do
    printf '#!/bin/sh\\necho started $* >>log\\n' >.venv/bin/$name
    chmod +x .venv/bin/$name
done
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The real Makefile over scripts that only note that they were called."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("pyproject.toml", "constraints.txt", "package.json", "package-lock.json", ".npmrc"):
        (tmp_path / name).touch()
    (tmp_path / "scripts").mkdir()
    for name, does in {
        "install": INSTALL,
        "assets": "mkdir -p static/vendor",
        "chromium": "true",
    }.items():
        script = tmp_path / "scripts" / f"{name}.sh"
        script.write_text(f"#!/bin/bash\necho {name} $* >>log\n{does}\n")
        script.chmod(0o755)
    return tmp_path


def make(clone: Path, *arguments: str, **environment: str) -> list[str]:
    """What `make` called, in order."""
    log = clone / "log"
    log.unlink(missing_ok=True)
    shown = subprocess.run(
        ["make", *arguments],
        cwd=clone,
        env=OUTSIDE_MAKE | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert shown.returncode == 0, shown.stderr
    return log.read_text().splitlines()


def test_the_demo_installs_once_and_without_what_only_tests_need(clone: Path):
    assert make(clone, "demo") == ["install .venv -e .", "assets", "started demo"]
    assert make(clone, "demo") == ["started demo"]


@pytest.mark.parametrize(
    ("removed", "made"),
    [(".venv", "install .venv -e ."), ("static/vendor", "assets"), (".make/assets", "assets")],
)
def test_what_was_removed_is_made_again(clone: Path, removed: str, made: str):
    make(clone, "demo")
    gone = clone / removed
    shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    assert make(clone, "demo") == [made, "started demo"]


def test_changed_dependencies_are_installed_again(clone: Path):
    make(clone, "demo")
    later = (clone / ".make/run").stat().st_mtime + 5
    os.utime(clone / "constraints.txt", (later, later))
    assert make(clone, "demo") == ["install .venv -e .", "started demo"]


def test_tests_leave_out_what_needs_more_than_the_clone(clone: Path):
    *made, started = make(clone, "test", UNDERTONE_CORPORA="")
    assert made == ["install .venv -e .", "install .venv -e .[dev]", "assets", "chromium"]
    assert started.endswith("-m not long and not campaign and not gpu and not corpora")


def test_the_two_parts_leave_no_test_out(clone: Path):
    most, rest = (make(clone, target, UNDERTONE_CORPORA="/data")[-1] for target in ("test", "test-long"))
    assert most.endswith("-m not long and not campaign and not gpu")
    assert rest.endswith("-m long and not campaign and not gpu")
    assert most.split(" -m ")[0].replace("/test.xml", "") == rest.split(" -m ")[0].replace(
        "/test-long.xml", ""
    )


@pytest.mark.parametrize("target", ["test", "test-long"])
def test_only_a_run_of_all_tests_leaves_results_for_the_privacy_report(clone: Path, target: str):
    assert f"--junitxml=.make/{target}.xml" in make(clone, target)[-1]
    assert "--junitxml" not in make(clone, target, ARGS="tests/launch -q")[-1]


def test_corpora_beside_the_clone_bring_their_tests_in(clone: Path):
    assert make(clone, "test", UNDERTONE_CORPORA="/data")[-1].endswith(
        "-m not long and not campaign and not gpu"
    )
