"""How many tokens of text a training learns from, against a default Trainer with fixed padding, in one run."""

from pathlib import Path

import pytest

from tests.benchmarks.training import PADDED_TO, compare

TEXTS = 320
BATCH_SIZE = 16


def test_tokens_a_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both in float32 on this machine's processor."""
    passes = compare(TEXTS, tmp_path, BATCH_SIZE)
    with capsys.disabled():
        print(
            f"\ntraining: {passes.tokens / passes.ours:.0f} tokens a second, {passes.theirs / passes.ours:.2f} times a "
            f"default Trainer that pads to {PADDED_TO} ({passes.tokens / passes.theirs:.0f}); {TEXTS} texts of "
            f"{passes.tokens / TEXTS:.0f} tokens"
        )
    assert passes.tokens > 0
