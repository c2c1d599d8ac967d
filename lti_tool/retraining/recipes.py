"""How a run trains and on how much it measures, by environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.retraining import limits
from lti_tool.retraining.gate import Way
from lti_tool.retraining.limits import NOTHING, Known
from lti_tool.retraining.pool import Pool
from lti_tool.retraining.rules import MOST_LOST


@dataclass(frozen=True)
class Recipe:
    """How a run trains: `replay` starter rows, each correction `repeat` times.

    Where the site has public corpora, the share `public` of the replay rows is taken from them instead.
    `development` starter rows give the development figures, `frozen` held-out rows are measured on, and of each set of
    templates that show gaps `templates` are; all of them by default.
    """

    replay: int
    repeat: int
    options: Mapping[str, Any]
    development: int | None = None
    frozen: int | None = None
    templates: int | None = None
    public: float = 0.0


NIGHTLY = Recipe(
    1000,
    4,
    {
        "epochs": 3.0,
        "patience": 0,
        "slack": MOST_LOST,
        "learning_rate": 8e-5,
        "batch_size": 32,
        "max_length": 128,
        "frozen_layers": 4,
        "seed": 11,
    },
    public=0.25,
)
"""Chosen on parts that the figures in docs/model/learning.md are not measured on.

It ends after an epoch that has lost more of the development rows than the gate lets through. Those are starter rows, so
an epoch that is about as good there goes on, since it is corrections that it learns."""
DEMO = Recipe(
    140,
    3,
    {"epochs": 1.0, "learning_rate": 1.2e-5, "batch_size": 16, "max_length": 96, "seed": 11},
    development=60,
    frozen=240,
    templates=12,
)
HANDFUL = Recipe(
    64,
    2,
    {"epochs": 1.0, "learning_rate": 3e-4, "batch_size": 8, "max_length": 48, "seed": 11, "threads": 1},
    development=12,
    frozen=24,
    templates=2,
)
"""Every step of a run in seconds, for tests."""
RECIPES: Mapping[str, Recipe] = {"production": NIGHTLY, "demo": DEMO, "test": HANDFUL}


def request(recipe: Recipe, way: Way, pool: Pool, known: Known = NOTHING) -> dict[str, Any]:
    """What the child is asked to do with this pool (`candidates`), less the models that it works on.

    `known` says what versions have learnt already, for a recalibration (`limits.usable`).
    """
    trains = way == "training"
    learnt = [limits.without_ids(row) for row in pool.corrections]
    return {
        "way": way,
        "train": learnt if trains else limits.usable(pool, known),
        "check": [limits.without_ids(row) for row in pool.held_out] if trains else [],
        "replay": recipe.replay,
        "replay_share": pool.replay_share,
        "public": recipe.public,
        "repeat": recipe.repeat,
        "development": recipe.development,
        "frozen": recipe.frozen,
        "templates": recipe.templates,
        "options": dict(recipe.options),
    }
