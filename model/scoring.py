"""Scoring texts: fast batched inference of a checkpoint on GPU or CPU."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from model import backbones, checkpoint, network
from model.batches import by_length
from model.checkpoint import Manifest
from model.decision import Calibration
from model.errors import AlteredCheckpoint, BadInput, WrongBase
from model.labels import LABELS, id2label
from model.network import MAX_LENGTH
from model.packed import Packed
from model.rows import encodable
from model.splitting import combined, pieces

SHIPPED = Path(__file__).parent / "shipped"
CPU_TOKENS = 2048
GPU_TOKENS = 65536
"""Tokens read at once, with padding: what keeps the caches of a processor or a whole card busy."""
READ_TOGETHER = 4096
"""Texts that are tokenised and sorted together; more would only take memory."""

Progress = Callable[[int, int], None]
Logits = NDArray[np.float32]


class Scorer:
    """A loaded checkpoint. `weights_hash` and `calibration` together are the model version."""

    def __init__(
        self,
        loaded: Any,
        tokenizer: Any,
        manifest: Manifest,
        calibration: Calibration,
        device: str = "auto",
    ) -> None:
        self.device = _device(device)
        gpu = self.device.type == "cuda"
        self.network = loaded.to(self.device, dtype=torch.bfloat16 if gpu else torch.float32)
        self.packed = Packed.of(self.network)
        self.budget = GPU_TOKENS if gpu else CPU_TOKENS
        self.tokenizer = tokenizer
        self.manifest = manifest
        self.weights_hash = manifest.weights_hash
        self.calibration = calibration

    @classmethod
    def load(cls, path: Path | str | None = None, base: str | None = None, device: str = "auto") -> Self:
        """Load a verified checkpoint directory, the shipped one by default.

        `base` names another place of the base (a directory or packaged name); its weights must be those
        the adapter was trained on. `device` is "cpu", "cuda", or "auto" for the card where there is one. Raises
        MissingCheckpoint, AlteredCheckpoint, MissingBackbone, WrongBase.
        """
        folder = Path(path) if path is not None else SHIPPED
        manifest = checkpoint.verify(folder)
        if network.settings(folder).get("id2label") != {str(n): name for n, name in id2label().items()}:
            raise AlteredCheckpoint(f"The checkpoint at {folder} has other labels than this version knows.")
        calibration = checkpoint.read_json(folder / checkpoint.CALIBRATION)
        opened = open_network(folder, manifest.kind, manifest.base, base)
        return cls(*opened, manifest, calibration, device)

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> Logits:
        """Logits (n, 10) in the order of `texts`; a text of more than 256 tokens is read in pieces, all of it.

        Raises BadInput for a single string or what is none.
        """
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise BadInput("Texts to score come as a list of strings.")
        logits = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
        for start in range(0, len(texts), READ_TOGETHER):
            own = [encodable(text) for text in texts[start : start + READ_TOGETHER]]

            def tell(share: float, start: int = start, count: int = len(own)) -> None:
                if progress is not None:
                    progress(start + int(share * count), len(texts))

            logits[start : start + len(own)] = self._score(own, tell)
        return logits

    def _score(self, texts: list[str], tell: Callable[[float], None]) -> Logits:
        """Logits (n, 10) of a few thousand texts; `tell` is called with the share that is done."""
        parts, owners = self._parts(texts)
        lengths = [len(own) for own in parts]
        found = np.zeros((len(parts), len(LABELS)), dtype=np.float32)
        done = 0
        for batch in by_length(lengths, self.budget):
            found[batch] = self._forward([parts[number] for number in batch])
            done += len(batch)
            tell(done / len(parts))
        if len(parts) == len(texts):
            return found
        tokens, whose = np.array(lengths), np.array(owners)
        return np.stack([combined(found[whose == text], tokens[whose == text]) for text in range(len(texts))])

    def _parts(self, texts: list[str]) -> tuple[list[list[int]], list[int]]:
        """Token ids of what is read at once, and of which text each is."""
        read = self.tokenizer(
            texts, return_offsets_mapping=True, return_special_tokens_mask=True, verbose=False
        )
        parts: list[list[int]] = []
        owners: list[int] = []
        for number, ids in enumerate(read["input_ids"]):
            own = read["offset_mapping"][number], read["special_tokens_mask"][number]
            fitting = [ids] if len(ids) <= MAX_LENGTH else _cut(texts[number], ids, *own)
            parts += fitting
            owners += [number] * len(fitting)
        return parts, owners

    def _forward(self, ids: list[list[int]]) -> Logits:
        if self.packed is not None:
            return np.asarray(self.packed(ids).numpy(), dtype=np.float32)
        padded = self.tokenizer.pad({"input_ids": ids}, return_tensors="pt").to(self.device)
        with torch.inference_mode():
            output = self.network(input_ids=padded["input_ids"], attention_mask=padded["attention_mask"])
        return np.asarray(output.logits.float().cpu().numpy(), dtype=np.float32)


def _cut(text: str, ids: list[int], offsets: list[tuple[int, int]], special: list[int]) -> list[list[int]]:
    """Token ids of a long text's pieces, each between the special tokens that stand around a text."""
    start, end = special.index(0), len(special) - special[::-1].index(0)
    head, own, tail = ids[:start], ids[start:end], ids[end:]
    room = MAX_LENGTH - len(head) - len(tail)
    return [head + own[piece] + tail for piece in pieces(text, offsets[start:end], room)]


def _device(name: str) -> torch.device:
    return torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)


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
    return network.load(folder, kind, backbone), network.base_tokenizer(backbone)
