"""Whether what is asked of a training fits its encoder: told before anything starts, not by a library after hours."""

from typing import Any

from transformers import AutoConfig

from model.backbones import Backbone
from model.errors import BadInput, UnfitBackbone
from model.network import MAX_LENGTH


def check(base: Backbone, max_length: int, frozen_layers: int, rank: int | None) -> None:
    """UnfitBackbone for an encoder that reads too few tokens at once, BadInput for an option that is out of its bounds.

    The rank is that of an adapter, none where all weights are kept.
    """
    config: Any = AutoConfig.from_pretrained(base.source, trust_remote_code=False)
    if config.max_position_embeddings < MAX_LENGTH:
        raise UnfitBackbone(
            f"The encoder {base.name} reads {config.max_position_embeddings} tokens at once; "
            f"{MAX_LENGTH} are needed here."
        )
    _at_most(
        config.max_position_embeddings,
        max_length,
        "maximum length",
        f"the tokens that {base.name} reads at once",
    )
    if rank is None:
        return
    most = min(config.hidden_size, config.intermediate_size)
    _at_most(most, rank, "rank", f"the width of {base.name}, whose changes it holds")
    layers = config.num_hidden_layers
    _at_most(
        layers - 1,
        frozen_layers,
        "number of frozen layers",
        f"{base.name} has {layers}, of which one must learn",
    )


def _at_most(most: int, asked: int, name: str, why: str) -> None:
    if asked > most:
        raise BadInput(f"A {name} of {asked} is too large: at most {most} ({why}).")
