"""Scoring texts: fast batched inference of a checkpoint on GPU or CPU."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray

from model import backbones, checkpoint, network
from model.batches import by_length
from model.checkpoint import Manifest
from model.decision import Calibration
from model.digits import digits
from model.errors import AlteredCheckpoint, BadInput, WrongBase
from model.labels import LABELS, id2label
from model.packed import Packed
from model.padded import Padded
from model.reading import Parts, TextReader
from model.splitting import combined

SHIPPED = Path(__file__).parent / "shipped"
CPU_TOKENS = 1024
GPU_TOKENS = 65536
"""Tokens that one processor or a whole card reads at once, with padding: what keeps its caches or all of it busy."""
READ_TOGETHER = 4096
READ_TOGETHER_ON_A_CARD = 8192
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
        learning: bool = False,
        exact: bool = False,
    ) -> None:
        """Take the network in, in place: its weights go to the device, on a card in bfloat16.

        On a processor they keep float32, and what reads them has digits of its own (`model.digits`), all of them when
        it is to be `exact`, the same on every processor. A network that is still `learning` stays as and where it is:
        its optimizer's steps need all digits.
        """
        self.device = next(loaded.parameters()).device if learning else _device(device)
        gpu = self.device.type == "cuda"
        self.network = loaded if learning else loaded.to(self.device, dtype=_held(self.device))
        packed = Packed.of(self.network, torch.float32 if exact else digits(self.device))
        self.forward = packed or Padded(self.network, tokenizer.pad_token_id or 0)
        self.budget = GPU_TOKENS if gpu else CPU_TOKENS
        self.together = READ_TOGETHER_ON_A_CARD if gpu else READ_TOGETHER
        self.tokenizer, self.reader = tokenizer, TextReader(tokenizer)
        self.manifest = manifest
        self.weights_hash = manifest.weights_hash
        self.calibration = calibration

    @classmethod
    def load(
        cls,
        path: Path | str | None = None,
        base: str | None = None,
        device: str = "auto",
        exact: bool = False,
    ) -> Self:
        """Load a verified checkpoint directory, the shipped one by default.

        `base` names another place of the base (a directory or packaged name); its weights must be those
        the adapter was trained on. `device` is "cpu", "cuda", or "auto" for the card where there is one;
        `exact` readings are the same on every processor, and slower on some. Raises MissingCheckpoint,
        AlteredCheckpoint, MissingBackbone, UnfitBackbone, WrongBase, BadInput for a device that is not there.
        """
        folder = Path(path) if path is not None else SHIPPED
        manifest = checkpoint.verify(folder)
        if network.settings(folder).get("id2label") != {str(n): name for n, name in id2label().items()}:
            raise AlteredCheckpoint(f"The checkpoint at {folder} has other labels than this version knows.")
        calibration = checkpoint.read_json(folder / checkpoint.CALIBRATION)
        opened = open_network(folder, manifest.kind, manifest.base, base)
        return cls(*opened, manifest, calibration, device, exact=exact)

    def score(self, texts: Sequence[str], progress: Progress | None = None) -> Logits:
        """Logits (n, 10) in the order of `texts`; a text of more than 256 tokens is read in pieces, all of it.

        Raises BadInput for a single string, what has no order, and what holds anything but strings.
        """
        if not _in_order(texts) or not all(isinstance(text, str) for text in texts):
            raise BadInput("Texts to score come as a list of strings.")
        logits = np.zeros((len(texts), len(LABELS)), dtype=np.float32)
        groups = [texts[start : start + self.together] for start in range(0, len(texts), self.together)]
        done = 0
        for parts in self._read(groups):

            def tell(share: float, start: int = done, count: int = parts.texts) -> None:
                if progress is not None:
                    progress(start + int(share * count), len(texts))

            logits[done : done + parts.texts] = self._score(parts, tell)
            done += parts.texts
        return logits

    def _read(self, groups: Sequence[Sequence[str]]) -> Iterable[Parts]:
        """On a card the next texts are tokenised meanwhile; a processor has no hand free for them."""
        if self.device.type == "cpu" or len(groups) == 1:
            return map(self.reader.parts, groups)
        return self.reader.ahead(groups)

    def _score(self, parts: Parts, tell: Callable[[float], None]) -> Logits:
        """Logits (n, 10) of a few thousand texts; `tell` is called with the share that is done."""
        lengths = [len(own) for own in parts.ids]
        found = np.zeros((len(lengths), len(LABELS)), dtype=np.float32)
        waiting = []
        done = 0
        batches = list(by_length(lengths, self.budget, self.forward.threads))
        answers = self.forward.each([[parts.ids[number] for number in batch] for batch in batches])
        for batch, answer in zip(batches, answers, strict=True):
            if self.device.type == "cpu":
                found[batch] = answer.numpy()
            else:
                waiting.append((batch, answer))
            done += len(batch)
            tell(done / len(lengths))
        for batch, answer in waiting:
            found[batch] = answer.float().cpu().numpy()
        return _of_texts(found, np.array(lengths), np.array(parts.owners))


def _of_texts(found: Logits, tokens: NDArray[np.int_], owners: NDArray[np.int_]) -> Logits:
    """One answer for each text (n, 10) from those of its parts; `owners` rises from 0 to n - 1."""
    first, counts = np.unique(owners, return_index=True, return_counts=True)[1:]
    result = found[first]
    for text in np.flatnonzero(counts > 1):
        own = slice(first[text], first[text] + counts[text])
        result[text] = combined(found[own], tokens[own].tolist())
    return result


def _in_order(texts: object) -> bool:
    """Whether it is a list, or as good as one: a tuple, an array of one dimension."""
    if isinstance(texts, Sequence):
        return not isinstance(texts, str | bytes)
    return getattr(texts, "ndim", None) == 1


def _device(name: str) -> torch.device:
    """The device of that name; BadInput for one that is not known or not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except (RuntimeError, TypeError) as error:
        raise BadInput(f"{name!r} is no device: say cpu, cuda or auto.") from error
    if device.type not in ("cpu", "cuda"):
        raise BadInput(f"{name!r} is no device that can be used: say cpu, cuda or auto.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadInput(f"There is no card for the device {name}: say cpu or auto.")
    return device


def _held(device: torch.device) -> torch.dtype:
    """A processor's network also says what a reading rests on, for which float32 is kept."""
    return digits(device) if device.type == "cuda" else torch.float32


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
