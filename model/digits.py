"""In how many digits texts are read: bfloat16 where the hardware multiplies it by itself, else float32.

A processor with AMX multiplies matrices of bfloat16 several times as quickly as of float32. Without it the narrower
numbers are slower, so they are not used there.
"""

import os
from typing import Any

import torch

from model.errors import BadInput

VARIABLE = "UNDERTONE_DIGITS"
KNOWN = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def digits(device: torch.device) -> torch.dtype:
    """The digits that texts are read in; what UNDERTONE_DIGITS names where it is set, BadInput if that is none."""
    named = os.environ.get(VARIABLE, "")
    if named:
        if named not in KNOWN:
            raise BadInput(f"{VARIABLE} is {named!r}; it can be {' or '.join(KNOWN)}.")
        return KNOWN[named]
    quick = device.type == "cuda" or _multiplies_bfloat16()
    return torch.bfloat16 if quick else torch.float32


def _multiplies_bfloat16() -> bool:
    """Whether this processor has AMX for bfloat16, as torch tells from 2.11 on."""
    told: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(told.get("amx_bf16"))
