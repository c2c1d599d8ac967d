"""A wheel, installed outside the checkout, serves pages with everything that they load."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
NOWHERE = "/no/such/page"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    [file] = folder.glob("*.whl")
    return file


@dataclass(frozen=True)
class Environment:
    """A virtual environment that holds the wheel, and sees this one's packages but not the checkout."""

    python: Path
    outside: Path

    def run(self, *arguments: str) -> str:
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "UNDERTONE"))
        }
        done = subprocess.run(
            [str(self.python), *arguments], cwd=self.outside, env=clean, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*pip, str(wheel)], check=True)
    # A .pth inside a folder that a .pth names is not followed, so the editable install stays out of sight.
    packages = sysconfig.get_path("purelib", vars={"base": str(folder / "venv")})
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    outside = folder / "outside"
    outside.mkdir()
    return Environment(python, outside)


@pytest.fixture(scope="module")
def served(installed: Environment) -> dict[str, tuple[int, str, str]]:
    """Status, type and text by address; the page of an unknown address is one that anybody may see."""
    addresses = [
        "/health/live",
        NOWHERE,
        "/static/fonts/inter.css",
        "/static/vendor/bootstrap/bootstrap.min.css",
    ]
    shown = json.loads(installed.run(str(Path(__file__).with_name("serve_installed.py")), *addresses))
    assert Path(shown["package"]).is_relative_to(installed.python.parents[1])
    return {address: tuple(answer) for address, answer in shown["answers"].items()}


def test_it_lives(served: dict[str, tuple[int, str, str]]):
    assert served["/health/live"][0] == 200


def test_a_page_is_rendered_from_the_packaged_templates(served: dict[str, tuple[int, str, str]]):
    status, kind, page = served[NOWHERE]
    assert (status, kind.split(";")[0]) == (404, "text/html")
    assert "Undertone" in page


@pytest.mark.parametrize("address", ["/static/fonts/inter.css", "/static/vendor/bootstrap/bootstrap.min.css"])
def test_static_files_travel(served: dict[str, tuple[int, str, str]], address: str):
    status, kind, text = served[address]
    assert (status, kind.split(";")[0]) == (200, "text/css")
    assert len(text) > 500


def test_the_pages_assets_are_in_the_wheel(wheel: Path, served: dict[str, tuple[int, str, str]]):
    inside = set(ZipFile(wheel).namelist())
    named = re.findall(r'(?:href|src)="/static/([^"?]+)', served[NOWHERE][2])
    assert named
    assert {f"lti_tool/_static/{name}" for name in named} <= inside


def test_every_template_and_asset_of_the_checkout_is_in_the_wheel(wheel: Path):
    inside = set(ZipFile(wheel).namelist())
    for folder in ("templates", "static"):
        ours = {
            f"lti_tool/_{file.relative_to(ROOT)}" for file in (ROOT / folder).rglob("*") if file.is_file()
        }
        assert ours <= inside


def test_nothing_of_the_development_is_in_the_wheel(wheel: Path):
    tops = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"lti_tool", "model"}


def test_the_command_line_starts(installed: Environment):
    assert "Usage" in installed.run("-m", "lti_tool.cli", "--help")
