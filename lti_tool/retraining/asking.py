"""What the child is asked: the pool, and the versions that it works on and compares with."""

from typing import Any

from lti_tool.jobs import Run
from lti_tool.retraining import limits, recipes
from lti_tool.retraining.deciding import Begun
from lti_tool.retraining.gate import Way
from lti_tool.scoring import wall, weights
from lti_tool.scoring.tables import ModelVersion


def message(run: Run, begun: Begun, way: Way) -> dict[str, Any]:
    """The request (`candidates`), less where the candidate goes."""
    recipe, rival, base = recipes.RECIPES[run.settings.environment], begun.rival, begun.base
    with run.database.reading() as session:
        known = limits.known(session, rival, base)
        came_with = limits.came_with(session, rival)
        shipped = next((one for one in wall.lineage(session, rival) if one.origin == "shipped"), None)
    asked = recipes.request(recipe, way, begun.pool, known) | {
        "serving": _path(run, rival),
        "serving_calibration": rival.calibration,
        "serving_prior": came_with,
        "base": _path(run, base),
        "calibration": base.calibration,
        "prior": begun.prior,
        "shipped": _named(run, shipped) if shipped is not None and shipped.id != rival.id else None,
    }
    asked["options"]["max_seconds"] = run.settings.retrain_seconds
    return asked


def _named(run: Run, version: ModelVersion) -> dict[str, Any]:
    return {"path": _path(run, version), "calibration": version.calibration}


def _path(run: Run, version: ModelVersion) -> str:
    return str(weights.path_of(run.database, run.settings, version.weights_hash))
