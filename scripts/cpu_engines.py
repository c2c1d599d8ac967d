"""What else could read texts on a processor, and how fast, beside how we do.

    python scripts/cpu_engines.py [ENGINE …]

Engines: padded (the network as it is), compiled (`torch.compile`), bfloat16, onnx and int8 (ONNX Runtime; int8
quantised as it runs, per channel, in a reduced range). All read the same token ids in the same batches, one batch in
each thread; in turn with ours, several times, so that a busy machine slows both. Prints the median of the ratios in
time and in the processor's work, the share of texts of which every decision is float32's, and the most memory that a
process held which had loaded nothing else. `onnx`, `onnxscript` and `onnxruntime` are no dependencies: install them
for the last two.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from model import starter
from model.batches import by_length
from model.decision import present, probabilities
from model.packed import Ids, side_by_side
from model.padded import Padded
from model.scoring import CPU_TOKENS, Logits, Scorer
from tests.benchmarks.posts import like_forum_posts, of_lengths

ENGINES = ("padded", "compiled", "bfloat16", "onnx", "int8")
POSTS, REAL, SHORT, ROUNDS, SHORT_ROUNDS = 60, 400, 35, 5, 30
READ = "read.json"
Read = Callable[[Ids], Logits]


def main(names: list[str]) -> None:
    """A line of a table for each engine and number of threads, each measured in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        scorer = Scorer.load(device="cpu")
        texts = [
            like_forum_posts(scorer.tokenizer, POSTS),
            [row["text"] for row in starter.load("heldout")[:REAL]],
        ]
        texts.append(of_lengths(scorer.tokenizer, [SHORT]))
        Path(folder, READ).write_text(json.dumps([scorer.reader.parts(own).ids for own in texts]), "utf-8")
        if {"onnx", "int8"} & set(names):
            _export(scorer.network, folder)
        print(
            "| engine | threads | speed against ours | work against ours | one text | decisions | memory, MB |"
        )
        print("|---|---:|---:|---:|---:|---:|---:|", flush=True)
        for name in names:
            for threads in (1, 2):
                subprocess.run(
                    [sys.executable, __file__, "--measure", name, str(threads), folder], check=True
                )


def measure(name: str, threads: int, folder: str) -> None:
    """Print an engine's line."""
    torch.set_num_threads(threads)
    posts, real, short = json.loads(Path(folder, READ).read_text("utf-8"))
    read = ENGINES_BY_NAME[name](folder)
    read_all(read, posts, threads)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    scorer = Scorer.load(device="cpu")

    def ours(ids: Ids) -> Logits:
        return _array(scorer.forward(ids))

    def all_ours() -> object:
        batches = [
            [posts[n] for n in own] for own in by_length([len(own) for own in posts], CPU_TOKENS, threads)
        ]
        return list(scorer.forward.each(batches))

    same = _same(scorer, read_all(read, posts + real, threads), read_all(ours, posts + real, 1))
    speed, work = _against(all_ours, lambda: read_all(read, posts, threads), ROUNDS)
    one = _against(lambda: ours(short), lambda: read(short), SHORT_ROUNDS)[0] if threads == 1 else None
    alone = "–" if one is None else f"{one:.2f}×"
    print(
        f"| {name} | {threads} | {speed:.2f}× | {work:.2f}× | {alone} | {same:.1%} | {memory:.0f} |",
        flush=True,
    )


def read_all(read: Read, ids: Ids, threads: int) -> Logits:
    """Logits (n, 10) of texts' token ids in their order."""
    found = np.zeros((len(ids), 10), dtype=np.float32)
    batches = list(by_length([len(own) for own in ids], CPU_TOKENS, threads))
    answers = side_by_side(read, [[ids[number] for number in batch] for batch in batches], threads)
    for batch, answer in zip(batches, answers, strict=True):
        found[batch] = answer
    return found


def _against(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> tuple[float, float]:
    """How many times ours is slower and does more work than theirs, as medians over rounds in turn."""
    pairs = [(_spent(ours), _spent(theirs)) for _ in range(rounds)]
    speed, work = (median(own[kind] / other[kind] for own, other in pairs) for kind in (0, 1))
    return speed, work


def _spent(read: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock and of the processors."""
    clock, worked = time.perf_counter(), time.process_time()
    read()
    return time.perf_counter() - clock, time.process_time() - worked


def _same(scorer: Scorer, found: Logits, reference: Logits) -> float:
    """The share of texts whose sentiment and labels are all as in float32."""
    chances, own = (probabilities(scorer.calibration, logits) for logits in (found, reference))
    same = (present(scorer.calibration, chances) == present(scorer.calibration, own)).all(axis=1)
    return float((same & (chances[:, :3].argmax(1) == own[:, :3].argmax(1))).mean())


def _array(logits: torch.Tensor) -> Logits:
    return logits.float().numpy()


def _of_torch(change: Callable[[Any], Any]) -> Callable[[str], Read]:
    def engine(_: str) -> Read:
        scorer = Scorer.load(device="cpu")
        padded = Padded(scorer.network, scorer.tokenizer.pad_token_id)
        padded.network = change(scorer.network)
        return lambda ids: _array(padded(ids))

    return engine


def _of_onnx(file: str) -> Callable[[str], Read]:
    def engine(folder: str) -> Read:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            f"{folder}/{file}", options, providers=["CPUExecutionProvider"]
        )

        def read(ids: Ids) -> Logits:
            width = max(len(own) for own in ids)
            tokens: NDArray[np.int64] = np.zeros((len(ids), width), dtype=np.int64)
            mask = np.zeros_like(tokens)
            for row, own in enumerate(ids):
                tokens[row, : len(own)], mask[row, : len(own)] = own, 1
            return np.asarray(session.run(None, {"input_ids": tokens, "attention_mask": mask})[0])

        return read

    return engine


def _export(network: Any, folder: str) -> None:
    """Write the network as ONNX files, in float32 and in int8."""
    from onnxruntime.quantization import quantize_dynamic

    some = torch.ones(2, 9, dtype=torch.long)
    axes = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens", max=512)}
    torch.onnx.export(
        network,
        kwargs={"input_ids": some, "attention_mask": some},
        f=f"{folder}/onnx",
        dynamo=True,
        dynamic_shapes={"input_ids": axes, "attention_mask": axes},
        verbose=False,
    )
    quantize_dynamic(f"{folder}/onnx", f"{folder}/int8", per_channel=True, reduce_range=True)


ENGINES_BY_NAME: dict[str, Callable[[str], Read]] = {
    "padded": _of_torch(lambda network: network),
    "compiled": _of_torch(lambda network: torch.compile(network, dynamic=True)),
    "bfloat16": _of_torch(lambda network: network.to(torch.bfloat16)),
    "onnx": _of_onnx("onnx"),
    "int8": _of_onnx("int8"),
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], int(sys.argv[3]), sys.argv[4])
    else:
        main(sys.argv[1:] or list(ENGINES))
