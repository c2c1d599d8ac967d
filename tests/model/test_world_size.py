"""Training over two processes on the CPU, with a teacher: both are there, and both end with the same weights."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import sys
from pathlib import Path

import numpy as np
from accelerate import PartialState

from model import starter
from model.backbones import ENGLISH
from model.teaching import taught
from model.training import TrainingOptions, fine_tune

rows = starter.load("train")[:96]
options = TrainingOptions(epochs=1, rank=2, batch_size=8, max_length=16, threads=1, seed=3, base=ENGLISH)
told = [*taught(rows[:32], np.zeros((32, 10))), *rows[32:64]]
manifest = fine_tune(told, rows[64:], None, Path(sys.argv[1]), options)
print("RANK", PartialState().process_index, PartialState().num_processes, manifest.steps, manifest.weights_hash)
"""


@pytest.mark.campaign
def test_there_are_two_processes_and_each_sees_half_of_the_rows(tmp_path: Path) -> None:
    """`accelerate launch --cpu --num_processes 2` would silently run one, so the number is asserted."""
    script = tmp_path / "train.py"
    script.write_text(SCRIPT)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    answer = subprocess.run(
        [*launcher, str(script), str(tmp_path / "out")],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    lines = sorted(line.split()[1:] for line in answer.stdout.splitlines() if line.startswith("RANK"))
    assert [line[0] for line in lines] == ["0", "1"]
    assert {line[1] for line in lines} == {"2"}, "the world has two processes"
    assert {line[2] for line in lines} == {"4"}, "64 rows in batches of 8 for each of two"
    assert len({line[3] for line in lines}) == 1
