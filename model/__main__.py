"""`python -m model COMMAND`.

What is wrong with a file or a checkpoint is told in one line on standard error, with exit status 2 and
nothing written. Ctrl-C and SIGTERM end a command in one line, too, with the exit status 130 or 143.
"""

import os
import signal
import warnings

import click

from model.commands.average import average
from model.commands.evaluate import evaluate
from model.commands.release import card, export, prepare, push, verify
from model.commands.score import score
from model.commands.telling import Stoppable, terminate
from model.commands.train import corpora, train


@click.group(cls=Stoppable)
def main() -> None:
    """Train, evaluate and use the classifier."""
    warnings.filterwarnings("ignore")


for command in (train, average, corpora, evaluate, score, export, push, verify, card, prepare):
    main.add_command(command)


if __name__ == "__main__":
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    signal.signal(signal.SIGTERM, terminate)
    main(prog_name="python -m model")
