"""The contracts of import-linter break when an arrow is turned round."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ARROWS = "The arrows of the parts"
CLASSIFIER = "The classifier is used by scoring and retraining only"
LIBRARY = "The LTI library stays behind one module"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house of empty rooms under the project's contracts."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", folder)
    parts = [
        "app",
        "audit",
        "consent",
        "demo",
        "jobs",
        "launch",
        "lms",
        "review",
        "scoring",
        "settings",
        "storage",
    ]
    for room in ["model", "lti_tool", *(f"lti_tool/{part}" for part in parts)]:
        (folder / room).mkdir()
        (folder / room / "__init__.py").touch()
    for module in ["cli", "errors", "launch/pylti", "audit/service", "retraining", "rights"]:
        (folder / "lti_tool" / f"{module}.py").touch()
    for module in ["labels", "trainer"]:
        (folder / "model" / f"{module}.py").touch()
    (folder / "lti_tool/settings/__init__.py").write_text("import lti_tool.errors\n")
    return folder


def broken(house: Path, module: str, imported: str) -> list[str]:
    """The names of the contracts that break when `module` imports `imported`."""
    file = house / module
    before = file.read_text()
    file.write_text(f"{before}import {imported}\n")
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    try:
        shown = subprocess.run(
            [sys.executable, "-c", command, "--no-cache", "--no-logo"],
            cwd=house,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(house), "COLUMNS": "200"},
        )
    finally:
        file.write_text(before)
    assert "Contracts:" in shown.stdout, shown.stdout + shown.stderr
    return [line.rsplit(" BROKEN", 1)[0] for line in shown.stdout.splitlines() if " BROKEN" in line]


@pytest.mark.parametrize(
    ("module", "imported", "contract"),
    [
        ("lti_tool/storage/__init__.py", "lti_tool.review", ARROWS),
        ("lti_tool/lms/__init__.py", "lti_tool.consent", ARROWS),
        ("lti_tool/rights.py", "lti_tool.retraining", ARROWS),
        ("lti_tool/audit/service.py", "lti_tool.jobs", ARROWS),
        ("model/trainer.py", "lti_tool.errors", ARROWS),
        ("lti_tool/review/__init__.py", "model.trainer", CLASSIFIER),
        ("lti_tool/cli.py", "model", CLASSIFIER),
        ("lti_tool/lms/__init__.py", "pylti1p3.exception", LIBRARY),
    ],
)
def test_a_turned_arrow_breaks_its_contract(house: Path, module: str, imported: str, contract: str):
    assert [name for name in broken(house, module, imported) if name.startswith(contract)]


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("lti_tool/review/__init__.py", "model.labels"),
        ("lti_tool/scoring/__init__.py", "lti_tool.audit.service"),
        ("lti_tool/retraining.py", "model.trainer"),
        ("lti_tool/launch/pylti.py", "pylti1p3.exception"),
    ],
)
def test_an_arrow_that_is_drawn_is_kept(house: Path, module: str, imported: str):
    assert broken(house, module, imported) == []
