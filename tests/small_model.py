"""A small English model, really trained for a few seconds: whatever runs processes again and again begins with it."""

from pathlib import Path

ROWS = 160


def train(out: Path) -> Path:
    """Write its checkpoint directory: the packaged MiniLM with an adapter that has seen some starter rows."""
    from model import starter
    from model.backbones import ENGLISH
    from model.training import TrainingOptions, fine_tune

    rows = starter.load("train")[: 2 * ROWS]
    options = TrainingOptions(epochs=1, batch_size=16, rank=4, max_length=48, threads=1, seed=3, base=ENGLISH)
    fine_tune(rows[:ROWS], rows[ROWS:], None, out, options)
    return out
