"""What pages tell of the shipped model is what was measured on texts that neither trained nor calibrated it."""

import json
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from lti_tool.scoring import serving
from model.checkpoint import verify
from model.scoring import SHIPPED

ROOT = Path(__file__).parents[2]
FIGURES = ROOT / "docs" / "model" / "figures.json"


def test_the_shipped_version_carries_the_held_out_figures_of_the_documentation(session):
    version = serving.install_shipped(session, datetime.now(UTC))
    documented = json.loads(FIGURES.read_text())
    assert documented["weights_hash"] == version.weights_hash
    assert version.figures == documented["figures"]["heldout"]["printed"]["labels"]


def test_the_tables_of_the_documentation_are_what_was_measured():
    checked = subprocess.run(
        [sys.executable, "scripts/model_tables.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_the_trainings_that_are_told_of_lead_to_the_shipped_model():
    manifest = verify(SHIPPED)
    told = [json.loads(file.read_text()) for file in sorted((FIGURES.parent / "trainings").glob("*.json"))]
    made = {own["weights_hash"]: own for own in told}
    ancestors = {
        one for own in (*told, asdict(manifest)) for one in own["options"].get("average_of", [own["parent"]])
    }
    assert ancestors <= {None, *made}
    text = (FIGURES.parent / "results.md").read_text()
    assert all(own["command"] in text for own in told)
    assert manifest.command in text
