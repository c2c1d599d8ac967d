"""Scoring texts: fast batched inference of a checkpoint on GPU or CPU."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from model import backbones, checkpoint, network
from model.checkpoint import Manifest
from model.decision import Calibration
from model.errors import AlteredCheckpoint, WrongBase
from model.labels import LABELS, id2label
from model.rows import encodable

SHIPPED = Path(__file__).parent / "shipped"
MAX_LENGTH = 256

Progress = Callable[[int, int], None]


class Scorer:
    """A loaded checkpoint. `weights_hash` and `calibration` together are the model version."""

    def __init__(self, loaded: Any, tokenizer: Any, manifest: Manifest, calibration: Calibration) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = loaded.to(self.device)
        self.tokenizer = tokenizer
        self.manifest = manifest
        self.weights_hash = manifest.weights_hash
        self.calibration = calibration

    @classmethod
    def load(cls, path: Path | str | None = None, base: str | None = None) -> Self:
        """Load a verified checkpoint directory, the shipped one by default.

        `base` names another place of the base (a directory or packaged name); its weights must be those
        the adapter was trained on. Raises MissingCheckpoint, AlteredCheckpoint, MissingBackbone, WrongBase.
        """
        folder = Path(path) if path is not None else SHIPPED
        manifest = checkpoint.verify(folder)
        if network.settings(folder).get("id2label") != {str(n): name for n, name in id2label().items()}:
            raise AlteredCheckpoint(f"The checkpoint at {folder} has other labels than this version knows.")
        calibration = checkpoint.read_json(folder / checkpoint.CALIBRATION)
        return cls(*open_network(folder, manifest.kind, manifest.base, base), manifest, calibration)

    def score(
        self, texts: Sequence[str], batch_size: int = 32, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Logits (n, 10) in the order of `texts`; longer texts are cut at 256 tokens."""
        logits = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
        encoded = (
            self.tokenizer([encodable(text) for text in texts], truncation=True, max_length=MAX_LENGTH)[
                "input_ids"
            ]
            if texts
            else []
        )
        done = 0
        for batch in by_length(encoded, batch_size):
            logits[batch] = self._forward([encoded[number] for number in batch])
            done += len(batch)
            if progress is not None:
                progress(done, len(texts))
        return logits

    def _forward(self, ids: list[list[int]]) -> NDArray[np.float32]:
        padded = self.tokenizer.pad({"input_ids": ids}, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            output = self.network(input_ids=padded["input_ids"], attention_mask=padded["attention_mask"])
        return np.asarray(output.logits.float().cpu().numpy(), dtype=np.float32)


def open_network(
    folder: Path, kind: str, trained_on: dict[str, str], base: str | None = None
) -> tuple[Any, Any]:
    """Network and tokenizer of a checkpoint directory; WrongBase when the base is not the adapter's."""
    if kind == checkpoint.FULL:
        return network.load(folder, kind, None), network.tokenizer_of(str(folder))
    backbone = backbones.resolve(base or str(trained_on["name"]))
    if backbone.sha256 != trained_on["sha256"]:
        raise WrongBase(
            f"The adapter at {folder} was not trained on {backbone.name}: it belongs to other base weights."
        )
    return network.load(folder, kind, backbone), network.tokenizer_of(backbone.source)


def by_length(encoded: Sequence[Sequence[int]], batch_size: int) -> Iterator[list[int]]:
    """Positions in batches of texts of like length, longest first, so that memory peaks at once."""
    order = sorted(range(len(encoded)), key=lambda number: -len(encoded[number]))
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]
