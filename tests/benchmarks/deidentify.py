"""How fast texts are de-identified with a roster of 3 000 people: `python -m tests.benchmarks.deidentify`.

The roster mixes the names of the evaluation set; the texts are the starter corpus's, in ten languages. Times are of the
processor, so that a busy machine matters less.
"""

import random
import resource
import time

from lti_tool.ingest.deidentify import Deidentifier
from model import starter
from tests.ingest import mentioning
from tests.ingest.measuring import Name

PEOPLE = 3000


def main() -> None:
    known = [one for half in mentioning.HALVES for one in mentioning.roster(half)]
    chance = random.Random(1)
    people = [Name(chance.choice(known).given, chance.choice(known).family) for _ in range(PEOPLE)]
    texts = [row["text"] for part in ("train", "multilingual") for row in starter.load(part)]
    Deidentifier(people[:1]).clean("reads the word lists")
    start, idle = time.process_time(), _mebibytes()
    cleaner = Deidentifier(people)
    built, start = time.process_time() - start, time.process_time()
    for text in texts:
        cleaner.clean(text)
    seconds = time.process_time() - start
    letters = sum(map(len, texts)) // len(texts)
    print(f"{PEOPLE} people: built in {built:.2f} s; {len(texts)} texts of {letters} characters")
    print(f"{len(texts) / seconds:.0f} texts per second; {_mebibytes() - idle} MiB more at the end")


def _mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
