"""Signatures of manifests (S39): who can write the database or the disk, but has no keys file, makes none that fits."""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from lti_tool.scoring.errors import UnusableWeightsError
from lti_tool.storage import blind_index

UNSIGNED = "The manifest of the weights does not bear this installation's signature. They are not loaded."


def signature_of(weights_hash: str, manifest: Mapping[str, Any]) -> str:
    """HMAC-SHA-256 of a manifest and of the weights it stands for, 64 hex digits.

    The key is that of the blind indexes, which stays as long as the installation; the first part keeps the two apart.
    """
    return blind_index("signed manifest", weights_hash, json.dumps(manifest, sort_keys=True))


def require_signed(weights_hash: str, manifest: Mapping[str, Any], signature: str) -> None:
    """Raise UnusableWeightsError unless `signature` is ours for exactly this manifest."""
    if not hmac.compare_digest(signature, signature_of(weights_hash, manifest)):
        raise UnusableWeightsError(UNSIGNED, code="unsigned_weights")
