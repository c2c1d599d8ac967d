"""One checkpoint from several trainings over one base: the mean of their weights, calibrated anew.

Trainings that went different ways err on different texts; where they began at the same pretrained weights, the mean of
what they learnt is usually better than any of them and costs nothing when it scores (Wortsman et al. 2022, "Model
soups").
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from model import backbones, bounds, checkpoint, network
from model.backbones import Backbone
from model.checkpoint import Manifest
from model.decision import UNCALIBRATED
from model.errors import BadInput, WrongBase
from model.rows import Row
from model.training import TrainingOptions, describe, versions, write

FEWEST = 2


def average(
    folders: Sequence[Path], rows_dev: Sequence[Row], out: Path, rank: int | None, command: str
) -> Manifest:
    """Write the mean of these adapters as an adapter of `rank` at `out`, calibrated on `rows_dev`.

    Without a rank it has the largest of theirs. Raises BadInput for fewer than two, an `out` that exists or a rank
    that the base cannot hold, WrongBase when they are not adapters over one base.
    """
    if len(folders) < FEWEST or out.exists():
        raise BadInput("An average needs at least two checkpoints and a new directory to be written to.")
    manifests = [checkpoint.verify(folder) for folder in folders]
    base = _one_base(manifests)
    rank = rank or largest_rank(folders)
    languages = languages_of(folders)
    frozen = min(network.untouched_layers(folder) for folder in folders)
    bounds.check(base, network.MAX_LENGTH, frozen, rank)
    adapter = network.factored(_mean(folders, manifests, base), base, rank, frozen)
    options = TrainingOptions(rank=rank, frozen_layers=frozen, languages=languages, base=base.name)
    facts: dict[str, Any] = {
        "data": [*_trained_on(manifests), *describe(rows_dev, "development")],
        "options": {
            "rank": rank,
            "frozen_layers": frozen,
            "languages": languages,
            "average_of": [own.weights_hash for own in manifests],
        },
        "steps": _steps(manifests),
        "command": command,
        "versions": versions(),
    }
    write(adapter, out, base, rows_dev, options, UNCALIBRATED, facts)
    return checkpoint.verify(out)


def largest_rank(folders: Sequence[Path]) -> int:
    """The largest rank of these adapters."""
    return max(int(checkpoint.read_json(folder / network.ADAPTER_SETTINGS)["r"]) for folder in folders)


def languages_of(folders: Sequence[Path]) -> tuple[str, ...]:
    """Every language that any of these checkpoints has learnt."""
    return tuple(sorted({name for folder in folders for name in network.languages(folder)}))


def _one_base(manifests: Sequence[Manifest]) -> Backbone:
    found = {own.base["sha256"] for own in manifests}
    if len(found) > 1 or any(own.kind != checkpoint.ADAPTER for own in manifests):
        raise WrongBase("Only adapters over the same base can be averaged.")
    base = backbones.resolve(manifests[0].base["name"])
    if base.sha256 not in found:
        raise WrongBase(f"These adapters were not trained on the {base.name} that is at hand.")
    return base


def _mean(folders: Sequence[Path], manifests: Sequence[Manifest], base: Backbone) -> Any:
    """A network whose every weight is the mean of theirs."""
    networks = [network.load(own, one.kind, base) for own, one in zip(folders, manifests, strict=True)]
    result, others = networks[0], [own.state_dict() for own in networks[1:]]
    with torch.no_grad():
        for name, weight in result.state_dict().items():
            if weight.is_floating_point():
                weight.add_(torch.stack([own[name] for own in others]).sum(dim=0)).div_(len(networks))
    return result


def _steps(manifests: Sequence[Manifest]) -> int:
    """The steps of all trainings together; one that is given twice was run once."""
    return sum({own.weights_hash: own.steps for own in manifests}.values())


def _trained_on(manifests: Sequence[Manifest]) -> list[dict[str, Any]]:
    """Every source that any of them learnt from, each state of it once."""
    sources = [entry for own in manifests for entry in own.data if entry["use"] == "train"]
    return list({entry["sha256"]: entry for entry in sources}.values())
