"""Tokens of text a second that a training learns from on a card, against a default Trainer, in one run.

    python -m tests.gpu.training_speed [--texts 4000] [--batch-size 64]

Ours is the shipped recipe in bfloat16, theirs pads every text to 128, in float32, all weights learning. A plain script:
it needs no pytest.
"""

import argparse
import tempfile
from pathlib import Path

import torch

from tests.benchmarks.training import PADDED_TO, compare

FEW = 512


def main() -> None:
    """A short comparison to warm up, then the one that is printed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=4000)
    parser.add_argument("--batch-size", type=int, default=64)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for count in (FEW, options.texts):
            passes = compare(count, Path(scratch), options.batch_size, on_card=True)
    print(
        f"{torch.cuda.get_device_name()}: {passes.tokens / passes.ours:.0f} tokens a second, "
        f"{passes.theirs / passes.ours:.2f} times a default Trainer that pads to {PADDED_TO}"
    )


if __name__ == "__main__":
    main()
