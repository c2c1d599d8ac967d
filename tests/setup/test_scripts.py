"""Make, continuous integration and the container share their scripts, which fail in plain words."""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]


def read(name: str) -> str:
    return (ROOT / name).read_text()


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    own = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    return subprocess.run(
        list(map(str, command)), cwd=cwd, env=own | environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_parses_and_may_be_run(script: Path):
    assert run("bash", "-n", script).returncode == 0
    assert script.stat().st_mode & stat.S_IXUSR
    assert "set -euo pipefail" in script.read_text()


@pytest.mark.parametrize("script", ["scripts/install.sh", "scripts/assets.sh"])
def test_make_and_the_container_use_the_same_script(script: str):
    assert script in read("Makefile")
    assert re.search(rf"^RUN .*{re.escape(script)}", read("Dockerfile"), re.MULTILINE)


@pytest.mark.parametrize("file", ["Makefile", "Dockerfile"])
def test_every_script_that_is_called_exists(file: str):
    called = set(re.findall(r"scripts/[\w.]+\.(?:sh|py)", read(file)))
    assert called
    assert [name for name in called if not (ROOT / name).is_file()] == []


def test_ci_runs_what_a_developer_runs():
    assert re.findall(r"^make [\w-]+$", read(".ci/run"), re.MULTILINE) == [
        "make check",
        "make test",
        "make test-long",
    ]


@pytest.mark.parametrize(
    "file",
    [
        "Makefile",
        "Dockerfile",
        "compose.yaml",
        "constraints.txt",
        ".npmrc",
        "pyproject.toml",
        *map(str, SCRIPTS),
    ],
)
def test_no_file_of_the_set_up_names_a_host(file: str):
    addresses = re.findall(r"\w+://[^\s'\"]+", read(file))
    assert [address for address in addresses if not re.search(r"//127\.0\.0\.1|@database:", address)] == []


def test_the_npm_lock_file_pins_every_package_and_names_no_address():
    packages = {
        name: entry for name, entry in json.loads(read("package-lock.json"))["packages"].items() if name
    }
    assert {"node_modules/bootstrap", "node_modules/echarts", "node_modules/htmx.org"} <= set(packages)
    assert all(entry["integrity"] and "resolved" not in entry for entry in packages.values())


def test_every_dependency_has_a_tried_version():
    import tomllib

    project = tomllib.loads(read("pyproject.toml"))["project"]
    extras = [
        name for extra, names in project["optional-dependencies"].items() if extra != "gpu" for name in names
    ]
    tried = {
        line.split("==")[0].lower().replace("_", "-")
        for line in read("constraints.txt").splitlines()
        if "==" in line
    }
    wanted = {re.split(r"[\[<>=~ ]", name)[0].lower() for name in project["dependencies"] + extras}
    assert wanted - tried == set()


def without(tmp_path: Path, *left_out: str) -> str:
    """A PATH with the programs that the scripts use, less some."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for program in {"bash", "dirname", "env", "id", "rm", "apt-get", "npm", "sudo"} - set(left_out):
        found = shutil.which(program)
        if found:
            (folder / program).symlink_to(found)
    return str(folder)


def test_without_npm_the_assets_say_what_to_install(tmp_path: Path):
    shown = run(ROOT / "scripts/assets.sh", PATH=without(tmp_path, "npm"))
    assert shown.returncode == 1
    assert "npm was not found" in shown.stderr


def test_without_apt_the_missing_packages_are_named(tmp_path: Path):
    shown = run(ROOT / "scripts/debian.sh", "chromium", PATH=without(tmp_path, "apt-get"))
    assert shown.returncode == 1
    assert "no apt-get to install them: chromium" in shown.stderr


def test_a_named_browser_that_is_none_is_refused(tmp_path: Path):
    shown = run(ROOT / "scripts/chromium.sh", CHROMIUM=str(tmp_path / "none"))
    assert shown.returncode == 1
    assert "is not a program" in shown.stderr


def test_a_named_browser_is_enough():
    shown = run(ROOT / "scripts/chromium.sh", CHROMIUM="/bin/true")
    assert (shown.returncode, shown.stdout) == (0, "")
