"""How well detectors tell the language of short student texts, and what their mistakes cost.

`python scripts/language_figures.py rule|py3langid|lingua|lingua-low [CONFIDENCE]` prints one line of a table and
what it got wrong. `rule` is the one in use. lingua-language-detector is no dependency: install it to repeat its lines.

Covered: the starter corpus's texts in ten languages that no model learns from, each cut to 3 to 15 words by chance.
Not covered: tests/ingest/languages/not_covered.tsv.
"""

import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from model import languages, starter

NOT_COVERED = Path("tests/ingest/languages/not_covered.tsv")
ENGLISH = 80
Detector = Callable[[str], str]


def covered() -> Iterator[tuple[str, str]]:
    chance = random.Random(9)  # noqa: S311
    rows = [*starter.load("multilingual_heldout"), *starter.load("heldout")[:ENGLISH]]
    for row in rows:
        yield row["lang"], _cut(row["text"], row["lang"], chance.randint(3, 15), chance)


def not_covered() -> Iterator[tuple[str, str]]:
    for line in NOT_COVERED.read_text("utf-8").splitlines():
        language, text = line.split("\t")
        yield language, text


def _cut(text: str, language: str, count: int, chance: random.Random) -> str:
    if language == "zh":
        start = chance.randint(0, max(0, len(text) - 2 * count))
        return text[start : start + 2 * count]
    words = text.split()
    start = chance.randint(0, max(0, len(words) - count))
    return " ".join(words[start : start + count])


def detector(name: str, confidence: float) -> Detector:
    if name == "rule":
        return languages.detect
    if name == "py3langid":
        return _py3langid(confidence)
    return _lingua(confidence, low=name == "lingua-low")


def _py3langid(confidence: float) -> Detector:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def detect(text: str) -> str:
        language, share = identifier.classify(text)
        return str(language) if share >= confidence else languages.UNDETERMINED

    return detect


def _lingua(confidence: float, *, low: bool) -> Detector:
    from lingua import LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_all_languages()
    built = (builder.with_low_accuracy_mode() if low else builder).build()

    def detect(text: str) -> str:
        best = built.compute_language_confidence_values(text)[0]
        return (
            best.language.iso_code_639_1.name.lower() if best.value >= confidence else languages.UNDETERMINED
        )

    return detect


def main(name: str, confidence: float = 0.0) -> None:
    detect, idle = detector(name, confidence), _mebibytes()
    detect("Nun wird das Modell geladen.")
    ours, others = list(covered()), list(not_covered())
    start = time.process_time()
    found = [(language, detect(text)) for language, text in ours + others]
    each = (time.process_time() - start) / len(found) * 1000
    ours_found, others_found = found[: len(ours)], found[len(ours) :]
    right = sum(language == said for language, said in found)
    unscored = [language for language, said in ours_found if not languages.covered(said)]
    nonsense = [language for language, said in others_found if languages.covered(said)]
    print(
        f"{name:11} {confidence:4.2f} {right / len(found):8.3f} {len(unscored):5} of {len(ours_found)} "
        f"{len(nonsense):5} of {len(others_found)} {each:8.2f} {_mebibytes() - idle:6}"
    )
    print(
        "   not scored:",
        Counter(unscored).most_common(),
        " taken for covered:",
        Counter(nonsense).most_common(),
    )


def _mebibytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:]))
