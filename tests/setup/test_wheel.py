"""A wheel, installed outside the checkout, holds its data, makes its database and serves a page with its assets."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
TOOL = "https://tool.example"
LMS = "https://lms.example"
NOWHERE = "/no/such/page"
LOGIN = "/lti/login?" + urlencode(
    {"iss": LMS, "client_id": "tool", "login_hint": "5", "target_link_uri": f"{TOOL}/lti/launch"}
)
"""The first page of a launch: the one full page that needs a platform but no person."""
REGISTER = (
    *("register", "--institution", "Northfield College", "--issuer", LMS, "--client-id", "tool"),
    *("--authorization-url", f"{LMS}/auth", "--token-url", f"{LMS}/token", "--keys-url", f"{LMS}/keys"),
    *("--mode", "individual", "--approved-by", "the test", "--reason", "to see it"),
    *(
        "--office",
        "tester",
        "--assessment",
        "DPIA 1",
        "--memo",
        "memo 1",
        "--lms",
        "moodle",
        "--lms-url",
        LMS,
    ),
)
CSS = (
    "/static/css/undertone.css",
    "/static/fonts/inter.css",
    "/static/vendor/bootstrap/bootstrap.min.css",
)
Answers = dict[str, tuple[int, str, str]]
"""Status, type and text by address."""

pytestmark = pytest.mark.long


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
    """A virtual environment that holds the wheel, and a folder outside the checkout to work in."""

    programs: Path
    outside: Path

    def run(self, program: str, *arguments: str) -> str:
        """What a program of the environment prints, with the settings of this installation and no others."""
        ours = ("PYTHON", "UNDERTONE", "DATABASE_URL")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | {
            "UNDERTONE_HOME": str(self.outside / "var"),
            "UNDERTONE_BASE_URL": TOOL,
            "UNDERTONE_HELP_CONTACTS": "Help: 555 0100",
            "UNDERTONE_LMS_TOKEN": "a-token-of-a-test",
        }
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(command, cwd=self.outside, env=clean, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_up(self) -> str:
        """Keys, database and a platform, as the README has it; what `undertone migrate` said."""
        self.run("undertone", "keys", "init")
        said = self.run("undertone", "migrate")
        self.run("undertone", *REGISTER)
        return said

    def serve(self, *addresses: str) -> Answers:
        """What the installed tool answers, there and at every asset of its pages."""
        script = str(Path(__file__).with_name("serve_installed.py"))
        shown = json.loads(self.run("python", script, *addresses))
        assert Path(shown["package"]).is_relative_to(self.programs.parent)
        return {address: tuple(answer) for address, answer in shown["answers"].items()}


def make_environment(folder: Path) -> Environment:
    (folder / "outside").mkdir()
    return Environment(folder / "venv" / "bin", folder / "outside")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel alone; its dependencies are this environment's, to be quick. The checkout is out of sight."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "venv" / "bin" / "python"), "install"]
    subprocess.run([*pip, "--quiet", "--no-deps", "--no-index", str(wheel)], check=True)
    # A .pth inside a folder that a .pth names is not followed, so the editable install stays out of sight.
    packages = sysconfig.get_path("purelib", vars={"base": str(folder / "venv")})
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return make_environment(folder)


@pytest.fixture(scope="module")
def migrated(installed: Environment) -> str:
    return installed.set_up()


@pytest.fixture(scope="module")
def served(installed: Environment, migrated: str) -> Answers:
    return installed.serve("/health/live", "/health/ready", LOGIN, NOWHERE)


def test_the_installed_command_makes_the_database_and_installs_the_shipped_model(
    installed: Environment, migrated: str
):
    assert "up to date" in migrated
    assert (installed.outside / "var" / "undertone.db").stat().st_size > 1_000_000


@pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
def test_it_lives(served: Answers, address: str):
    assert served[address][::2] == (200, "up")


def test_it_serves_the_first_page_of_a_launch(served: Answers):
    shows_the_first_page(served)


def shows_the_first_page(served: Answers) -> None:
    status, kind, page = served[LOGIN]
    assert (status, kind.split(";")[0]) == (200, "text/html")
    assert "<h1>Opening…</h1>" in page
    assert 'action="/lti/continue"' in page
    assets = {address: answer[0] for address, answer in served.items() if address.startswith("/static/")}
    assert set(CSS) < set(assets)
    assert set(assets.values()) == {200}


@pytest.mark.parametrize("address", CSS)
def test_a_page_s_style_sheets_are_whole(served: Answers, address: str):
    assert served[address][1].split(";")[0] == "text/css"
    assert len(served[address][2]) > 500


def test_an_unknown_address_has_a_page_that_says_so(served: Answers):
    status, kind, page = served[NOWHERE]
    assert (status, kind.split(";")[0]) == (404, "text/html")
    assert "Undertone" in page


@pytest.mark.parametrize(
    "pattern",
    [
        "model/shipped/*",
        "model/starter/*",
        "model/LABELS.md",
        "model/reporting/*.html",
        "lti_tool/storage/migrations/**/*.py",
        "lti_tool/ingest/*.txt",
        "lti_tool/demo/content/*.json",
        "lti_tool/translations/*/LC_MESSAGES/messages.*",
    ],
)
def test_the_data_that_the_code_reads_is_in_the_wheel(wheel: Path, pattern: str):
    inside = {file.filename: file.file_size for file in ZipFile(wheel).infolist()}
    ours = {str(file.relative_to(ROOT)): file.stat().st_size for file in ROOT.glob(pattern) if file.is_file()}
    assert ours
    assert {name: inside.get(name) for name in ours} == ours


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


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_with_the_dependencies_that_it_names_and_no_others_it_serves_a_page(wheel: Path, tmp_path: Path):
    """Everything is installed anew, so that a dependency that is used but not declared is missed."""
    script = str(ROOT / "scripts" / "install.sh")
    subprocess.run([script, str(tmp_path / "venv"), str(wheel)], check=True, cwd=tmp_path)
    complete = make_environment(tmp_path)
    complete.set_up()
    shows_the_first_page(complete.serve(LOGIN))
