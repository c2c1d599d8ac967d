"""What pages tell of the shipped model is what was measured on texts that neither trained nor calibrated it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from lti_tool.scoring import serving

FIGURES = Path(__file__).parents[2] / "docs" / "model" / "figures.json"


def test_the_shipped_version_carries_the_held_out_figures_of_the_documentation(session):
    version = serving.install_shipped(session, datetime.now(UTC))
    documented = json.loads(FIGURES.read_text())
    assert documented["weights_hash"] == version.weights_hash
    assert version.figures == documented["figures"]["heldout"]["printed"]["labels"]
