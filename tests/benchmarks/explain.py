"""Seconds and memory that the search for the words behind one label takes, by the length of the text.

    python -m tests.benchmarks.explain

Loading the network comes first: it is what the web process is spared, since a worker answers.
"""

import resource
import time

from model.attribution import explain
from model.scoring import Scorer
from tests.benchmarks.posts import of_lengths

LENGTHS = (20, 70, 240, 480)


def main() -> None:
    before = _megabytes()
    started = time.perf_counter()
    scorer = Scorer.load(device="cpu")
    texts = of_lengths(scorer.tokenizer, LENGTHS)
    explain(scorer, "Warm.", ["confusion"])
    print(f"loading: {time.perf_counter() - started:.1f} s, {_megabytes() - before:.0f} MB")
    for length, text in zip(LENGTHS, texts, strict=True):
        started, busy = time.perf_counter(), time.process_time()
        explain(scorer, text, ["confusion"])
        spent = time.perf_counter() - started
        print(f"{length} tokens: {spent:.2f} s, {time.process_time() - busy:.2f} s of processor")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
